import { useQuery } from "@tanstack/react-query";
import { useSignedIn } from "../shell/context.tsx";
import { allPages } from "./all-pages.ts";
import { useObservable } from "./use-observable.ts";

/** Whether the user has done something in a conversation: it decides whose pictures are fetched (docs/decisions/0006). */
export function useIsFamiliarChat(conversation_id: string): boolean {
  return useObservable(useSignedIn().familiarChats).has(conversation_id);
}

/** The same; or the other one of a one-on-one is a friend, who may have written first. */
export function useIsFamiliar(conversation_id: string, peer_id: string | null): boolean {
  const { client } = useSignedIn();
  const isFamiliarChat = useIsFamiliarChat(conversation_id);
  const { data: friend_ids } = useQuery({
    // Among all that is asked again when a friendship begins or ends.
    queryKey: ["people", "friend_ids"],
    queryFn: async () => {
      const friends = await allPages((page) => client.api.friends(page));
      return friends.map(({ user }) => user.user_id);
    },
    enabled: !isFamiliarChat && peer_id !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return isFamiliarChat || (peer_id !== null && friend_ids?.includes(peer_id) === true);
}

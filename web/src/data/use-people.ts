import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { User } from "../../../sdk/index.ts";
import { useSignedIn } from "../shell/context.tsx";
import { allPages } from "./all-pages.ts";
import { learnUsers } from "./people.ts";

/** Friends, requests, blocks: everybody to whom the user stands in some way. */
export function usePeople() {
  const { client } = useSignedIn();
  const queries = useQueryClient();
  return useQuery({
    queryKey: ["people", "all"],
    queryFn: async () => {
      const { api } = client;
      const [friends, incoming, outgoing, blocks] = await Promise.all([
        allPages((page) => api.friends(page)),
        allPages((page) => api.friends({ ...page, status: "incoming" })),
        allPages((page) => api.friends({ ...page, status: "outgoing" })),
        allPages((page) => api.blocks(page)),
      ]);
      const usersOf = (items: readonly { user: User }[]) => items.map(({ user }) => user);
      const lists = {
        friends: usersOf(friends),
        incoming: usersOf(incoming),
        outgoing: usersOf(outgoing),
        blocked: usersOf(blocks),
      };
      learnUsers(queries, Object.values(lists).flat());
      return lists;
    },
  });
}

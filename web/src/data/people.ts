import { type QueryClient, useQueries, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { User } from "../../../sdk/index.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";

const FRESH_MS = 10 * 60_000;

/** Users as other answers brought them, so that nobody is asked for them again. */
export function learnUsers(queries: QueryClient, users: readonly User[]): void {
  for (const user of users) queries.setQueryData(["user", user.user_id], user);
}

export function nameOf(user: Pick<User, "display_name" | "username">): string {
  return user.display_name || user.username;
}

function useUserQuery() {
  const { loadUser } = useSignedIn();
  return (user_id: string) => ({
    queryKey: ["user", user_id],
    queryFn: () => loadUser(user_id),
    staleTime: FRESH_MS,
  });
}

export function useUser(user_id: string | null): User | null {
  const query = useUserQuery();
  const { data } = useQuery({ ...query(user_id ?? ""), enabled: user_id !== null });
  return data ?? null;
}

/** A user with what it says of itself, which is asked for each of them alone. */
export function useProfile(user_id: string): User | null {
  const { client } = useSignedIn();
  const { data } = useQuery({
    queryKey: ["profile", user_id],
    queryFn: () => client.api.user(user_id),
    staleTime: FRESH_MS,
  });
  return data ?? null;
}

/** The name to show for a user; empty until it is known. */
export function useName(user_id: string | null): string {
  const text = useText();
  const query = useUserQuery();
  const { data, isError } = useQuery({ ...query(user_id ?? ""), enabled: user_id !== null });
  return data ? nameOf(data) : isError ? text.unknownPerson : "";
}

/** Those of the users who are known by now; asks for the others. */
export function useUsers(user_ids: readonly string[]): User[] {
  const query = useUserQuery();
  const results = useQueries({ queries: user_ids.map(query) });
  return results.flatMap(({ data }) => data ?? []);
}

/** A value once it has stayed the same for a moment. */
export function useLater<T>(value: T, delay_ms: number, set: (value: T) => void): void {
  useEffect(() => {
    const timer = setTimeout(() => set(value), delay_ms);
    return () => clearTimeout(timer);
  }, [value, delay_ms, set]);
}

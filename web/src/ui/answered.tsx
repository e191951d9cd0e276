import type { ReactNode } from "react";
import { Failed, Loading } from "./states.tsx";

interface Query<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

/** What a query has answered. That stays, with whatever is being written in it, also when asking once more does not work. */
export function Answered<T>({
  query: { data, error, refetch },
  children,
}: {
  query: Query<T>;
  children: (data: T) => ReactNode;
}) {
  if (data !== undefined) return children(data);
  return error ? <Failed error={error} onRetry={() => void refetch()} /> : <Loading />;
}

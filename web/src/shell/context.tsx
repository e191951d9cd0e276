import { createContext, type ReactNode, useContext } from "react";
import type { UimClient } from "../../../sdk/index.ts";
import type { WebSession } from "../session/session.ts";

interface Signed {
  readonly session: WebSession;
  readonly client: UimClient;
  /** Whoever has signed in. */
  readonly user_id: string;
}

const Context = createContext<Signed | null>(null);

export function SignedInProvider({
  session,
  user_id,
  children,
}: Omit<Signed, "client"> & { children: ReactNode }) {
  return <Context value={{ session, client: session.client, user_id }}>{children}</Context>;
}

/** For everything that is shown only to somebody who has signed in. */
export function useSignedIn(): Signed {
  const signed = useContext(Context);
  if (!signed) throw new Error("This is shown to nobody who has not signed in");
  return signed;
}

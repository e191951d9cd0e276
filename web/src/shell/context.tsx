import { createContext, type ReactNode, useContext, useState } from "react";
import type { UimClient } from "../../../sdk/index.ts";
import { type LoadUser, userLoader } from "../data/user-loader.ts";
import type { WebSession } from "../session/session.ts";

interface Signed {
  readonly session: WebSession;
  readonly client: UimClient;
  /** Whoever has signed in. */
  readonly user_id: string;
  readonly loadUser: LoadUser;
}

const Context = createContext<Signed | null>(null);

export function SignedInProvider({
  session,
  user_id,
  children,
}: Pick<Signed, "session" | "user_id"> & { children: ReactNode }) {
  const { client } = session;
  const [loadUser] = useState(() => userLoader(client.api));
  return <Context value={{ session, client, user_id, loadUser }}>{children}</Context>;
}

/** For everything that is shown only to somebody who has signed in. */
export function useSignedIn(): Signed {
  const signed = useContext(Context);
  if (!signed) throw new Error("This is shown to nobody who has not signed in");
  return signed;
}

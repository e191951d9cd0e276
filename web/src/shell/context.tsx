import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { type UimClient, UimError } from "../../../sdk/index.ts";
import { FamiliarChats } from "../data/familiar-chats.ts";
import { type LoadUser, userLoader } from "../data/user-loader.ts";
import type { WebSession } from "../session/session.ts";
import { hush } from "../ui/announcer.tsx";
import { closeDialog } from "./dialogs.ts";

interface Signed {
  readonly session: WebSession;
  readonly client: UimClient;
  /** Whoever has signed in. */
  readonly user_id: string;
  readonly loadUser: LoadUser;
  readonly familiarChats: FamiliarChats;
}

const Context = createContext<Signed | null>(null);

/** The queries are of one user alone: what was answered to the one before is nowhere, and what is answered late reaches nobody. */
export function SignedInProvider({
  session,
  user_id,
  children,
}: Pick<Signed, "session" | "user_id"> & { children: ReactNode }) {
  const { client } = session;
  const [loadUser] = useState(() => userLoader(client.api));
  const [familiarChats] = useState(() => new FamiliarChats(user_id));
  const [queries] = useState(newQueries);
  // What lies outside of these screens and is the user's all the same.
  useEffect(
    () => () => {
      closeDialog();
      hush();
    },
    [],
  );
  return (
    <QueryClientProvider client={queries}>
      <Context value={{ session, client, user_id, loadUser, familiarChats }}>{children}</Context>
    </QueryClientProvider>
  );
}

function newQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The SDK has tried again already wherever that helps.
        retry: false,
        refetchOnWindowFocus: false,
        throwOnError: (error) => !(error instanceof UimError),
      },
    },
  });
}

/** For everything that is shown only to somebody who has signed in. */
export function useSignedIn(): Signed {
  const signed = useContext(Context);
  if (!signed) throw new Error("This is shown to nobody who has not signed in");
  return signed;
}

import { CloudOff } from "lucide-react";
import { useEffect } from "react";
import { useObservable } from "../data/use-observable.ts";
import type { SessionState, WebSession } from "../session/session.ts";
import { useText } from "../text/text.tsx";
import { Button } from "../ui/button.tsx";
import { Broken, lazily, Part } from "../ui/part.tsx";
import { Empty, Loading } from "../ui/states.tsx";
import { SignedInProvider } from "./context.tsx";

/** Each is loaded only for those who need it: who has signed in, and who is asked to. */
const AuthScreen = lazily(async () => (await import("../auth/auth-screen.tsx")).AuthScreen);
const Frame = lazily(async () => (await import("./frame.tsx")).Frame);

export function App({ session }: { session: WebSession }) {
  const state = useObservable(session.state);
  // Each has a part of its own: while the next one is being loaded, nothing of the one before is to go on.
  return (
    <Part key={state.phase} loading={<Starting />} broken={(error) => <Stuck error={error} />}>
      <Screen session={session} state={state} />
    </Part>
  );
}

function Screen({ session, state }: { session: WebSession; state: SessionState }) {
  switch (state.phase) {
    case "starting":
      return <Starting />;
    case "unreachable":
      return <Unreachable session={session} />;
    case "signed_out":
      return <AuthScreen session={session} end={state.end} />;
    case "signed_in":
      return (
        <SignedInProvider key={state.user_id} session={session} user_id={state.user_id}>
          <Frame />
        </SignedInProvider>
      );
  }
}

function Starting() {
  return (
    <main className="flex h-full">
      <Loading />
    </main>
  );
}

function Stuck({ error }: { error: unknown }) {
  return (
    <main className="flex h-full">
      <Broken error={error} />
    </main>
  );
}

const AGAIN_MS = 5_000;

function Unreachable({ session }: { session: WebSession }) {
  const text = useText();
  useEffect(() => {
    const again = () => void session.start();
    const timer = setTimeout(again, AGAIN_MS);
    addEventListener("online", again);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", again);
    };
  }, [session]);
  return (
    <main className="flex h-full">
      <Empty icon={CloudOff} title={text.unreachable} hint={text.unreachableHint}>
        <Button className="mt-3" onClick={() => void session.start()}>
          {text.retry}
        </Button>
      </Empty>
    </main>
  );
}

import "./no-eval.ts";
import "./styles.css";
import { createRoot } from "react-dom/client";
import { WebSession } from "./session/session.ts";
import { App } from "./shell/app.tsx";
import { reloadOnNewBuild } from "./shell/new-build.ts";
import { registerServiceWorker } from "./shell/service-worker.ts";
import { TextProvider } from "./text/text.tsx";
import { Announcer } from "./ui/announcer.tsx";

const session = new WebSession(location.origin);

reloadOnNewBuild();
void session.start();
// What comes next is fetched meanwhile. If it cannot be, that is said where it would be shown.
const isStarting = session.state.getSnapshot().phase === "starting";
const next = isStarting ? import("./shell/frame.tsx") : import("./auth/auth-screen.tsx");
next.catch(() => undefined);
if (import.meta.env.PROD) registerServiceWorker();

const root = document.getElementById("root");
if (!root) throw new Error("The page has no root");
// What a part of the page has caught is shown in its place.
createRoot(root, { onCaughtError: (error) => console.warn(error) }).render(
  <TextProvider>
    <App session={session} />
    <Announcer />
  </TextProvider>,
);

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
// What comes next is fetched meanwhile.
if (session.state.getSnapshot().phase === "starting") void import("./shell/frame.tsx");
else void import("./auth/auth-screen.tsx");
if (import.meta.env.PROD) registerServiceWorker();

const root = document.getElementById("root");
if (!root) throw new Error("The page has no root");
createRoot(root).render(
  <TextProvider>
    <App session={session} />
    <Announcer />
  </TextProvider>,
);

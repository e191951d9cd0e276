import "./no-eval.ts";
import "./styles.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { UimError } from "../../sdk/index.ts";
import { WebSession } from "./session/session.ts";
import { App } from "./shell/app.tsx";
import { reloadOnNewBuild } from "./shell/new-build.ts";
import { registerServiceWorker } from "./shell/service-worker.ts";
import { TextProvider } from "./text/text.tsx";
import { Announcer } from "./ui/announcer.tsx";

const session = new WebSession(location.origin);
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The SDK has tried again already wherever that helps.
      retry: false,
      refetchOnWindowFocus: false,
      throwOnError: (error) => !(error instanceof UimError),
    },
  },
});

reloadOnNewBuild();
void session.start();
// What comes next is fetched meanwhile.
if (session.state.getSnapshot().phase === "starting") void import("./shell/frame.tsx");
else void import("./auth/auth-screen.tsx");
if (import.meta.env.PROD) registerServiceWorker();

const root = document.getElementById("root");
if (!root) throw new Error("The page has no root");
createRoot(root).render(
  <QueryClientProvider client={queries}>
    <TextProvider>
      <App session={session} />
      <Announcer />
    </TextProvider>
  </QueryClientProvider>,
);

import path from "node:path";
import { type BareSetup, startBareWorkerd } from "../servers/bare-workerd.ts";
import type { Running } from "../servers/running.ts";

/** Objects that do no more than answer, or store some rows: what memory workerd takes by itself. */
export function startBare(v8Flags: readonly string[] = []): Promise<Running> {
  return startBareWorkerd(path.join(import.meta.dirname, "worker.mjs"), (setup) =>
    bareConfig(setup, v8Flags),
  );
}

function bareConfig({ compatibilityDate, module, state }: BareSetup, v8Flags: readonly string[]): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(v8Flags)},
  services = [
    (name = "bare", worker = .bare),
    (name = "state", disk = (path = ${JSON.stringify(state)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "bare")],
);

const bare :Workerd.Worker = (
  compatibilityDate = "${compatibilityDate}",
  modules = [(name = "worker.mjs", esModule = embed "${module}")],
  bindings = [(name = "BARE", durableObjectNamespace = "BareObject")],
  durableObjectNamespaces = [(className = "BareObject", uniqueKey = "bare", enableSql = true)],
  durableObjectStorage = (localDisk = "state"),
);
`;
}

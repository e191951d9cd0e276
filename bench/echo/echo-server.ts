import path from "node:path";
import { type BareSetup, startBareWorkerd } from "../servers/bare-workerd.ts";
import type { Running } from "../servers/running.ts";

/** Plain echo on the same workerd: the limit of what anything built on it could reach. */
export function startEcho(): Promise<Running> {
  return startBareWorkerd(path.join(import.meta.dirname, "worker.mjs"), echoConfig);
}

function echoConfig({ compatibilityDate, module }: BareSetup): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "echo", worker = .echo)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "echo")],
);

const echo :Workerd.Worker = (
  compatibilityDate = "${compatibilityDate}",
  modules = [(name = "worker.mjs", esModule = embed "${module}")],
  bindings = [(name = "ECHO", durableObjectNamespace = "EchoObject")],
  durableObjectNamespaces = [(className = "EchoObject", uniqueKey = "echo")],
  durableObjectStorage = (inMemory = void),
);
`;
}

import type { Cancel, ConnectionSnapshot, Observable } from "../../../sdk/index.ts";

/** Calls back whenever a connection that was broken is there again, and what was missed has come. */
export function whenSyncedAgain(connection: Observable<ConnectionSnapshot>, call: () => void): Cancel {
  let wasBroken = false;
  const look = () => {
    const { state, isSynced } = connection.getSnapshot();
    // Each that breaks, or does not come about, waits before it is tried again.
    if (state.phase === "waiting") wasBroken = true;
    if (!wasBroken || !isSynced) return;
    wasBroken = false;
    call();
  };
  look();
  return connection.subscribe(look);
}

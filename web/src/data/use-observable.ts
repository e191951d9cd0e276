import { useSyncExternalStore } from "react";
import type { Observable } from "../../../sdk/index.ts";

export function useObservable<T>(observable: Observable<T>): T {
  return useSyncExternalStore(observable.subscribe, observable.getSnapshot);
}

import { useSyncExternalStore } from "react";
import type { Observable } from "./observable";

/** The current state of an observable; the component follows its changes. */
export function useObservable<State>(observable: Observable<State>): State {
  return useSyncExternalStore(observable.subscribe, observable.getSnapshot, observable.getSnapshot);
}

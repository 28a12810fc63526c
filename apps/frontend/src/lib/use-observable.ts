import { useSyncExternalStore } from "react";
import type { Observable } from "./observable";

/** The current state of an observable; the component follows its changes. */
export function useObservable<State>(observable: Observable<State>): State {
  return useSyncExternalStore(observable.subscribe, observable.getSnapshot, observable.getSnapshot);
}

/**
 * A part of an observable's state; the component follows that alone. `select` must return the same value
 * for the same state: a primitive, or an object that is part of it.
 */
export function useSelected<State, Part>(
  observable: Observable<State>,
  select: (state: State) => Part,
): Part {
  const get = (): Part => select(observable.getSnapshot());
  return useSyncExternalStore(observable.subscribe, get, get);
}

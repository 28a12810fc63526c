import { useEffect, useState } from "react";
import type { Observable } from "./observable";

/**
 * The state of an observable that changes faster than anybody can see: it is followed at once, and then
 * no more often than each `pauseMs`.
 */
export function useThrottled<State>(observable: Observable<State>, pauseMs: number): State {
  const [seen, setSeen] = useState(() => ({ observable, state: observable.getSnapshot() }));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let changed = false;
    const take = (): void => setSeen({ observable, state: observable.getSnapshot() });
    const pause = (): void => {
      timer = setTimeout(() => {
        timer = undefined;
        if (!changed) return;
        changed = false;
        take();
        pause();
      }, pauseMs);
    };
    const onChange = (): void => {
      if (timer !== undefined) {
        changed = true;
        return;
      }
      take();
      pause();
    };
    take();
    const unsubscribe = observable.subscribe(onChange);
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [observable, pauseMs]);
  return seen.observable === observable ? seen.state : observable.getSnapshot();
}

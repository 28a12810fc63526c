import { useSyncExternalStore } from "react";
import { dayOf } from "./dates";

/** How often one looks whether it is another day, in milliseconds. */
const LOOK_MS = 30_000;

function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, LOOK_MS);
  // A device that slept over midnight.
  document.addEventListener("visibilitychange", listener);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", listener);
  };
}

/** Today, `YYYY-MM-DD`. Null in what the server renders, which doesn't know the reader's time zone. */
export function useToday(): string | null {
  return useSyncExternalStore(
    subscribe,
    () => dayOf(new Date()),
    () => null,
  );
}

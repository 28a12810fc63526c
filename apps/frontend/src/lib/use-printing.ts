import { useSyncExternalStore } from "react";

let printing = false;

function subscribe(listener: () => void): () => void {
  const begin = (): void => {
    printing = true;
    listener();
  };
  const end = (): void => {
    printing = false;
    listener();
  };
  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
  return () => {
    window.removeEventListener("beforeprint", begin);
    window.removeEventListener("afterprint", end);
  };
}

/** Whether the page is being printed. What is drawn for that is there in time: React follows before the event is over. */
export function usePrinting(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => printing,
    () => false,
  );
}

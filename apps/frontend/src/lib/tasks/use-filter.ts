import { useSearchParams } from "next/navigation";
import { useSyncExternalStore } from "react";
import type { TaskFilter } from "./types";
import { parseFilter, TASK_FILTER_PARAMETER } from "./views";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

function filterOf(search: string): TaskFilter {
  return parseFilter(new URLSearchParams(search).get(TASK_FILTER_PARAMETER));
}

/** Takes a filter, in the place of the one that the address names: Back leads to another view, not to another filter. */
export function chooseFilter(filter: TaskFilter): void {
  const url = new URL(window.location.href);
  if (filter === "all") url.searchParams.delete(TASK_FILTER_PARAMETER);
  else url.searchParams.set(TASK_FILTER_PARAMETER, filter);
  window.history.replaceState(null, "", `${url.pathname}${url.search}`);
  for (const listener of listeners) listener();
}

/** The filter that the address names. */
export function useFilter(): TaskFilter {
  const params = useSearchParams();
  return useSyncExternalStore(
    subscribe,
    () => filterOf(window.location.search),
    () => parseFilter(params?.get(TASK_FILTER_PARAMETER)),
  );
}

import { setTimeout as sleep } from "node:timers/promises";
import type { LocalTree } from "./tree";

/** How often a tree is looked at, and how long nothing may change until it counts as saved. */
export const POLL_MS = 100;
export const QUIET_MS = 30;
/** A tree that never comes to rest is taken as it is after this. */
const LONGEST_MS = 2_000;

/** An edit: what has changed, and when it was saved, in milliseconds since 1970. */
export interface Edit {
  paths: string[];
  savedAt: number;
}

/** Looks at a tree until `signal` ends it, and tells each edit once it is whole. */
export async function watch(
  tree: LocalTree,
  onEdit: (edit: Edit) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const noticed = Date.now();
    const paths = new Set(tree.look());
    if (paths.size > 0) {
      while (!signal.aborted && Date.now() - noticed < LONGEST_MS) {
        await pause(QUIET_MS, signal);
        const more = tree.look();
        if (more.length === 0) break;
        for (const path of more) paths.add(path);
      }
      onEdit({ paths: [...paths], savedAt: saved(tree.savedAt([...paths]), noticed) });
    }
    await pause(POLL_MS, signal);
  }
}

/** A file that is moved here keeps its old time, and one from another machine may be of tomorrow. */
function saved(time: number | undefined, noticed: number): number {
  const since = noticed - 2 * POLL_MS;
  return time === undefined || time < since || time > Date.now() ? noticed : time;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}

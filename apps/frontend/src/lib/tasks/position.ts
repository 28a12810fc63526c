import { BASE_52_DIGITS, generateKeyBetween } from "fractional-indexing";
import type { Task } from "./types";

/** The back end writes positions in these, see `PositionField` in apps/backend/app/models/task.py. */
const DIGITS = "0123456789abcdef";

type Placed = Pick<Task, "position">;

/** Which of two tasks comes first in the order that was made by hand. */
export function byPosition(one: Placed, other: Placed): number {
  // Byte by byte, as the back end compares: a language's order would be another one.
  if (one.position === other.position) return 0;
  return one.position < other.position ? -1 : 1;
}

/**
 * The position of a task that is put before the task at `index` of `others`, which are in the order made
 * by hand and without the task itself.
 */
export function positionAt(others: readonly Placed[], index: number): string {
  const before = others[index - 1]?.position ?? null;
  // Between two with the same position there is no room; then it goes behind both.
  const after = others.slice(index).find(({ position }) => before === null || position > before);
  return generateKeyBetween(before, after?.position ?? null, DIGITS, BASE_52_DIGITS);
}

/** The position of a task that is added now: the last one. */
export function lastPosition(tasks: readonly Placed[]): string {
  const last = tasks.reduce<Placed | null>(
    (found, task) => (found && byPosition(found, task) > 0 ? found : task),
    null,
  );
  return positionAt(last ? [last] : [], 1);
}

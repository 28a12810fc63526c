import type { Task } from "./types";

/** Hexadecimal digits that every position has after its `n`; what follows is a fraction of their last. */
const WHOLE = 14;

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
  return `n${between(before?.slice(1) ?? null, after?.position.slice(1) ?? null)}`;
}

/** Digits of a number between two; null stands for no bound, where the whole number next to the other one will do. */
function between(low: string | null, high: string | null): string {
  if (low !== null && high !== null) return middle(low, high).padEnd(WHOLE, "0");
  const bound = BigInt(`0x${(low ?? high ?? "2").slice(0, WHOLE)}`);
  if (low === null && bound === 0n) return middle("", high).padEnd(WHOLE, "0");
  return (bound + (low === null ? -1n : 1n)).toString(16).padStart(WHOLE, "0");
}

/** The digits of a fraction between two, as few as will do; null stands for 1. */
function middle(low: string, high: string | null): string {
  for (let place = 0; ; place += 1) {
    const least = Number.parseInt(low[place] ?? "0", 16);
    const most = high === null ? 16 : Number.parseInt(high[place] ?? "0", 16);
    if (least === most) continue;
    const same = (high ?? "").slice(0, place);
    if (most - least > 1) return same + ((least + most) >> 1).toString(16);
    return same + least.toString(16) + middle(low.slice(place + 1), null);
  }
}

/** The position of a task that is added now: the last one. */
export function lastPosition(tasks: readonly Placed[]): string {
  const last = tasks.reduce<Placed | null>(
    (found, task) => (found && byPosition(found, task) > 0 ? found : task),
    null,
  );
  return `${last?.position ?? "n00000000000001"}8`;
}

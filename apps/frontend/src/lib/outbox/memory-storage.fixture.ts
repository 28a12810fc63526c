import type { Waiting } from "./changes";
import type { OutboxStorage } from "./storage";

/** Keeps changes for tests, over several pages of one browser. */
export class MemoryStorage implements OutboxStorage {
  readonly kept = new Map<string, Waiting>();
  full = false;

  read(): Waiting[] {
    return [...this.kept.values()].sort((a, b) => (a.entry < b.entry ? -1 : 1));
  }

  write(change: Waiting): boolean {
    if (this.full) return false;
    this.kept.set(change.entry, structuredClone(change));
    return true;
  }

  remove(entry: string): void {
    this.kept.delete(entry);
  }
}

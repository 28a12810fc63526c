import type { Waiting } from "./changes";

/** Where what waits is kept; one user's changes, of all tabs. */
export interface OutboxStorage {
  /** All that is kept, the oldest first. */
  read(): Waiting[];
  /** Keeps a change, or what has become of it. Tells whether it will outlive the page. */
  write(change: Waiting): boolean;
  remove(entry: string): void;
}

/** Keeps changes in `localStorage`, each under a key of its own so that tabs don't overwrite each other's. */
export class LocalOutboxStorage implements OutboxStorage {
  private readonly prefix: string;

  constructor(userId: string) {
    this.prefix = `outbox/${userId}/`;
  }

  read(): Waiting[] {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
      return keys.sort().flatMap((key) => parse(localStorage.getItem(key)));
    } catch {
      return [];
    }
  }

  write(change: Waiting): boolean {
    try {
      localStorage.setItem(this.prefix + change.entry, JSON.stringify(change));
      return true;
    } catch {
      // Full, or switched off: the change lives as long as the page.
      return false;
    }
  }

  remove(entry: string): void {
    try {
      localStorage.removeItem(this.prefix + entry);
    } catch {
      // Switched off: it was never there.
    }
  }
}

function parse(text: string | null): Waiting[] {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    const known =
      typeof value === "object" && value !== null && "kind" in value && "entry" in value;
    return known ? [value as Waiting] : [];
  } catch {
    return [];
  }
}

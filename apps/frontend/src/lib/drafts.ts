/** What is kept where no other name is given: the message to the assistant. */
const MESSAGE = "message";

/** Keeps what a person is typing over a reload or a new sign-in, for this tab and user only. */
export class DraftStorage {
  constructor(private readonly userId: string) {}

  /** What is kept under a name; empty where there is nothing. */
  load(name = MESSAGE): string {
    try {
      return sessionStorage.getItem(this.keyOf(name)) ?? "";
    } catch {
      return "";
    }
  }

  /** Keeps a text under a name; an empty one is forgotten. */
  save(text: string, name = MESSAGE): void {
    try {
      if (text) sessionStorage.setItem(this.keyOf(name), text);
      else sessionStorage.removeItem(this.keyOf(name));
    } catch {
      // Storage is full or switched off: the draft just isn't kept.
    }
  }

  /** Forgets all that this person has typed. */
  clear(): void {
    try {
      for (const key of Object.keys(sessionStorage)) {
        if (key.startsWith(this.keyOf(""))) sessionStorage.removeItem(key);
      }
    } catch {
      // Switched off: it was never there.
    }
  }

  private keyOf(name: string): string {
    return `draft/${this.userId}/${name}`;
  }
}

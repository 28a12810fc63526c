/** Keeps what a person is typing over a reload or a new sign-in, for this tab and user only. */
export class DraftStorage {
  private readonly key: string;

  constructor(userId: string) {
    this.key = `chat-draft:${userId}`;
  }

  load(): string {
    try {
      return sessionStorage.getItem(this.key) ?? "";
    } catch {
      return "";
    }
  }

  save(text: string): void {
    try {
      if (text) sessionStorage.setItem(this.key, text);
      else sessionStorage.removeItem(this.key);
    } catch {
      // Storage is full or switched off: the draft just isn't kept.
    }
  }
}

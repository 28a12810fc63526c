/** Keeps what a person is typing over a reload or a new sign-in, for this tab and user only. */
export class DraftStorage {
  private readonly key: string;
  private sealed = false;

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

  /** Keeps a message that couldn't be sent; nothing replaces it before the page is left. */
  seal(text: string): void {
    this.save(text);
    this.sealed = true;
  }

  save(text: string): void {
    if (this.sealed) return;
    try {
      if (text) sessionStorage.setItem(this.key, text);
      else sessionStorage.removeItem(this.key);
    } catch {
      // Storage is full or switched off: the draft just isn't kept.
    }
  }
}

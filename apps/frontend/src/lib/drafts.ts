/** Keeps what a person is typing over a reload or a new sign-in, for this tab and user only. */
export class DraftStorage {
  private readonly key: string;
  private typed: string;
  private unsent = "";

  constructor(userId: string) {
    this.key = `chat-draft:${userId}`;
    this.typed = this.load();
  }

  load(): string {
    try {
      return sessionStorage.getItem(this.key) ?? "";
    } catch {
      return "";
    }
  }

  /** Keeps a message that couldn't be sent, before what is being typed, until the page is left. */
  seal(text: string): void {
    this.unsent = text;
    this.save(this.typed);
  }

  save(text: string): void {
    this.typed = text;
    const kept = text.includes(this.unsent) ? [text] : [this.unsent, text];
    const draft = kept.filter(Boolean).join("\n\n");
    try {
      if (draft) sessionStorage.setItem(this.key, draft);
      else sessionStorage.removeItem(this.key);
    } catch {
      // Storage is full or switched off: the draft just isn't kept.
    }
  }
}

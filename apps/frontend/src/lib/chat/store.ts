import type { RequestError } from "../http";
import { Observable } from "../observable";
import type { ChangeOf, Waiting } from "../outbox/changes";
import { uniqueId } from "../unique-id";
import { Conversation, type ConversationOptions } from "./conversation";
import type { Page, ThreadItem } from "./protocol";

type Message = Waiting<ChangeOf<"message">>;

const GONE = "That conversation doesn't exist any more.";

export interface ChatState {
  /** The conversation that is open. */
  active: Conversation;
}

export interface ChatStoreOptions extends Omit<ConversationOptions, "onStarted" | "onGone"> {
  /** The conversation that the address names, with its newest items where the server has read them. */
  initial?: { threadId: string | null; items?: Page<ThreadItem> | undefined };
  /** The address has to change without anybody having moved: to a thread, or to a new chat with null. */
  onMoved?: (threadId: string | null) => void;
}

/** Which conversation is open, and those that were or that something waits in. */
export class ChatStore extends Observable<ChatState> {
  private readonly conversations = new Map<string, Conversation>();
  /** Those with a message that the back end hasn't made a thread of, or not yet. */
  private readonly unstarted = new Set<Conversation>();
  /** The one that has got an id since the address was looked at. */
  private unnamed: Conversation | undefined;
  private readonly unregister: () => void;
  private readonly parts: ConversationOptions;

  constructor(private readonly options: ChatStoreOptions) {
    const { initial, onMoved, ...rest } = options;
    const parts: ConversationOptions = {
      ...rest,
      onStarted: (conversation) => this.started(conversation),
      onGone: (conversation) => this.gone(conversation),
    };
    const first = new Conversation(initial?.threadId ?? null, parts, initial?.items);
    super({ active: first });
    this.parts = parts;
    if (first.id !== null) this.conversations.set(first.id, first);
    options.outbox.handle("answer", {
      send: ({ kind, ...change }) =>
        kind === "answer.stop" && "key" in change
          ? options.client.stop(change.key as string)
          : Promise.resolve(),
      refused: (_, error) => {
        this.tell(error);
        return "drop";
      },
    });
    this.unregister = options.connection.whenBack(() => {
      for (const conversation of this.all()) conversation.resume();
    });
  }

  dispose(): void {
    this.unregister();
    for (const conversation of this.all()) conversation.dispose();
  }

  get active(): Conversation {
    return this.getSnapshot().active;
  }

  /** Takes up messages that were written before the page was loaded anew. */
  restore(): void {
    for (const change of this.options.outbox.changes) {
      if (change.kind === "message") this.takeUp(change);
    }
  }

  /** Opens what the address names; without a thread, that is also one whose first message waits. */
  follow(threadId: string | null): void {
    const { unnamed } = this;
    this.unnamed = undefined;
    if (threadId !== null) {
      this.activate(this.conversation(threadId));
      void this.active.open();
      return;
    }
    if (this.active.id === null) return;
    if (this.active === unnamed) {
      this.options.onMoved?.(this.active.id);
      return;
    }
    const waiting = [...this.unstarted].at(-1);
    if (waiting) this.activate(waiting);
    else this.startNew();
  }

  /** Opens a new conversation. */
  startNew(): void {
    for (const other of this.unstarted) if (!other.waits) this.unstarted.delete(other);
    this.activate(new Conversation(null, this.parts));
  }

  /** Sends a message in the open conversation. */
  send(text: string, metadata?: Parameters<Conversation["send"]>[1]): Promise<void> {
    const { active } = this;
    if (active.id === null) this.unstarted.add(active);
    return active.send(text, metadata);
  }

  /**
   * Changes a message of the open conversation; null where that can't be done now. What it returns takes that back,
   * also once the conversation was deleted and brought back.
   */
  edit(messageId: string, text: string): (() => Promise<void>) | null {
    const { id } = this.active;
    const turn = this.active.edit(messageId, text);
    if (!turn || id === null) return null;
    return async () => {
      const conversation = this.conversations.get(id);
      if (conversation) await conversation.takeBack(turn);
      else this.options.onNotice?.(GONE);
    };
  }

  /**
   * Deletes a conversation with all that waits in it, and leaves it when it is open. What it returns takes that back,
   * and returns to the conversation where nothing else was begun or opened since.
   */
  remove(threadId: string): () => void {
    const { outbox, list } = this.options;
    const conversation = this.conversations.get(threadId);
    const messages = this.messagesOf(threadId);
    conversation?.drop();
    this.conversations.delete(threadId);
    outbox.remove(...messages.map(({ entry }) => entry));
    const undo = list.remove(threadId);
    const open = this.active.id === threadId;
    if (open) this.leave();
    const left = this.active;
    return () => {
      undo();
      if (conversation) this.conversations.set(threadId, conversation.renewed());
      outbox.putBack(messages);
      for (const message of messages) this.takeUp(message);
      if (!open || this.active !== left || !left.isBlank) return;
      this.activate(this.conversation(threadId));
      void this.active.open();
      this.options.onMoved?.(threadId);
    };
  }

  /** Reads what was said meanwhile in the open conversation. */
  refresh(): void {
    void this.active.refresh();
  }

  private takeUp(change: Message): void {
    // What the back end has is gone on with when the conversation is read.
    if (change.accepted) return;
    if (change.threadId !== null) {
      const { threadId } = change;
      const conversation = this.conversation(threadId);
      void conversation.open().then(() => {
        // It may have been taken up, or answered, or the conversation have turned out to be gone.
        const waits = this.messagesOf(threadId).some(({ entry }) => entry === change.entry);
        if (waits && !conversation.keeps(change.key)) void conversation.resend(change);
      });
      return;
    }
    if ([...this.all()].some((other) => other.keeps(change.key))) return;
    void this.blank().resend(change);
  }

  /** A conversation for a message that has none: the one that is open, if that is new and empty. */
  private blank(): Conversation {
    const conversation = this.active.isBlank ? this.active : new Conversation(null, this.parts);
    this.unstarted.add(conversation);
    return conversation;
  }

  /** What is kept of a conversation's messages. */
  private messagesOf(threadId: string): Message[] {
    return this.options.outbox.changes.filter(
      (change): change is Message => change.kind === "message" && change.threadId === threadId,
    );
  }

  private conversation(threadId: string): Conversation {
    let conversation = this.conversations.get(threadId);
    if (!conversation) {
      conversation = new Conversation(threadId, this.parts);
      this.conversations.set(threadId, conversation);
    }
    return conversation;
  }

  private started(conversation: Conversation): void {
    this.unstarted.delete(conversation);
    if (conversation.id !== null) this.conversations.set(conversation.id, conversation);
    if (conversation !== this.active) return;
    this.unnamed = conversation;
    this.options.onMoved?.(conversation.id);
  }

  private gone(conversation: Conversation): void {
    const { id } = conversation;
    if (id === null) return;
    const { outbox, list, onNotice } = this.options;
    this.conversations.delete(id);
    list.forget(id);
    const messages = this.messagesOf(id);
    outbox.remove(...messages.filter(({ accepted }) => accepted).map(({ entry }) => entry));
    const unsent = messages.filter(({ accepted }) => !accepted);
    const open = conversation === this.active;
    if (open || unsent.length > 0) onNotice?.(GONE);
    if (open) this.leave();
    if (unsent.length === 0) return;
    const blank = this.blank();
    for (const message of unsent) {
      const change = {
        key: uniqueId(),
        threadId: null,
        problem: "Its conversation doesn't exist any more. Trying again begins a new one.",
      };
      outbox.update(message, change);
      void blank.resend({ ...message, ...change });
    }
  }

  private leave(): void {
    this.startNew();
    this.options.onMoved?.(null);
  }

  private tell(error: RequestError): void {
    this.options.onNotice?.(`The answer couldn't be stopped. ${error.message}`);
  }

  private all(): Set<Conversation> {
    return new Set([this.active, ...this.conversations.values(), ...this.unstarted]);
  }

  private activate(active: Conversation): void {
    if (active !== this.active) this.patch({ active });
  }
}

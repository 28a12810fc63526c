import type { Connection } from "../connection";
import { RequestError } from "../http";
import { Observable } from "../observable";
import type { ChangeOf, Waiting } from "../outbox/changes";
import type { Outbox } from "../outbox/outbox";
import { uniqueId } from "../unique-id";
import type { ChatClient } from "./client";
import {
  applyEvent,
  isLocal,
  isStep,
  localMessage,
  markUnsent,
  mayChangeTasks,
  mergeNewest,
  textOf,
} from "./items";
import {
  type Page,
  type StreamingRequest,
  type ThreadEvent,
  type ThreadItem,
  type ThreadMetadata,
  type TurnStatus,
  type UserMessageItem,
  userInput,
} from "./protocol";
import type { ThreadList } from "./thread-list";
import {
  isRepeatable,
  MAX_BROKEN,
  MAX_MISSED,
  RESEND_DELAY_MS,
  renewed,
  STOP_LIMIT_MS,
  type Turn,
  turnFor,
} from "./turn";

/** What a conversation is doing. */
export type RunStatus =
  | "idle"
  /** The back end works on an answer. */
  | "running"
  /** The person has stopped the answer; the back end is about to end it. */
  | "stopping"
  /** The back end is away: the message is sent, or its answer gone on with, as soon as it is back. */
  | "queued";

export interface ConversationError {
  message: string;
  /** Whether asking again may help. */
  retry: boolean;
}

export interface ConversationState {
  /** Null until the back end has made the thread. */
  id: string | null;
  items: readonly ThreadItem[];
  load: "idle" | "loading" | "ready" | "error";
  run: RunStatus;
  /** What the assistant says it is doing right now. */
  progress?: string | undefined;
  /** While it is queued: the back end has the message, so that only the answer waits. */
  delivered?: boolean | undefined;
  error?: ConversationError | undefined;
  /** The person stopped the last answer. */
  stopped?: boolean | undefined;
}

export interface ConversationOptions {
  client: ChatClient;
  connection: Connection;
  outbox: Outbox;
  list: ThreadList;
  /** Waits until what the assistant may look at is as the page shows it. */
  beforeSend?: () => Promise<void>;
  /** The agent may have changed tasks. */
  onTasksChanged?: () => void;
  /** Something to tell that belongs to no message. */
  onNotice?: (message: string) => void;
  /** The session has ended, or somebody else has signed in. */
  onLeave?: (error: RequestError) => void;
  /** The back end has made the thread. */
  onStarted?: (conversation: Conversation) => void;
  /** The back end doesn't have the thread any more. */
  onGone?: (conversation: Conversation) => void;
  /** Something was said in it. */
  onChanged?: (conversation: Conversation) => void;
  /** Waits before a request is sent again; tests don't. */
  sleep?: (milliseconds: number) => Promise<void>;
}

const PAGE = 100;
const IDLE: TurnStatus = { state: "idle", message_id: null, waiting: 0 };
const LOST: TurnStatus = { state: "interrupted", message_id: null, waiting: 0 };
const STREAM_BROKEN = "The connection was lost before the answer was complete.";
const INTERRUPTED = "The answer broke off.";
const GONE_ON = "You have gone on since, so that can't be undone.";

/** The id of the newest item that tells of something. */
function lastSaid(items: readonly ThreadItem[]): string | undefined {
  return items.findLast(({ type }) => type !== "end_of_turn")?.id;
}

let count = 0;

/** One conversation: what was said, and the answer that is under way. */
export class Conversation extends Observable<ConversationState> {
  /** Tells conversations apart on this page, from before they have an id on. */
  readonly key = `conversation-${count++}`;
  private turn: Turn | undefined;
  /** The last turn that failed or was stopped. */
  private failed: Turn | undefined;
  private refreshing: Promise<void> | undefined;
  private readonly written = new Set<string>();
  private disposed = false;

  constructor(
    id: string | null,
    private readonly options: ConversationOptions,
    /** The newest items, newest first, where the server has read them already. */
    newest?: Page<ThreadItem>,
  ) {
    super({
      id,
      items: newest ? newest.data.toReversed() : [],
      load: id === null || newest ? "ready" : "idle",
      run: "idle",
    });
    if (newest) this.readOnAfter(newest);
  }

  /** The item before which older ones follow. */
  private rest: string | undefined;

  get id(): string | null {
    return this.getSnapshot().id;
  }

  /** Whether its first message is still to be delivered, or is kept as it couldn't be. */
  get waits(): boolean {
    return this.id === null && (this.turn !== undefined || this.failed?.kept !== undefined);
  }

  /** Whether it is new, and nothing was said in it yet. */
  get isBlank(): boolean {
    return this.id === null && this.getSnapshot().items.length === 0;
  }

  /** The same conversation, in which nothing runs, with what the back end had of it. */
  renewed(): Conversation {
    const { id, items, load } = this.getSnapshot();
    const data = items.filter((item) => !isLocal(item.id)).toReversed();
    const newest = { data, has_more: this.rest !== undefined, after: this.rest ?? null };
    return new Conversation(id, this.options, load === "ready" ? newest : undefined);
  }

  /** Whether the message with this key was written here, or taken up. */
  keeps(key: string): boolean {
    return this.written.has(key);
  }

  dispose(): void {
    this.disposed = true;
    this.drop();
  }

  /** Ends what runs here, without a word to the back end. */
  drop(): void {
    const { turn } = this;
    this.turn = undefined;
    turn?.abort.abort();
  }

  /** Reads it if it hasn't been, and goes on with the answer that is under way. */
  async open(): Promise<void> {
    const { load, run } = this.getSnapshot();
    if (load === "idle" || load === "error") await this.read();
    else if (load === "ready" && run === "idle") await this.refresh();
  }

  /** Reads what was said meanwhile, here or elsewhere. */
  refresh(): Promise<void> {
    this.refreshing ??= this.catchUp().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  /** Sends a message. */
  async send(text: string, metadata?: StreamingRequest["metadata"]): Promise<void> {
    if (this.getSnapshot().run !== "idle") return;
    const kept = this.options.outbox.keep({
      kind: "message",
      key: uniqueId(),
      threadId: this.id,
      text,
    }) as Waiting<ChangeOf<"message">>;
    await this.start(this.messageTurn(kept, metadata));
  }

  /**
   * Sends a message in the place of one that was sent, and of all that followed.
   * What it returns is what `takeBack` needs; null where that can't be done now.
   */
  edit(messageId: string, text: string): Turn | null {
    const { run, id } = this.getSnapshot();
    if (run !== "idle" || id === null || isLocal(messageId)) return null;
    const kept = this.options.outbox.keep({
      ...{ kind: "message", key: uniqueId(), threadId: id, text },
      replaces: messageId,
    }) as Waiting<ChangeOf<"message">>;
    const turn = this.messageTurn(kept);
    void this.start(turn);
    return turn;
  }

  /** Takes up a message that was written before the page was loaded anew. */
  async resend(kept: Waiting<ChangeOf<"message">>): Promise<void> {
    if (this.turn) return;
    const turn = this.messageTurn(kept);
    if (kept.problem !== undefined) {
      this.failed = turn;
      const items = markUnsent(this.getSnapshot().items, turn.messageId, true);
      this.patch({ items, error: { message: kept.problem, retry: true } });
      return;
    }
    await this.start(turn);
  }

  /** Goes on with what failed or was stopped; without that, asks for another answer. */
  async retry(): Promise<void> {
    const { load, run, items } = this.getSnapshot();
    if (load === "error") return this.read();
    if (run !== "idle") return;
    if (this.failed?.request) {
      await this.start(renewed(this.failed));
      return;
    }
    const message = items.findLast((item) => item.type === "user_message");
    if (!message || this.id === null) return;
    const params = { thread_id: this.id, item_id: message.id };
    const turn = turnFor({ type: "threads.retry_after_item", params }, uniqueId(), message.id);
    await this.start({ ...turn, before: lastSaid(items) });
  }

  /**
   * Ends the answer at once, as far as one can see; what was said and done until then stays.
   * @param otherwise the key to stop it by where its own isn't known here
   */
  async stop(otherwise: string | null = null): Promise<void> {
    const { turn } = this;
    if (!turn) return;
    if (turn.stopping) return this.over(turn);
    const { run, delivered } = this.getSnapshot();
    // A message that waits to be sent is known to nobody else.
    if (run === "queued" && !delivered) {
      this.finishStopped(turn);
      return;
    }
    const key = turn.key ?? this.keyOfAnswer() ?? otherwise;
    if (key === null) {
      this.options.onNotice?.("This answer can be stopped only where it was asked for.");
      return;
    }
    this.patch({ run: "stopping", progress: undefined });
    const limit = this.sleep(STOP_LIMIT_MS);
    turn.stopping = this.options.outbox.add({ kind: "answer.stop", key });
    const known = await Promise.race([turn.stopping, limit.then(() => false)]);
    // Usually the events end by themselves before this time is over.
    if (known) await Promise.race([limit, this.over(turn)]);
    if (this.turn === turn) this.finishStopped(turn);
  }

  /** The back end is back: what waited goes on. */
  resume(): void {
    const { run, load } = this.getSnapshot();
    if (run === "queued" && this.turn) {
      const { turn } = this;
      void (turn.request === null || isRepeatable(turn)
        ? this.deliver(turn)
        : this.lookAgain(turn));
    } else if (load === "error") void this.read();
    else if (load === "ready" && run === "idle" && this.id !== null) void this.refresh();
  }

  private messageTurn(
    kept: Waiting<ChangeOf<"message">>,
    metadata?: StreamingRequest["metadata"],
  ): Turn {
    const input = userInput(kept.text);
    this.written.add(kept.key);
    const message = localMessage(kept.text, this.id ?? "");
    const { items } = this.getSnapshot();
    this.patch({ items: [...items, message] });
    if (this.id === null) {
      const request: StreamingRequest = { type: "threads.create", params: { input } };
      return turnFor(metadata ? { ...request, metadata } : request, kept.key, message.id, kept);
    }
    const { replaces } = kept;
    const params = { thread_id: this.id, input };
    const request: StreamingRequest = { type: "threads.add_user_message", params };
    const all = replaces === undefined ? metadata : { ...metadata, replaces };
    const turn = turnFor(all ? { ...request, metadata: all } : request, kept.key, message.id, kept);
    const index = items.findIndex(({ id }) => id === replaces);
    return index < 0
      ? turn
      : { ...turn, replaced: items.slice(index).filter(({ id }) => !isLocal(id)) };
  }

  /** Has all again that the message of a turn has replaced. */
  async takeBack(turn: Turn): Promise<void> {
    const { id } = this;
    const message = this.messageOf(turn);
    if (id === null || !message || message !== this.messages().at(-1)) {
      this.options.onNotice?.(GONE_ON);
      return;
    }
    let showHowItEnded = await this.endQuietly(turn);
    let sentAs = (this.messageOf(turn) ?? message).id;
    if (isLocal(sentAs)) {
      this.release(turn);
      this.patch({ items: this.getSnapshot().items.filter((item) => item.id !== sentAs) });
      await this.refreshing;
      await this.refresh();
      const arrived = this.arrivedAs(turn, message);
      if (!arrived) return;
      sentAs = arrived.id;
      showHowItEnded = await this.endQuietly(turn);
    }
    try {
      await this.options.list.whenRestored(id);
      await this.options.client.revert(id, sentAs);
    } catch (error) {
      this.options.onNotice?.(`That couldn't be undone. ${this.fail(error)}`);
      showHowItEnded();
    }
    // What is being read may be from before, and what was sent meanwhile is answered first.
    await this.refreshing;
    while (this.turn) await this.over(this.turn);
    await this.refresh();
    this.options.onChanged?.(this);
  }

  /** Ends what runs, without a word about it. What it returns has the page say again how it ended. */
  private async endQuietly({ key }: Turn): Promise<() => void> {
    await this.stop(key);
    const { failed } = this;
    const { error, stopped } = this.getSnapshot();
    this.failed = undefined;
    this.patch({ error: undefined, stopped: undefined });
    return () => {
      if (this.turn) return;
      this.failed = failed;
      this.patch({ error, stopped });
    };
  }

  /** The message of a turn as it is shown by now: under another id, or sent in another turn. */
  private messageOf(turn: Turn): UserMessageItem | undefined {
    const ids = [turn, this.turn, this.failed]
      .filter((other) => other?.key === turn.key)
      .map((other) => other?.messageId);
    return this.messages().find(({ id, rowId }) => ids.includes(id) || ids.includes(rowId));
  }

  /** The back end's copy of a message that nobody here knew to have arrived in the place of another. */
  private arrivedAs(
    { replaced = [] }: Turn,
    message: UserMessageItem,
  ): UserMessageItem | undefined {
    const [first] = replaced;
    const messages = this.messages();
    const last = messages.at(-1);
    if (!first || !last || textOf(last) !== textOf(message)) return undefined;
    return messages.some(({ id }) => id === first.id) ? undefined : last;
  }

  /** What the person has written. */
  private messages(): UserMessageItem[] {
    return this.getSnapshot().items.filter((item) => item.type === "user_message");
  }

  /** The items with a message that didn't get through, behind what it was to replace. */
  private unsent({ messageId, replaced = [] }: Turn): ThreadItem[] {
    const items = markUnsent(this.getSnapshot().items, messageId, true);
    const index = items.findIndex(({ id }) => id === messageId);
    const there = new Set(items.map(({ id }) => id));
    const missing = isLocal(messageId) ? replaced.filter(({ id }) => !there.has(id)) : [];
    return items.toSpliced(index, 0, ...missing);
  }

  /** Resolves once a turn isn't under way any more. */
  private over(turn: Turn): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.turn === turn) return;
        unsubscribe();
        resolve();
      };
      const unsubscribe = this.subscribe(look);
      look();
    });
  }

  private async start(turn: Turn): Promise<void> {
    this.turn = turn;
    await this.deliver(turn);
  }

  /** Sends a turn's request and follows the answer; sends it again when that breaks off. */
  private async deliver(turn: Turn): Promise<void> {
    const { list, client } = this.options;
    if (this.id !== null && list.isRemoved(this.id)) {
      // A first message that arrived after the deletion would make the thread anew.
      this.finish(turn, { message: STREAM_BROKEN, retry: true });
      return;
    }
    this.failed = undefined;
    const replaced = new Set(turn.replaced?.map(({ id }) => id));
    const items = markUnsent(this.getSnapshot().items, turn.messageId, false).filter(
      ({ id }) => !replaced.has(id),
    );
    const message = items.findIndex((item) => item.id === turn.messageId);
    this.patch({
      // What was said before the answer broke off comes again; what was done stays done.
      items: items.filter((item, index) => index <= message || isStep(item)),
      run: "running",
      progress: undefined,
      error: undefined,
      stopped: undefined,
    });
    let accepted = false;
    let complete = false;
    try {
      if (turn.request === null) {
        if (this.id === null) return;
        const events = await client.follow(this.id, turn.abort.signal);
        accepted = true;
        complete = await this.listen(turn, events);
      } else {
        if (this.options.beforeSend) await this.options.beforeSend();
        if (this.turn !== turn) return;
        const events = await client.stream(turn.request, turn.key ?? "", turn.abort.signal);
        accepted = true;
        if (this.id !== null) list.putFirst(this.id);
        complete = await this.listen(turn, events);
      }
    } catch (error) {
      if (this.turn !== turn) return;
      if (await this.endStopped(turn)) return;
      const text = this.fail(error);
      if (!accepted) {
        const kind = error instanceof RequestError ? error.kind : "failed";
        turn.missed += 1;
        const delivered = turn.broken > 0 || !isLocal(turn.messageId);
        if (kind === "unavailable" && turn.missed < MAX_MISSED) {
          this.patch({ run: "queued", delivered });
          return;
        }
        // What is sealed in the outbox goes out after the next sign-in.
        if (kind === "signed-out" || kind === "other-user") {
          this.patch({ run: "queued", delivered });
          return;
        }
        this.finish(turn, { message: text, retry: kind !== "rejected" });
        if (kind === "not-found" && turn.kept && !delivered) this.options.onGone?.(this);
        return;
      }
    }
    if (this.turn !== turn) return;
    const answered = complete && !this.getSnapshot().error;
    if (!answered && (await this.endStopped(turn))) return;
    if (complete) {
      this.finish(turn);
      return;
    }
    turn.broken += 1;
    if (turn.broken >= MAX_BROKEN) {
      this.finish(turn, { message: STREAM_BROKEN, retry: true });
      return;
    }
    await this.sleep(RESEND_DELAY_MS * turn.broken);
    if (await this.endStopped(turn)) return;
    if (isRepeatable(turn)) await this.deliver(turn);
    else await this.lookAgain(turn);
  }

  /** Looks what has become of an answer that can't be asked for again. */
  private async lookAgain(turn: Turn): Promise<void> {
    if (this.turn !== turn) return;
    this.turn = undefined;
    this.patch({ run: "idle", progress: undefined });
    await this.refresh();
    const { run, items } = this.getSnapshot();
    const last = lastSaid(items);
    if (run === "idle" && (last === turn.messageId || last === turn.before)) {
      this.patch({ error: { message: STREAM_BROKEN, retry: true } });
    }
  }

  /** Takes in an answer. Resolves to whether it came to its end. */
  private async listen(turn: Turn, events: AsyncIterable<ThreadEvent>): Promise<boolean> {
    let over = false;
    for await (const event of events) {
      if (this.turn !== turn) return true;
      // Nothing else tells the end: what was cut off after a step or a message looks complete.
      if (event.type === "thread.item.done" && event.item.type === "end_of_turn") over = true;
      else this.take(turn, event);
    }
    return over || this.getSnapshot().error !== undefined;
  }

  private take(turn: Turn, event: ThreadEvent): void {
    switch (event.type) {
      case "thread.created":
      case "thread.updated":
        this.adopt(turn, event.thread);
        return;
      case "progress_update":
        this.patch({ progress: event.text || undefined });
        return;
      case "error":
        this.patch({
          error: {
            message: event.message ?? "The assistant couldn't finish its answer.",
            retry: event.allow_retry ?? false,
          },
        });
        return;
      case "notice":
        this.options.onNotice?.(event.message);
        return;
      default:
        this.takeItem(turn, event);
    }
  }

  private takeItem(turn: Turn, event: ThreadEvent): void {
    let { items } = this.getSnapshot();
    if (event.type === "thread.item.done" && event.item.type === "user_message") {
      // The back end's copy takes the place of the message shown in advance.
      const rowId = isLocal(turn.messageId) ? { rowId: turn.messageId } : {};
      const confirmed = { ...event.item, ...rowId };
      items = items.map((item) => (item.id === turn.messageId ? confirmed : item));
      turn.messageId = confirmed.id;
      if (turn.kept) {
        const { outbox } = this.options;
        outbox.update(turn.kept, { accepted: true, threadId: confirmed.thread_id });
      }
      if (!items.some((item) => item.id === confirmed.id)) items = [...items, confirmed];
    } else items = applyEvent(items, event);
    if (items !== this.getSnapshot().items) {
      const speaks = event.type === "thread.item.updated";
      this.patch({ items, ...(speaks ? { progress: undefined } : {}) });
    }
    if (mayChangeTasks(event)) this.options.onTasksChanged?.();
  }

  /** Takes over what the back end says about the thread of a turn. */
  private adopt(turn: Turn, thread: ThreadMetadata): void {
    const { id, title = null, created_at } = thread;
    this.options.list.putFirst(id, { id, title, created_at });
    if (this.id !== null) return;
    this.patch({ id });
    if (turn.kept) this.options.outbox.update(turn.kept, { threadId: id });
    this.options.onStarted?.(this);
  }

  /** Ends a turn whose events are over, if that is because it was stopped. Tells whether it was. */
  private async endStopped(turn: Turn): Promise<boolean> {
    if (this.turn !== turn) return true;
    if (!turn.stopping) return false;
    await Promise.race([turn.stopping, this.sleep(STOP_LIMIT_MS)]);
    if (this.turn === turn) this.finishStopped(turn);
    return true;
  }

  private finishStopped(turn: Turn): void {
    turn.abort.abort();
    this.turn = undefined;
    this.release(turn);
    const { items } = this.getSnapshot();
    const unanswered = items.at(-1)?.type === "user_message";
    // A key that was stopped stays so. A message that the back end has needs none: it is answered anew.
    const again = unanswered && isLocal(turn.messageId) && turn.request !== null;
    this.failed = again ? { ...turn, key: uniqueId(), kept: undefined } : undefined;
    this.patch({
      items: this.unsent(turn),
      run: "idle",
      progress: undefined,
      stopped: !unanswered,
      error: unanswered ? { message: "You stopped this message.", retry: true } : undefined,
    });
    this.options.onTasksChanged?.();
    this.options.onChanged?.(this);
  }

  private finish(turn: Turn, error?: ConversationError): void {
    this.turn = undefined;
    const problem = error ?? this.getSnapshot().error;
    this.failed = problem ? turn : undefined;
    if (turn.kept && problem && isLocal(turn.messageId)) {
      this.options.outbox.update(turn.kept, { problem: problem.message });
    } else this.release(turn);
    this.patch({ items: this.unsent(turn), run: "idle", progress: undefined, error: problem });
    this.options.onTasksChanged?.();
    this.options.onChanged?.(this);
  }

  /** A turn's message needs no keeping any more. */
  private release(turn: Turn): void {
    if (turn.kept) this.options.outbox.remove(turn.kept.entry);
    for (const change of this.options.outbox.changes) {
      const same = change.kind === "message" && change.key === turn.key;
      if (same) this.options.outbox.remove(change.entry);
    }
  }

  /** The key of the answer that is under way, where it was asked for in this browser. */
  private keyOfAnswer(): string | null {
    const kept = this.options.outbox
      .all()
      .findLast(
        (change) => change.kind === "message" && change.threadId === this.id && this.id !== null,
      );
    return kept?.kind === "message" ? kept.key : null;
  }

  /** Reads it from the newest item back. */
  private async read(): Promise<void> {
    this.patch({ load: "loading", error: undefined });
    try {
      const page = await this.page();
      if (!page || this.disposed) return;
      this.readOnAfter(page);
      const local = this.getSnapshot().items.filter(({ id }) => isLocal(id));
      this.patch({ items: [...page.data.toReversed(), ...local], load: "ready" });
      await Promise.all([this.loadOlder(), this.goOn()]);
    } catch (error) {
      this.failedToRead(error, true);
    }
  }

  /** Reads what is older than what is there, so that all of it can be scrolled to. */
  async loadOlder(): Promise<void> {
    while (this.rest !== undefined && !this.disposed) {
      const after = this.rest;
      const page = await this.page(after);
      if (!page) return;
      // Meanwhile somebody else has read on, or begins from elsewhere.
      if (this.rest !== after) continue;
      this.readOnAfter(page);
      const known = new Set(this.getSnapshot().items.map(({ id }) => id));
      const older = page.data.toReversed().filter(({ id }) => !known.has(id));
      this.patch({ items: [...older, ...this.getSnapshot().items] });
    }
  }

  private readOnAfter({ has_more, after }: Page<ThreadItem>): void {
    this.rest = has_more ? (after ?? undefined) : undefined;
  }

  private async page(after?: string): Promise<Page<ThreadItem> | undefined> {
    if (this.id === null) return undefined;
    await this.options.list.whenRestored(this.id);
    return this.options.client.request("items.list", {
      thread_id: this.id,
      limit: PAGE,
      order: "desc",
      ...(after ? { after } : {}),
    });
  }

  private async catchUp(): Promise<void> {
    if (this.turn || this.id === null || this.getSnapshot().load !== "ready") return;
    try {
      const page = await this.page();
      if (!page || this.turn || this.disposed) return;
      const { items } = this.getSnapshot();
      const shown = new Set(items.map(({ id }) => id));
      // Where it joins on to nothing that is shown, all that is older is read again.
      if (!page.data.some(({ id }) => shown.has(id))) this.readOnAfter(page);
      const merged = mergeNewest(items, page.data.toReversed());
      if (merged !== items) this.patch({ items: merged });
      await this.loadOlder();
      await this.goOn();
    } catch (error) {
      this.failedToRead(error, false);
    }
  }

  /** Goes on with the answer that is under way, here or elsewhere. */
  private async goOn(): Promise<void> {
    if (this.turn || this.id === null) return;
    const kept = this.options.outbox.changes.findLast(
      (change): change is Waiting<ChangeOf<"message">> =>
        change.kind === "message" && change.threadId === this.id && change.accepted === true,
    );
    const last = this.getSnapshot().items.at(-1);
    if (!last || (last.type === "end_of_turn" && !kept)) return;
    const status = await this.options.client.turn(this.id).catch((error: unknown) => {
      // A back end that can't tell can still be asked for the answer by the message's key.
      if (error instanceof RequestError && error.kind === "not-found") return kept ? LOST : IDLE;
      throw error;
    });
    if (this.turn || this.disposed) return;
    if (status.state === "idle") {
      if (kept) this.options.outbox.remove(kept.entry);
      return;
    }
    const message = this.getSnapshot().items.findLast((item) => item.type === "user_message");
    const messageId = status.message_id ?? message?.id ?? "";
    if (status.state !== "interrupted") {
      const turn = turnFor(null, kept?.key ?? null, messageId, kept);
      void this.start(turn);
      return;
    }
    if (kept && message) {
      const params = { thread_id: this.id, input: userInput(kept.text) };
      void this.start(
        turnFor({ type: "threads.add_user_message", params }, kept.key, message.id, kept),
      );
      return;
    }
    this.patch({ error: { message: INTERRUPTED, retry: true } });
  }

  private failedToRead(error: unknown, first: boolean): void {
    const message = this.fail(error);
    if (error instanceof RequestError && error.kind === "not-found") {
      this.options.onGone?.(this);
      return;
    }
    if (first) this.patch({ load: "error", error: { message, retry: true } });
  }

  private sleep(milliseconds: number): Promise<void> {
    if (this.options.sleep) return this.options.sleep(milliseconds);
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  /** Tells whoever has to know about a failure and returns its message. */
  private fail(error: unknown): string {
    if (error instanceof RequestError) {
      if (error.kind === "signed-out" || error.kind === "other-user") this.options.onLeave?.(error);
      if (error.kind === "unavailable") this.options.connection.lost();
      return error.message;
    }
    return "Something went wrong.";
  }
}

import type { Connection } from "../connection";
import { RequestError } from "../http";
import { Observable } from "../observable";
import { uniqueId } from "../unique-id";
import type { ChatClient } from "./client";
import { applyEvent, isStep, mayChangeTasks } from "./items";
import {
  type StreamingRequest,
  type ThreadEvent,
  type ThreadItem,
  type ThreadMetadata,
  type UserMessageItem,
  userInput,
} from "./protocol";

/** What a thread is doing. */
export type RunStatus =
  | "idle"
  /** The back end works on an answer. */
  | "running"
  /** The person has stopped the answer; the back end is about to end it. */
  | "stopping"
  /** The message couldn't be delivered; it is sent as soon as the back end is back. */
  | "queued";

export interface ThreadError {
  message: string;
  /** Whether asking again may help. */
  retry: boolean;
}

export interface ThreadState {
  items: readonly ThreadItem[];
  load: "idle" | "loading" | "ready" | "error";
  run: RunStatus;
  /** What the assistant says it is doing right now. */
  progress?: string | undefined;
  error?: ThreadError | undefined;
  /** The person stopped the last answer. */
  stopped?: boolean | undefined;
}

export interface ChatState {
  threads: readonly ThreadMetadata[];
  threadsLoad: "loading" | "ready" | "error";
  /** More threads exist than are listed. */
  hasMoreThreads: boolean;
  /** The thread that is open; null for one that hasn't been started yet. */
  activeId: string | null;
  active: ThreadState;
}

/** One request for an answer, from the first attempt to deliver it until it is answered. */
interface Run {
  request: StreamingRequest;
  /** Under one key the back end acts once, however often the request is sent. */
  key: string;
  abort: AbortController;
  /** The message to answer: shown in advance at first, later the back end's copy. */
  messageId: string;
  /** Attempts that broke off after the back end had accepted them. */
  broken: number;
  /** Attempts that didn't reach the back end. */
  missed: number;
  /** Set once the person wants it to end: whether the back end knows. */
  stopping?: Promise<boolean> | undefined;
}

interface ThreadRecord {
  /** Null until the back end has made the thread. */
  id: string | null;
  state: ThreadState;
  run?: Run | undefined;
  /** The last run that failed or was stopped. */
  failed?: Run | undefined;
}

export interface ChatStoreOptions {
  client: ChatClient;
  connection: Connection;
  /** The agent may have changed tasks. */
  onTasksChanged?: () => void;
  /** The open thread changed; null stands for a new one. */
  onActiveChange?: (threadId: string | null) => void;
  /** The session has ended. */
  onSignedOut?: () => void;
  /** Something to tell that belongs to no message. */
  onNotice?: (message: string) => void;
  /** Waits before a request is sent again; tests don't. */
  sleep?: (milliseconds: number) => Promise<void>;
}

const EMPTY: ThreadState = { items: [], load: "ready", run: "idle" };
const PAGE = 30;
const ITEMS_PAGE = 100;
const STREAM_BROKEN = "The connection was lost before the answer was complete.";
/** How often an answer that breaks off is asked for again before the person has to. */
const MAX_BROKEN = 4;
/** How often a message is sent to a back end that seems to be there and isn't, before the person has to. */
const MAX_MISSED = 8;
const RESEND_DELAY_MS = 400;
/** How long the end of a stopped answer is waited for. */
const STOP_LIMIT_MS = 5_000;

/** Begins the ids of messages that the back end hasn't confirmed. */
const LOCAL_ID = "local-";

function localMessage(text: string, threadId: string): UserMessageItem {
  return {
    type: "user_message",
    id: `${LOCAL_ID}${uniqueId()}`,
    thread_id: threadId,
    created_at: new Date().toISOString(),
    content: [{ type: "input_text", text }],
  };
}

/** Whether the back end hasn't confirmed the message with this id. */
function isLocal(id: string): boolean {
  return id.startsWith(LOCAL_ID);
}

/** The items with a message that the back end doesn't have marked as sent or not. */
function markUnsent(items: readonly ThreadItem[], id: string, unsent: boolean): ThreadItem[] {
  return items.map((item) =>
    item.type === "user_message" && item.id === id && isLocal(id) ? { ...item, unsent } : item,
  );
}

function textOf(item: ThreadItem): string {
  return item.type === "user_message" ? item.content.map((part) => part.text).join("\n") : "";
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Everything the chat shows: the list of threads, and each open thread with what runs in it. */
export class ChatStore extends Observable<ChatState> {
  private readonly records = new Map<string, ThreadRecord>();
  /** Those with a message that the back end hasn't made a thread of yet. */
  private readonly unstarted = new Set<ThreadRecord>();
  private current: ThreadRecord = { id: null, state: EMPTY };
  /** The thread after which older ones follow, by what the back end said last. */
  private older: string | undefined;
  /** Ids of threads that are deleted or about to be. */
  private readonly removed = new Set<string>();
  private readonly unregister: () => void;

  constructor(private readonly options: ChatStoreOptions) {
    super({
      threads: [],
      threadsLoad: "loading",
      hasMoreThreads: false,
      activeId: null,
      active: EMPTY,
    });
    this.unregister = options.connection.whenBack(() => this.resume());
  }

  dispose(): void {
    this.unregister();
    for (const record of this.all()) this.drop(record);
  }

  /** Reads the first page of threads. */
  async loadThreads(): Promise<void> {
    const before = new Set(this.threads);
    if (this.getSnapshot().threadsLoad === "error") this.patch({ threadsLoad: "loading" });
    try {
      const page = await this.options.client.request("threads.list", {
        limit: PAGE,
        order: "desc",
      });
      // A thread that was started or renamed meanwhile is newer than what was read.
      const newer = this.threads.filter((thread) => !before.has(thread));
      const ids = new Set(newer.map(({ id }) => id));
      const read = page.data.filter(({ id }) => !ids.has(id) && !this.removed.has(id));
      this.older = page.after ?? undefined;
      this.patch({
        threads: [...newer, ...read],
        threadsLoad: "ready",
        hasMoreThreads: page.has_more,
      });
    } catch (error) {
      this.fail(error);
      if (this.threads.length === 0) this.patch({ threadsLoad: "error" });
    }
  }

  /** Reads the next page of threads. */
  async loadMoreThreads(): Promise<void> {
    try {
      let added = 0;
      do {
        const page = await this.options.client.request("threads.list", {
          limit: PAGE,
          order: "desc",
          ...(this.older ? { after: this.older } : {}),
        });
        this.older = page.after ?? undefined;
        const known = new Set([...this.threads.map(({ id }) => id), ...this.removed]);
        const read = page.data.filter(({ id }) => !known.has(id));
        this.patch({ threads: [...this.threads, ...read], hasMoreThreads: page.has_more });
        added = read.length;
        // Another window may have moved the thread to go on from to the top.
      } while (added === 0 && this.older);
    } catch (error) {
      this.options.onNotice?.(this.fail(error));
    }
  }

  /** Opens a thread, or a new one with null. */
  async open(threadId: string | null): Promise<void> {
    if (threadId === this.current.id && threadId !== null && this.current.state.load !== "error") {
      return;
    }
    if (threadId === null) {
      for (const record of this.unstarted) if (!record.run) this.unstarted.delete(record);
      this.activate({ id: null, state: EMPTY });
      return;
    }
    let record = this.records.get(threadId);
    if (!record) {
      record = { id: threadId, state: { ...EMPTY, load: "idle" } };
      this.records.set(threadId, record);
    }
    this.activate(record);
    if (record.state.load === "idle" || record.state.load === "error") await this.load(record);
  }

  /** Opens what the address names; without a thread, that is also one whose first message waits. */
  async follow(threadId: string | null): Promise<void> {
    if (threadId !== null) return this.open(threadId);
    if (this.current.id === null) return;
    const waiting = [...this.unstarted].at(-1);
    if (waiting) this.activate(waiting);
    else await this.open(null);
  }

  async rename(threadId: string, title: string): Promise<void> {
    const before = this.threads.find(({ id }) => id === threadId)?.title;
    const name = (from: string | null | undefined, to: string | null | undefined): void =>
      this.patch({
        threads: this.threads.map((thread) =>
          thread.id === threadId && thread.title === from ? { ...thread, title: to } : thread,
        ),
      });
    name(before, title);
    try {
      await this.options.client.request("threads.update", { thread_id: threadId, title });
      this.putFirst(threadId);
    } catch (error) {
      name(title, before);
      this.options.onNotice?.(this.fail(error));
    }
  }

  async remove(threadId: string): Promise<void> {
    const index = this.threads.findIndex(({ id }) => id === threadId);
    const thread = this.threads[index];
    this.removed.add(threadId);
    this.leavePlace(threadId);
    this.patch({ threads: this.threads.filter((other) => other !== thread) });
    try {
      await this.options.client.request("threads.delete", { thread_id: threadId });
    } catch (error) {
      // Already gone, in another window: that was the wish.
      if (!(error instanceof RequestError && error.kind === "not-found")) {
        this.removed.delete(threadId);
        if (thread) this.patch({ threads: this.threads.toSpliced(index, 0, thread) });
        this.options.onNotice?.(this.fail(error));
        return;
      }
    }
    const record = this.records.get(threadId);
    if (record) this.drop(record);
    this.records.delete(threadId);
    if (this.current.id === threadId) await this.open(null);
  }

  /** The messages that are about to be sent, in any thread, and that nobody else knows. */
  unsent(): string {
    return [...this.all()]
      .flatMap(({ run, state }) =>
        state.items.filter(({ id }) => isLocal(id) && id === run?.messageId),
      )
      .map(textOf)
      .join("\n\n");
  }

  /** Sends a message in the open thread. */
  async send(text: string): Promise<void> {
    const record = this.current;
    if (record.state.run !== "idle") return;
    const input = userInput(text);
    const message = localMessage(text, record.id ?? "");
    if (record.id === null) this.unstarted.add(record);
    this.update(record, { items: [...record.state.items, message] });
    await this.start(
      record,
      message.id,
      record.id === null
        ? { type: "threads.create", params: { input } }
        : { type: "threads.add_user_message", params: { thread_id: record.id, input } },
    );
  }

  /** Goes on with what failed or was stopped; without that, asks for another answer. */
  async retry(): Promise<void> {
    const record = this.current;
    if (record.state.load === "error") return this.load(record);
    if (record.state.run !== "idle") return;
    const { failed } = record;
    // The same key: if the message was answered after all, that answer comes back.
    if (failed) {
      record.run = {
        ...failed,
        abort: new AbortController(),
        broken: 0,
        missed: 0,
        stopping: undefined,
      };
      await this.deliver(record, record.run);
      return;
    }
    const message = record.state.items.findLast((item) => item.type === "user_message");
    if (!message || record.id === null) return;
    await this.start(record, message.id, {
      type: "threads.retry_after_item",
      params: { thread_id: record.id, item_id: message.id },
    });
  }

  /** Has the back end stop what runs in the open thread; what was said and done until then stays. */
  async stop(): Promise<void> {
    const record = this.current;
    const { run } = record;
    if (!run || run.stopping) return;
    // A message that waits to be sent is known to nobody else.
    if (record.state.run === "queued") {
      this.finishStopped(record, run);
      return;
    }
    this.update(record, { run: "stopping", progress: undefined });
    run.stopping = this.requestStop(record, run);
    if (!(await run.stopping)) return;
    // Usually the events have ended by themselves when this time is over.
    await this.sleep(STOP_LIMIT_MS);
    if (record.run === run) this.finishStopped(record, run);
  }

  private async requestStop(record: ThreadRecord, run: Run): Promise<boolean> {
    try {
      await this.options.client.stop(run.key);
      return true;
    } catch (error) {
      const reason = this.fail(error);
      run.stopping = undefined;
      if (record.run === run) {
        this.update(record, { run: "running" });
        this.options.onNotice?.(`The answer couldn't be stopped. ${reason}`);
      }
      return false;
    }
  }

  /** Ends a run whose events are over, if that is because it was stopped. Tells whether it was. */
  private async endStopped(record: ThreadRecord, run: Run): Promise<boolean> {
    if (!(await run.stopping)) return record.run !== run;
    if (record.run === run) this.finishStopped(record, run);
    return true;
  }

  private finishStopped(record: ThreadRecord, run: Run): void {
    run.abort.abort();
    record.run = undefined;
    const unanswered = record.state.items.at(-1)?.type === "user_message";
    // A key that was stopped stays so. A message that the back end has needs none: it is answered anew.
    record.failed = unanswered && isLocal(run.messageId) ? { ...run, key: uniqueId() } : undefined;
    this.update(record, {
      items: markUnsent(record.state.items, run.messageId, true),
      run: "idle",
      progress: undefined,
      stopped: !unanswered,
      error: unanswered ? { message: "You stopped this message.", retry: true } : undefined,
    });
    this.options.onTasksChanged?.();
  }

  private async start(
    record: ThreadRecord,
    messageId: string,
    request: StreamingRequest,
  ): Promise<void> {
    record.run = {
      request,
      key: uniqueId(),
      abort: new AbortController(),
      messageId,
      broken: 0,
      missed: 0,
    };
    await this.deliver(record, record.run);
  }

  /** Sends a run's request and follows the answer; sends it again when that breaks off. */
  private async deliver(record: ThreadRecord, run: Run): Promise<void> {
    if (record.id !== null && this.removed.has(record.id)) {
      // A first message that arrived after the deletion would make the thread anew.
      this.finish(record, run, { message: STREAM_BROKEN, retry: true });
      return;
    }
    record.failed = undefined;
    const items = markUnsent(record.state.items, run.messageId, false);
    const message = items.findIndex((item) => item.id === run.messageId);
    this.update(record, {
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
      const events = await this.options.client.stream(run.request, run.key, run.abort.signal);
      accepted = true;
      if (record.id !== null) this.putFirst(record.id);
      complete = await this.listen(record, run, events);
    } catch (error) {
      if (record.run !== run) return;
      if (await this.endStopped(record, run)) return;
      const text = this.fail(error);
      if (!accepted) {
        const away = error instanceof RequestError && error.kind === "unavailable";
        run.missed += 1;
        if (away && run.missed < MAX_MISSED) {
          this.update(record, { run: "queued" });
          return;
        }
        const rejected = error instanceof RequestError && error.kind === "rejected";
        this.finish(record, run, { message: text, retry: !rejected });
        return;
      }
    }
    if (record.run !== run) return;
    const answered = complete && !record.state.error;
    if (!answered && (await this.endStopped(record, run))) return;
    if (complete) {
      this.finish(record, run);
      return;
    }
    run.broken += 1;
    // Only messages carry a key, so only they can be sent again without being acted on twice.
    if (run.broken >= MAX_BROKEN || run.request.type === "threads.retry_after_item") {
      this.finish(record, run, { message: STREAM_BROKEN, retry: true });
      return;
    }
    await this.sleep(RESEND_DELAY_MS * run.broken);
    if (!(await this.endStopped(record, run))) await this.deliver(record, run);
  }

  private sleep(milliseconds: number): Promise<void> {
    return (this.options.sleep ?? sleep)(milliseconds);
  }

  /** Takes in an answer. Resolves to whether it came to its end. */
  private async listen(
    record: ThreadRecord,
    run: Run,
    events: AsyncIterable<ThreadEvent>,
  ): Promise<boolean> {
    let over = false;
    for await (const event of events) {
      if (record.run !== run) return true;
      // Nothing else tells the end: what was cut off after a step or a message looks complete.
      if (event.type === "thread.item.done" && event.item.type === "end_of_turn") over = true;
      else this.handle(record, run, event);
    }
    return over || record.state.error !== undefined;
  }

  private finish(record: ThreadRecord, run: Run, error?: ThreadError): void {
    record.run = undefined;
    const problem = error ?? record.state.error;
    record.failed = problem ? run : undefined;
    const items = markUnsent(record.state.items, run.messageId, true);
    this.update(record, { items, run: "idle", progress: undefined, error: problem });
    this.options.onTasksChanged?.();
  }

  private handle(record: ThreadRecord, run: Run, event: ThreadEvent): void {
    switch (event.type) {
      case "thread.created":
      case "thread.updated":
        this.adopt(record, event.thread);
        return;
      case "progress_update":
        this.update(record, { progress: event.text });
        return;
      case "error":
        this.update(record, {
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
        this.handleItem(record, run, event);
    }
  }

  private handleItem(record: ThreadRecord, run: Run, event: ThreadEvent): void {
    let { items } = record.state;
    if (event.type === "thread.item.done" && event.item.type === "user_message") {
      // The back end's copy takes the place of the message shown in advance.
      const confirmed = event.item;
      items = items.map((item) => (item.id === run.messageId ? confirmed : item));
      run.messageId = confirmed.id;
    }
    items = applyEvent(items, event);
    if (items !== record.state.items) {
      const speaks = event.type === "thread.item.updated";
      this.update(record, { items, ...(speaks ? { progress: undefined } : {}) });
    }
    if (mayChangeTasks(event)) this.options.onTasksChanged?.();
  }

  /** Takes over what the back end says about the thread of a run. */
  private adopt(record: ThreadRecord, thread: ThreadMetadata): void {
    if (!this.removed.has(thread.id)) {
      this.putFirst(thread.id, {
        id: thread.id,
        title: thread.title ?? null,
        created_at: thread.created_at,
      });
    }
    if (record.id !== null) return;
    record.id = thread.id;
    this.unstarted.delete(record);
    this.records.set(thread.id, record);
    if (record === this.current) {
      this.patch({ activeId: thread.id });
      this.options.onActiveChange?.(thread.id);
    }
  }

  /** Moves a thread to the top of the list, where the back end has the ones that changed last. */
  private putFirst(
    threadId: string,
    thread: ThreadMetadata | undefined = this.threads.find(({ id }) => id === threadId),
  ): void {
    if (!thread) return;
    this.leavePlace(threadId, threadId);
    this.patch({ threads: [thread, ...this.threads.filter(({ id }) => id !== threadId)] });
  }

  /** Before a thread leaves its place in the list: older ones follow the thread above it then. */
  private leavePlace(threadId: string, otherwise?: string): void {
    if (this.older !== threadId) return;
    const index = this.threads.findIndex(({ id }) => id === threadId);
    this.older = this.threads[index - 1]?.id ?? otherwise;
  }

  /** Ends what runs in a record, for good. */
  private drop(record: ThreadRecord): void {
    const { run } = record;
    record.run = undefined;
    run?.abort.abort();
  }

  private async load(record: ThreadRecord): Promise<void> {
    if (record.id === null) return;
    const threadId = record.id;
    this.update(record, { load: "loading", error: undefined });
    try {
      const items: ThreadItem[] = [];
      let after: string | undefined;
      for (;;) {
        const page = await this.options.client.request("items.list", {
          thread_id: threadId,
          limit: ITEMS_PAGE,
          order: "asc",
          ...(after ? { after } : {}),
        });
        items.push(...page.data);
        after = page.after ?? undefined;
        if (!page.has_more || !after) break;
      }
      this.update(record, { items, load: "ready" });
    } catch (error) {
      const message = this.fail(error);
      this.records.delete(threadId);
      if (error instanceof RequestError && error.kind === "not-found") {
        this.options.onNotice?.("That conversation doesn't exist any more.");
        if (this.current === record) await this.open(null);
        return;
      }
      this.records.set(threadId, record);
      this.update(record, { load: "error", error: { message, retry: true } });
    }
  }

  /** The back end is back: what waited goes on. */
  private resume(): void {
    if (this.getSnapshot().threadsLoad === "error") void this.loadThreads();
    for (const record of this.all()) {
      if (record.state.run === "queued" && record.run) void this.deliver(record, record.run);
      else if (record.state.load === "error") void this.load(record);
    }
  }

  private get threads(): readonly ThreadMetadata[] {
    return this.getSnapshot().threads;
  }

  private all(): Set<ThreadRecord> {
    return new Set([this.current, ...this.records.values(), ...this.unstarted]);
  }

  private activate(record: ThreadRecord): void {
    this.current = record;
    this.patch({ activeId: record.id, active: record.state });
    this.options.onActiveChange?.(record.id);
  }

  private update(record: ThreadRecord, changes: Partial<ThreadState>): void {
    record.state = { ...record.state, ...changes };
    if (record === this.current) this.patch({ active: record.state });
  }

  /** Tells whoever has to know about a failure and returns its message. */
  private fail(error: unknown): string {
    if (error instanceof RequestError) {
      if (error.kind === "signed-out") this.options.onSignedOut?.();
      if (error.kind === "unavailable") this.options.connection.lost();
      return error.message;
    }
    return "Something went wrong.";
  }
}

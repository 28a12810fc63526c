import type { Connection } from "../connection";
import { RequestError } from "../http";
import { Observable } from "../observable";
import { type ChangeOf, laneOf, type Waiting } from "../outbox/changes";
import type { Outbox } from "../outbox/outbox";
import type { ChatClient } from "./client";
import type { Page, ThreadMetadata } from "./protocol";

export interface ThreadListState {
  threads: readonly ThreadMetadata[];
  load: "loading" | "ready" | "error";
  /** More threads exist than are listed. */
  hasMore: boolean;
  /** Older ones are being read. */
  loadingMore: boolean;
}

export interface ThreadListOptions {
  client: ChatClient;
  connection: Connection;
  outbox: Outbox;
  /** The first page, where the server has read it already. */
  initial?: Page<ThreadMetadata> | undefined;
  onFailure?: (message: string) => void;
  /** A deleted thread isn't back though it could be; `again` asks for it once more. */
  onNotRestored?: (title: string, message: string, again: () => void) => void;
  /** The session has ended, or somebody else has signed in. */
  onLeave?: (error: RequestError) => void;
  /** The back end has taken a change. */
  onSaved?: () => void;
}

type ThreadChange = Waiting<ChangeOf<"thread.rename" | "thread.delete" | "thread.restore">>;

/** What a thread without a title is called. */
export const UNTITLED = "New conversation";
const PAGE = 30;
const GONE = "That conversation is gone for good.";

/** The person's conversations, the one that changed last first. */
export class ThreadList extends Observable<ThreadListState> {
  private known: readonly ThreadMetadata[] = [];
  /** The thread after which older ones follow, by what the back end said last. */
  private older: string | undefined;
  /** Ids of threads that are deleted: an answer that is under way mustn't bring one back. */
  private readonly removed = new Set<string>();
  private readonly unregister: (() => void)[];
  private refreshing: Promise<void> | undefined;

  constructor(private readonly options: ThreadListOptions) {
    super({ threads: [], load: "loading", hasMore: false, loadingMore: false });
    const { outbox, connection, initial } = options;
    if (initial) this.takeFirst(initial, new Set());
    outbox.handle("thread", {
      send: (change) => this.send(change as ThreadChange),
      refused: (change, error) => this.refused(change as ThreadChange, error),
    });
    this.unregister = [
      outbox.subscribe(() => this.show()),
      connection.whenBack(() => void this.refresh()),
    ];
  }

  dispose(): void {
    for (const unregister of this.unregister) unregister();
  }

  /** Reads the first page again; pages that were read after it stay. */
  refresh(): Promise<void> {
    this.refreshing ??= this.read().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  /** Reads the next page. */
  async loadMore(): Promise<void> {
    if (this.getSnapshot().loadingMore) return;
    this.patch({ loadingMore: true });
    try {
      let added = 0;
      do {
        const page = await this.options.client.request("threads.list", {
          limit: PAGE,
          order: "desc",
          ...(this.older ? { after: this.older } : {}),
        });
        this.older = page.after ?? undefined;
        const ids = new Set(this.known.map(({ id }) => id));
        const read = page.data.filter(({ id }) => !ids.has(id) && !this.removed.has(id));
        this.known = [...this.known, ...read];
        this.show({ hasMore: page.has_more });
        added = read.length;
        // Another window may have moved the thread to go on from to the top.
      } while (added === 0 && this.older);
    } catch (error) {
      this.options.onFailure?.(this.fail(error));
    } finally {
      this.patch({ loadingMore: false });
    }
  }

  /** Gives a thread another title. */
  rename(threadId: string, title: string): void {
    void this.options.outbox.add({ kind: "thread.rename", id: threadId, title });
  }

  /** Deletes a thread. What it returns takes that back, whether the back end knows of it yet or not. */
  remove(threadId: string): () => void {
    const { outbox } = this.options;
    const thread = this.known.find(({ id }) => id === threadId);
    const title = this.find(threadId)?.title ?? "";
    this.removed.add(threadId);
    void outbox.add({ kind: "thread.delete", id: threadId, title });
    return () => {
      this.removed.delete(threadId);
      const deletion = this.fateOf(threadId);
      if (deletion && !deletion.tried) outbox.remove(deletion.entry);
      else void outbox.add({ kind: "thread.restore", id: threadId });
      if (thread) this.putInPlace(thread);
    };
  }

  /** Whether a thread is deleted, or about to be. */
  isRemoved(threadId: string): boolean {
    return this.removed.has(threadId) || this.fateOf(threadId)?.kind === "thread.delete";
  }

  /** Waits for a thread that is on its way back. */
  async whenRestored(threadId: string): Promise<void> {
    const { outbox } = this.options;
    const lane = laneOf({ kind: "thread.restore", id: threadId });
    while (this.fateOf(threadId)?.kind === "thread.restore" && outbox.isSending(lane)) {
      await outbox.settled(lane);
    }
  }

  find(threadId: string): ThreadMetadata | undefined {
    return this.getSnapshot().threads.find(({ id }) => id === threadId);
  }

  /** Moves a thread to the top, where the back end has the ones that changed last. */
  putFirst(
    threadId: string,
    thread: ThreadMetadata | undefined = this.known.find(({ id }) => id === threadId),
  ): void {
    if (!thread || this.isRemoved(threadId)) return;
    this.leavePlace(threadId, threadId);
    const now = new Date().toISOString();
    const others = this.known.filter(({ id }) => id !== threadId);
    this.known = [{ ...thread, updated_at: now }, ...others];
    this.show();
  }

  /** Forgets a thread that the back end doesn't have any more. */
  forget(threadId: string): void {
    this.leavePlace(threadId);
    this.known = this.known.filter(({ id }) => id !== threadId);
    this.show();
  }

  private async read(): Promise<void> {
    const before = new Set(this.known);
    const gone = [...this.removed].filter((id) => !this.fateOf(id));
    if (this.getSnapshot().load === "error") this.patch({ load: "loading" });
    try {
      const page = await this.options.client.request("threads.list", {
        limit: PAGE,
        order: "desc",
      });
      // Brought back in another window.
      for (const { id } of page.data) if (gone.includes(id)) this.removed.delete(id);
      this.takeFirst(page, before);
    } catch (error) {
      this.fail(error);
      if (this.known.length === 0) this.patch({ load: "error" });
    }
  }

  /** Takes over a first page. What isn't in `before` was started or renamed meanwhile, and is newer. */
  private takeFirst(page: Page<ThreadMetadata>, before: ReadonlySet<ThreadMetadata>): void {
    const newer = this.known.filter((thread) => !before.has(thread));
    const ids = new Set(newer.map(({ id }) => id));
    const read = page.data.filter(({ id }) => !ids.has(id) && !this.removed.has(id));
    for (const { id } of read) ids.add(id);
    const last = read.at(-1);
    const position = last ? this.known.findIndex(({ id }) => id === last.id) : -1;
    // Older pages stay where they join on to this one.
    const rest = page.has_more && position >= 0 ? this.known.slice(position + 1) : [];
    const older = rest.filter(({ id }) => !ids.has(id));
    if (older.length === 0) this.older = page.after ?? undefined;
    this.known = [...newer, ...read, ...older];
    const hasMore = older.length > 0 ? this.getSnapshot().hasMore : page.has_more;
    this.show({ load: "ready", hasMore });
  }

  /** Shows a thread where its last change puts it. */
  private putInPlace(thread: ThreadMetadata): void {
    const others = this.known.filter(({ id }) => id !== thread.id);
    const older = others.findIndex((other) => changedAt(other) < changedAt(thread));
    this.known = others.toSpliced(older < 0 ? others.length : older, 0, thread);
    this.show();
  }

  /** Before a thread leaves its place in the list: older ones follow the thread above it then. */
  private leavePlace(threadId: string, otherwise?: string): void {
    if (this.older !== threadId) return;
    const index = this.known.findIndex(({ id }) => id === threadId);
    this.older = this.known[index - 1]?.id ?? otherwise;
  }

  private get changes(): ThreadChange[] {
    return this.options.outbox.changes.filter((change): change is ThreadChange =>
      change.kind.startsWith("thread."),
    );
  }

  /** The deletion or its Undo that waits, the one that was wanted last. */
  private fateOf(threadId: string): ThreadChange | undefined {
    return this.changes.findLast(({ kind, id }) => id === threadId && kind !== "thread.rename");
  }

  private async send(change: ThreadChange): Promise<void> {
    const { client } = this.options;
    switch (change.kind) {
      case "thread.rename": {
        await client.request("threads.update", { thread_id: change.id, title: change.title });
        const thread = this.known.find(({ id }) => id === change.id);
        if (thread) this.putFirst(change.id, { ...thread, title: change.title });
        break;
      }
      case "thread.delete":
        await client.request("threads.delete", { thread_id: change.id });
        // It may have been taken back meanwhile.
        if (this.fateOf(change.id)?.kind === "thread.restore") break;
        this.removed.add(change.id);
        this.forget(change.id);
        break;
      case "thread.restore": {
        const thread = await client.restore(change.id);
        this.removed.delete(change.id);
        this.putInPlace(thread);
        break;
      }
    }
    this.options.onSaved?.();
  }

  private refused(change: ThreadChange, error: RequestError): "drop" {
    if (change.kind === "thread.restore") {
      this.refusedToRestore(change.id, error);
      this.forget(change.id);
      return "drop";
    }
    // Already gone, in another window.
    if (error.kind === "not-found") {
      this.forget(change.id);
      return "drop";
    }
    if (change.kind === "thread.delete") this.removed.delete(change.id);
    this.options.onFailure?.(error.message);
    return "drop";
  }

  private refusedToRestore(id: string, { kind, message }: RequestError): void {
    const { outbox, onFailure, onNotRestored } = this.options;
    if (kind === "failed") {
      const again = (): void => void outbox.add({ kind: "thread.restore", id });
      onNotRestored?.(this.find(id)?.title ?? UNTITLED, message, again);
    } else onFailure?.(kind === "not-found" ? GONE : message);
  }

  private show(changes: Partial<ThreadListState> = {}): void {
    const titles = new Map<string, string>();
    const gone = new Set<string>();
    for (const change of this.changes) {
      if (change.kind === "thread.rename") titles.set(change.id, change.title);
      else if (change.kind === "thread.delete") gone.add(change.id);
      else gone.delete(change.id);
    }
    const threads = this.known
      .filter(({ id }) => !gone.has(id))
      .map((thread) => {
        const title = titles.get(thread.id);
        return title === undefined ? thread : { ...thread, title };
      });
    this.patch({ threads, ...changes });
  }

  private fail(error: unknown): string {
    if (!(error instanceof RequestError)) throw error;
    if (error.kind === "signed-out" || error.kind === "other-user") this.options.onLeave?.(error);
    if (error.kind === "unavailable") this.options.connection.lost();
    return error.message;
  }
}

function changedAt({ updated_at, created_at }: ThreadMetadata): string {
  return updated_at ?? created_at;
}

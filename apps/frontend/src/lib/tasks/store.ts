import type { Connection } from "../connection";
import { RequestError } from "../http";
import { Observable } from "../observable";
import { uniqueId } from "../unique-id";
import type { TaskClient } from "./client";
import type { ListedTask, NewTask, Task, TaskFields } from "./types";

export interface TaskState {
  tasks: readonly ListedTask[];
  load: "loading" | "ready" | "error";
}

export interface TaskStoreOptions {
  client: TaskClient;
  connection: Connection;
  /** The session has ended. */
  onSignedOut?: () => void;
  /** A change couldn't be kept; it has been taken back. */
  onFailure?: (message: string) => void;
}

/** A task that the back end hasn't taken yet. */
interface Draft {
  /** Under one key the back end adds one task, however often it is sent. */
  key: string;
  fields: NewTask;
  shown: ListedTask;
}

/** A change that the back end hasn't taken yet. */
interface Edit {
  id: string;
  changes: Partial<TaskFields>;
}

const GONE = "That task doesn't exist any more.";

/**
 * The person's tasks. Changes show at once: they are laid over what the back end has told, until it
 * has taken or refused them.
 */
export class TaskStore extends Observable<TaskState> {
  private known: readonly Task[] = [];
  /** The newest first. */
  private drafts: readonly Draft[] = [];
  private edits: readonly Edit[] = [];
  /** Tasks that are taken off the list. */
  private readonly removed = new Set<string>();
  /** The last change of each task that is under way. */
  private readonly queues = new Map<string, Promise<unknown>>();
  /** Requests for changes under way. */
  private pending = 0;
  /** Counts beginnings and ends of changes: a list read across one may be older than the view. */
  private version = 0;
  private refreshing: Promise<void> | undefined;
  private stale = false;
  private readonly unregister: () => void;

  constructor(private readonly options: TaskStoreOptions) {
    super({ tasks: [], load: "loading" });
    this.unregister = options.connection.whenBack(() => void this.resume());
  }

  dispose(): void {
    this.unregister();
  }

  /** Reads the list again. Calls during a read cause one more after it. */
  refresh(): Promise<void> {
    if (this.refreshing) {
      this.stale = true;
      return this.refreshing;
    }
    this.refreshing = this.read().finally(() => {
      this.refreshing = undefined;
      if (this.stale && this.pending === 0) void this.refresh();
    });
    return this.refreshing;
  }

  /** Adds a task. It stays in the list whatever happens; resolves to whether it is saved by now. */
  add(fields: NewTask): Promise<boolean> {
    const key = uniqueId();
    const now = new Date().toISOString();
    const shown: ListedTask = {
      description: null,
      completed: false,
      due_date: null,
      priority: "medium",
      ...fields,
      id: `local-${key}`,
      created_at: now,
      updated_at: now,
    };
    this.drafts = [{ key, fields, shown }, ...this.drafts];
    return this.save(shown.id);
  }

  /** Sends a task that was added, again when that has failed. */
  async save(id: string): Promise<boolean> {
    const draft = this.mark(id, "saving");
    if (!draft) return false;
    return this.change(
      id,
      () => this.options.client.create(draft.fields, draft.key),
      (created) => {
        this.forget(created.id);
        this.known = [created, ...this.known];
        this.discard(id);
      },
      (error, message) => {
        const away = isAway(error);
        this.mark(id, away ? "waiting" : "failed");
        if (!away) this.options.onFailure?.(message);
      },
    );
  }

  /** Gives up a task that couldn't be saved. */
  discard(id: string): void {
    this.drafts = this.drafts.filter(({ shown }) => shown.id !== id);
    this.show();
  }

  /** Changes a task; `onFailure` hears why it can't be kept. */
  edit(
    id: string,
    changes: Partial<TaskFields>,
    onFailure = this.options.onFailure,
  ): Promise<boolean> {
    const edit = { id, changes };
    this.edits = [...this.edits, edit];
    this.show();
    const settle = (): void => {
      this.edits = this.edits.filter((other) => other !== edit);
      this.show();
    };
    return this.change(
      id,
      () => this.options.client.update(id, changes),
      (updated) => {
        this.known = this.known.map((task) => (task.id === id ? updated : task));
        settle();
      },
      (error, message) => {
        if (!isNotFound(error)) onFailure?.(message);
        else if (this.forget(id)) this.options.onFailure?.(GONE);
        settle();
      },
    );
  }

  /**
   * Takes a task off the list. Nothing else happens to it before {@link deleteRemoved}: until then
   * {@link restore} brings it back.
   */
  remove(id: string): void {
    this.removed.add(id);
    this.show();
  }

  restore(id: string): void {
    if (!this.removed.delete(id)) return;
    if (!this.known.some((task) => task.id === id)) this.options.onFailure?.(GONE);
    this.show();
  }

  /** Deletes a task that is off the list, or puts it back and says so when that can't be done. */
  async deleteRemoved(id: string): Promise<void> {
    if (!this.removed.has(id)) return;
    const title = this.known.find((task) => task.id === id)?.title;
    const settle = (): void => {
      this.removed.delete(id);
      this.show();
    };
    await this.change(
      id,
      () => this.options.client.remove(id),
      () => {
        this.forget(id);
        settle();
      },
      (error, message) => {
        // Already gone, by the assistant or in another window: that was the wish.
        if (isNotFound(error)) this.forget(id);
        else if (title) this.options.onFailure?.(`“${title}” couldn't be deleted. ${message}`);
        settle();
      },
    );
  }

  /** The back end is back: what waited goes out, in the order in which it was written. */
  private async resume(): Promise<void> {
    for (const { shown } of this.drafts.toReversed()) {
      const draft = this.drafts.find((other) => other.shown.id === shown.id);
      if (draft?.shown.unsaved === "waiting") await this.save(shown.id);
    }
    await this.refresh();
  }

  private mark(id: string, unsaved: NonNullable<ListedTask["unsaved"]>): Draft | undefined {
    this.drafts = this.drafts.map((draft) =>
      draft.shown.id === id ? { ...draft, shown: { ...draft.shown, unsaved } } : draft,
    );
    this.show();
    return this.drafts.find(({ shown }) => shown.id === id);
  }

  /** Forgets what the back end has told about a task. Tells whether there was anything. */
  private forget(id: string): boolean {
    const { length } = this.known;
    this.known = this.known.filter((task) => task.id !== id);
    return this.known.length < length;
  }

  private show(load = this.getSnapshot().load): void {
    const changed = (task: Task): Task => {
      const edits = this.edits.filter(({ id }) => id === task.id);
      if (edits.length === 0) return task;
      return Object.assign({ ...task }, ...edits.map(({ changes }) => changes));
    };
    const known = this.known.filter(({ id }) => !this.removed.has(id)).map(changed);
    this.set({ tasks: [...this.drafts.map(({ shown }) => shown), ...known], load });
  }

  /** Waits until every change that was begun is answered, whatever the answer. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.queues.values());
  }

  /** Sends a change of a task, after those that were made before it. Tells whether it was taken. */
  private async change<T>(
    id: string,
    send: () => Promise<T>,
    keep: (result: T) => void,
    takeBack: (error: unknown, message: string) => void,
  ): Promise<boolean> {
    this.pending += 1;
    this.version += 1;
    const before = this.queues.get(id);
    // With nothing before it, it is on its way when this returns: the page may be closing.
    const sent = before ? before.then(send, send) : send();
    this.queues.set(id, sent);
    try {
      keep(await sent);
      return true;
    } catch (error) {
      // The back end may have done it all the same, or know better.
      this.stale = true;
      takeBack(error, this.fail(error));
      return false;
    } finally {
      if (this.queues.get(id) === sent) this.queues.delete(id);
      this.pending -= 1;
      this.version += 1;
      if (this.stale && this.pending === 0) void this.refresh();
    }
  }

  private async read(): Promise<void> {
    this.stale = false;
    const { version } = this;
    try {
      const tasks = await this.options.client.list();
      if (this.pending > 0 || this.version !== version) {
        this.stale = true;
        return;
      }
      this.known = tasks;
      this.show("ready");
    } catch (error) {
      this.fail(error);
      if (this.getSnapshot().load === "loading") this.show("error");
    }
  }

  private fail(error: unknown): string {
    if (error instanceof RequestError) {
      if (error.kind === "signed-out") this.options.onSignedOut?.();
      if (isAway(error)) this.options.connection.lost();
      return error.message;
    }
    return "Something went wrong.";
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof RequestError && error.kind === "not-found";
}

function isAway(error: unknown): boolean {
  return error instanceof RequestError && error.kind === "unavailable";
}

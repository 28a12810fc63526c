import type { Connection } from "../connection";
import { RequestError } from "../http";
import { Observable } from "../observable";
import { uniqueId } from "../unique-id";
import type { TaskClient } from "./client";
import type { NewTask, Task, TaskFields } from "./types";

export interface TaskState {
  tasks: readonly Task[];
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

/** The person's tasks. Changes show at once and are taken back when the back end refuses them. */
export class TaskStore extends Observable<TaskState> {
  /** Changes under way. */
  private pending = 0;
  /** Counts beginnings and ends of changes: a list read across one may be older than the view. */
  private version = 0;
  private refreshing: Promise<void> | undefined;
  private stale = false;
  private readonly unregister: () => void;

  constructor(private readonly options: TaskStoreOptions) {
    super({ tasks: [], load: "loading" });
    this.unregister = options.connection.whenBack(() => void this.refresh());
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

  async add(task: NewTask): Promise<boolean> {
    const now = new Date().toISOString();
    const draft: Task = {
      description: null,
      completed: false,
      due_date: null,
      priority: "medium",
      ...task,
      id: `local-${uniqueId()}`,
      created_at: now,
      updated_at: now,
    };
    this.patch({ tasks: [draft, ...this.tasks] });
    return this.change(
      () => this.options.client.create(task),
      (created) => this.replace(draft.id, created),
      () => this.patch({ tasks: this.tasks.filter((other) => other.id !== draft.id) }),
    );
  }

  async edit(id: string, changes: Partial<TaskFields>): Promise<boolean> {
    const before = this.tasks.find((task) => task.id === id);
    if (!before) return false;
    this.replace(id, { ...before, ...changes });
    return this.change(
      () => this.options.client.update(id, changes),
      (updated) => this.replace(id, updated),
      () => this.replace(id, before),
    );
  }

  /** Deletes a task. Resolves to what {@link restore} needs, or null when it couldn't be done. */
  async remove(id: string): Promise<Task | null> {
    const index = this.tasks.findIndex((task) => task.id === id);
    const task = this.tasks[index];
    if (!task) return null;
    this.patch({ tasks: this.tasks.toSpliced(index, 1) });
    const done = await this.change(
      async () => {
        try {
          await this.options.client.remove(id);
        } catch (error) {
          // Already gone, by the assistant or in another window: that was the wish.
          if (!(error instanceof RequestError && error.kind === "not-found")) throw error;
        }
      },
      () => undefined,
      () => this.patch({ tasks: this.tasks.toSpliced(index, 0, task) }),
    );
    return done ? task : null;
  }

  /** Brings a deleted task back. */
  restore(task: Task): Promise<boolean> {
    const { title, description, completed, due_date, priority } = task;
    return this.add({ title, description, completed, due_date, priority });
  }

  private get tasks(): readonly Task[] {
    return this.getSnapshot().tasks;
  }

  private replace(id: string, task: Task): void {
    this.patch({ tasks: this.tasks.map((other) => (other.id === id ? task : other)) });
  }

  private async change<T>(
    send: () => Promise<T>,
    keep: (result: T) => void,
    takeBack: () => void,
  ): Promise<boolean> {
    this.pending += 1;
    this.version += 1;
    try {
      keep(await send());
      return true;
    } catch (error) {
      takeBack();
      this.options.onFailure?.(this.fail(error));
      return false;
    } finally {
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
      if (this.pending > 0 || this.version !== version) this.stale = true;
      else this.patch({ tasks, load: "ready" });
    } catch (error) {
      this.fail(error);
      if (this.getSnapshot().load === "loading") this.patch({ load: "error" });
    }
  }

  private fail(error: unknown): string {
    if (error instanceof RequestError) {
      if (error.kind === "signed-out") this.options.onSignedOut?.();
      if (error.kind === "unavailable" && error.status !== 429) this.options.connection.lost();
      return error.message;
    }
    return "Something went wrong.";
  }
}

import type { StepEffect } from "../chat/protocol";
import type { Connection } from "../connection";
import { RequestError } from "../http";
import { Observable } from "../observable";
import type { ChangeOf, Waiting } from "../outbox/changes";
import type { Outbox } from "../outbox/outbox";
import { uniqueId } from "../unique-id";
import type { TaskClient, TaskPage } from "./client";
import { lastPosition } from "./position";
import { isSameTask, type ListedTask, type NewTask, type Task, type TaskFields } from "./types";

export interface TaskState {
  tasks: readonly ListedTask[];
  load: "loading" | "ready" | "error";
}

export interface TaskStoreOptions {
  client: TaskClient;
  connection: Connection;
  outbox: Outbox;
  /** The first tasks, where the server has read them already. */
  initial?: TaskPage | undefined;
  /** The session has ended, or somebody else has signed in. */
  onLeave?: (error: RequestError) => void;
  /** A change couldn't be kept; it has been taken back. */
  onFailure?: (message: string) => void;
  /** The back end has taken a change. */
  onSaved?: () => void;
}

type TaskChange = Waiting<ChangeOf<"task.add" | "task.edit" | "task.delete" | "task.restore">>;

const GONE = "That task doesn't exist any more.";
const LANE = "tasks";
/** Begins the ids of tasks that the back end hasn't made yet. */
const LOCAL_ID = "local-";

/**
 * The person's tasks, the first added first. Changes show at once: what waits in the outbox is laid
 * over what the back end has told.
 */
export class TaskStore extends Observable<TaskState> {
  private known: readonly Task[] = [];
  /** Ids on this page of tasks that the back end has made since, by its own. */
  private readonly localIds = new Map<string, string>();
  /** Whoever waits to hear why an edit can't be kept. */
  private readonly editors = new Map<string, (message: string) => void>();
  /** Counts changes of what waits: a list that was read across one may be older than the view. */
  private version = 0;
  private refreshing: Promise<void> | undefined;
  private stale = false;
  private readonly unregister: (() => void)[];

  constructor(private readonly options: TaskStoreOptions) {
    super({ tasks: [], load: "loading" });
    const { outbox, connection, initial } = options;
    if (initial) {
      this.known = initial.items;
      // Without those that follow, there is something to see and nothing to count yet.
      this.show(initial.next_cursor === null ? "ready" : "loading");
    }
    outbox.handle("task", {
      send: (change) => this.send(change as TaskChange),
      refused: (change, error) => this.refused(change as TaskChange, error),
    });
    this.unregister = [
      connection.whenBack(() => void this.refresh()),
      outbox.subscribe(() => {
        this.version += 1;
        this.show();
        if (this.stale && !outbox.isSending(LANE)) void this.refresh();
      }),
    ];
  }

  dispose(): void {
    for (const unregister of this.unregister) unregister();
  }

  /** Reads the list again. Calls during a read cause one more after it. */
  refresh(): Promise<void> {
    if (this.refreshing) {
      this.stale = true;
      return this.refreshing;
    }
    this.refreshing = this.read().finally(() => {
      this.refreshing = undefined;
      if (this.stale && !this.options.outbox.isSending(LANE)) void this.refresh();
    });
    return this.refreshing;
  }

  /** Reads the list again after that has failed. */
  reload(): Promise<void> {
    this.show("loading");
    return this.refresh();
  }

  /** Adds a task. It stays in the list whatever happens; resolves to whether it is saved by now. */
  add(fields: NewTask): Promise<boolean> {
    const key = uniqueId();
    return this.options.outbox.add({ kind: "task.add", id: `${LOCAL_ID}${key}`, key, fields });
  }

  /** Sends what was refused of a task once more. Resolves to whether all of it is saved by now. */
  async save(id: string): Promise<boolean> {
    const refused = this.about(id).filter(({ problem }) => problem !== undefined);
    const saved = await Promise.all(refused.map(({ entry }) => this.options.outbox.again(entry)));
    return saved.length > 0 && !saved.includes(false);
  }

  /** Gives up what isn't saved of a task. What it returns takes that back. */
  discard(id: string): () => void {
    const { outbox } = this.options;
    const unsaved = this.about(id);
    outbox.remove(...unsaved.map(({ entry }) => entry));
    return () => outbox.putBack(unsaved);
  }

  /**
   * Changes a task; `onFailure` hears why it can't be kept.
   * Resolves to whether it is: taken by the back end, or waiting for it.
   */
  async edit(
    id: string,
    changes: Partial<TaskFields>,
    onFailure?: (message: string) => void,
  ): Promise<boolean> {
    const { outbox } = this.options;
    const waiting = outbox.keep({ kind: "task.edit", id: this.present(id), changes });
    let kept = true;
    this.editors.set(waiting.entry, (message) => {
      kept = false;
      (onFailure ?? this.options.onFailure)?.(message);
    });
    await outbox.flush(LANE);
    this.editors.delete(waiting.entry);
    return kept;
  }

  /** Deletes a task. What it returns takes that back, whether the back end knows of it yet or not. */
  remove(id: string): () => void {
    const { outbox } = this.options;
    const draft = this.draft(id);
    if (draft && !draft.tried) return this.discard(id);
    const title = this.getSnapshot().tasks.find((task) => task.id === id)?.title ?? "";
    void outbox.add({ kind: "task.delete", id: this.present(id), title });
    return () => {
      const deletion = this.about(this.present(id)).find(({ kind }) => kind === "task.delete");
      if (deletion && !deletion.tried) outbox.remove(deletion.entry);
      else void outbox.add({ kind: "task.restore", ids: [this.present(id)] });
    };
  }

  /**
   * Takes back what the assistant did, by what its step tells. What was changed again since stays, and is told.
   * Resolves to whether anything is as it was.
   */
  async undo(effect: StepEffect): Promise<boolean> {
    const { client, onFailure } = this.options;
    const { action, task_ids: ids, before, after } = effect;
    const undos: Partial<Record<StepEffect["action"], () => Promise<readonly Task[]>>> = {
      delete: () => client.restore(ids),
      complete: () => client.complete(ids, false),
      reopen: () => client.complete(ids, true),
      add: () => client.removeAll(ids),
      update: async () => (before && after ? client.revert({ before, after }) : []),
    };
    try {
      const back = (await undos[action]?.()) ?? [];
      this.options.onSaved?.();
      await this.refresh();
      const told = describeKept(effect, back);
      if (told) onFailure?.(told);
      return back.length > 0;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.report(error);
      onFailure?.(`That couldn't be undone. ${error.message}`);
      return false;
    }
  }

  /** Waits until every change that can be sent is. */
  settled(): Promise<void> {
    return this.options.outbox.settled(LANE);
  }

  private draft(id: string): Waiting<ChangeOf<"task.add">> | undefined {
    return this.changes.find(
      (change): change is Waiting<ChangeOf<"task.add">> =>
        change.kind === "task.add" && change.id === id,
    );
  }

  private about(id: string): TaskChange[] {
    return this.changes.filter((change) => change.kind !== "task.restore" && change.id === id);
  }

  /** The id that the back end knows a task by, as far as it does. */
  private present(id: string): string {
    for (const [known, local] of this.localIds) if (local === id) return known;
    return id;
  }

  private get changes(): TaskChange[] {
    return this.options.outbox.changes.filter((change): change is TaskChange =>
      change.kind.startsWith("task."),
    );
  }

  private async send(change: TaskChange): Promise<void> {
    const { client } = this.options;
    switch (change.kind) {
      case "task.add":
        this.adopt(change, await client.create(change.fields, change.key));
        break;
      case "task.edit": {
        const updated = await client.update(change.id, change.changes);
        this.known = this.known.map((task) => (task.id === updated.id ? updated : task));
        break;
      }
      case "task.delete":
        await client.remove(change.id);
        this.known = this.known.filter(({ id }) => id !== change.id);
        break;
      case "task.restore": {
        const restored = await client.restore(change.ids);
        if (restored.length === 0) this.options.onFailure?.(GONE);
        const ids = new Set(restored.map(({ id }) => id));
        this.known = [...this.known.filter(({ id }) => !ids.has(id)), ...restored].sort(byAge);
        break;
      }
    }
    this.options.onSaved?.();
  }

  /** The back end has made a task: what else waits for it is about the back end's id from now on. */
  private adopt(draft: Waiting<ChangeOf<"task.add">>, task: Task): void {
    const { outbox } = this.options;
    this.localIds.set(task.id, draft.id);
    this.known = [...this.known.filter(({ id }) => id !== task.id), task].sort(byAge);
    for (const change of this.about(draft.id)) {
      if (change.kind === "task.edit" || change.kind === "task.delete") {
        outbox.update(change, { id: task.id });
      }
    }
    for (const change of this.changes) {
      if (change.kind !== "task.restore" || !change.ids.includes(draft.id)) continue;
      outbox.update(change, { ids: change.ids.map((id) => (id === draft.id ? task.id : id)) });
    }
  }

  private refused(change: TaskChange, error: RequestError): "keep" | "drop" {
    const { onFailure } = this.options;
    this.stale = true;
    if (change.kind === "task.add") {
      onFailure?.(error.message);
      return "keep";
    }
    if (change.kind === "task.restore") {
      onFailure?.(error.kind === "not-found" ? GONE : error.message);
      return "drop";
    }
    if (error.kind === "not-found") {
      const there = this.known.some(({ id }) => id === change.id);
      this.known = this.known.filter(({ id }) => id !== change.id);
      // Deleted by the assistant or in another window: that was the wish.
      if (change.kind === "task.edit" && there) onFailure?.(GONE);
      return "drop";
    }
    if (change.kind === "task.delete") {
      onFailure?.(`“${change.title}” couldn't be deleted. ${error.message}`);
    } else {
      (this.editors.get(change.entry) ?? onFailure)?.(error.message);
      // Nobody has its words before them any more.
      if (change.waited) return "keep";
    }
    return "drop";
  }

  private show(load = this.getSnapshot().load): void {
    this.set({ tasks: overlay(this.known, this.changes, this.status, this.localIds), load });
  }

  private readonly status = (change: TaskChange): NonNullable<ListedTask["unsaved"]> => {
    if (change.problem !== undefined) return "failed";
    const { outbox, connection } = this.options;
    const away = connection.getSnapshot().status === "away";
    return outbox.isSending(LANE) && !away ? "saving" : "waiting";
  };

  private report(error: RequestError): void {
    if (error.kind === "signed-out" || error.kind === "other-user") this.options.onLeave?.(error);
    if (error.kind === "unavailable") this.options.connection.lost();
  }

  private async read(): Promise<void> {
    this.stale = false;
    const { version } = this;
    const { client, outbox } = this.options;
    try {
      const tasks = await client.list();
      if (outbox.isSending(LANE) || this.version !== version) {
        this.stale = true;
        // A first list is better than none; what waits is laid over it.
        if (this.getSnapshot().load === "ready") return;
      }
      this.known = keepUnchanged(this.known, tasks);
      this.show("ready");
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.report(error);
      if (this.getSnapshot().load === "loading") this.show("error");
    }
  }
}

/** The tasks of a new list; those that are as they were are the objects of before, to be drawn no more. */
function keepUnchanged(before: readonly Task[], tasks: readonly Task[]): Task[] {
  const known = new Map(before.map((task) => [task.id, task]));
  return tasks.map((task) => {
    const old = known.get(task.id);
    return old && isSameTask(old, task) ? old : task;
  });
}

/** What an Undo couldn't take back; undefined where it could all. */
function describeKept(
  { action, task_ids: ids, titles }: StepEffect,
  back: readonly Task[],
): string | undefined {
  const there = new Set(back.map(({ id }) => id));
  const kept = ids.filter((id) => !there.has(id));
  const [first] = kept;
  if (first === undefined) return undefined;
  const title = titles[ids.indexOf(first)];
  const [what, were, exist] =
    kept.length === 1
      ? [title === undefined ? "1 task" : `“${title}”`, "was", "doesn't exist"]
      : [`${kept.length} tasks`, "were", "don't exist"];
  if (action === "delete") return `${what} ${exist} any more.`;
  return `${what} ${were} changed or deleted since, so that can't be undone.`;
}

function byAge(one: Task, other: Task): number {
  if (one.created_at !== other.created_at) return one.created_at < other.created_at ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

/** The tasks as they will be once everything that waits is done. */
function overlay(
  known: readonly Task[],
  changes: readonly TaskChange[],
  status: (change: TaskChange) => NonNullable<ListedTask["unsaved"]>,
  localIds: ReadonlyMap<string, string>,
): ListedTask[] {
  const tasks = new Map<string, ListedTask>(
    known.map((task) => {
      const rowId = localIds.get(task.id);
      return [task.id, rowId === undefined ? task : { ...task, rowId }];
    }),
  );
  const deleted = new Set<string>();
  for (const change of changes) {
    if (change.kind === "task.add") {
      tasks.set(change.id, {
        description: null,
        completed: false,
        due_date: null,
        priority: "medium",
        position: lastPosition([...tasks.values()]),
        ...change.fields,
        id: change.id,
        created_at: change.at,
        updated_at: change.at,
        unsaved: status(change),
      });
    } else if (change.kind === "task.delete") {
      deleted.add(change.id);
    } else if (change.kind === "task.restore") {
      for (const id of change.ids) deleted.delete(id);
    } else if (change.kind === "task.edit") {
      const task = tasks.get(change.id);
      if (!task) continue;
      const state = status(change);
      // An edit that is on its way needs no word.
      const told = state === "saving" ? undefined : state;
      const unsaved = told === "failed" ? told : (task.unsaved ?? told);
      // What was done last is first among the done.
      const updated_at = change.changes.completed === undefined ? task.updated_at : change.at;
      tasks.set(change.id, {
        ...task,
        ...change.changes,
        updated_at,
        ...(unsaved ? { unsaved } : {}),
      });
    }
  }
  return [...tasks.values()].filter(({ id }) => !deleted.has(id));
}

import type { Schema } from "../api/types";
import type { BackendFetch } from "../http";
import type { NewTask, Task, TaskFields } from "./types";
import type { TaskOrder } from "./views";

/** The back end's task API. */
export interface TaskClient {
  /** All tasks, the first added first. */
  list(): Promise<Task[]>;
  /** However often it is called with one `key`, there is one task. */
  create(task: NewTask, key: string): Promise<Task>;
  update(id: string, changes: Partial<TaskFields>): Promise<Task>;
  /** Deletes a task; it can be restored for some weeks. */
  remove(id: string): Promise<void>;
  /** Takes deletions back. Resolves to those that are there again. */
  restore(ids: readonly string[]): Promise<Task[]>;
  /** Ticks off or opens again. */
  complete(ids: readonly string[], completed: boolean): Promise<Task[]>;
  /** Takes a change back where nobody has changed the same since. Resolves to the tasks that are as before. */
  revert(change: TaskReversion): Promise<Task[]>;
  /** Resolves to those that were there. */
  removeAll(ids: readonly string[]): Promise<Task[]>;
  /** Finds the due date and the priority in what was typed. */
  parse(text: string): Promise<ParsedTask>;
}

/** A change of some tasks, with what they were before. */
export type TaskReversion = Schema<"TaskReversion">;

/** What the back end reads out of a line of quick add. */
export type ParsedTask = Schema<"QuickAddRead">;

const PATH = "/api/tasks";
const PAGE = 100;
/** Most tasks that are read, so that a page stays a page. */
export const MOST_TASKS = 5_000;
/** Typing mustn't wait for it. */
const PARSE_LIMIT_MS = 3_000;

/** Some of the tasks, and where the next ones begin. */
export type TaskPage = Schema<"TaskPage">;

/** The back end's names of the orders that people choose from. */
export const TASK_SORTS: Record<TaskOrder, Schema<"TaskSort">> = {
  hand: "position",
  added: "created_at",
  due: "due_date",
  priority: "-priority",
  title: "title",
};

/** Where a page of tasks is read, the first added first unless another order is asked for. */
export function taskPagePath(cursor: string | null = null, order: TaskOrder = "added"): string {
  const query = new URLSearchParams({
    sort: TASK_SORTS[order],
    limit: String(PAGE),
    ...(cursor ? { cursor } : {}),
  });
  return `${PATH}?${query}`;
}

/** The task API over this site's own proxy. */
export function taskClientOf(backend: BackendFetch): TaskClient {
  const post = (path: string, body: unknown, limitMs?: number): Promise<Response> =>
    backend(`${PATH}/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      ...(limitMs === undefined ? {} : { limitMs }),
    });
  const tasksAfter = async (path: string, body: unknown): Promise<Task[]> =>
    ((await (await post(path, body)).json()) as Schema<"TaskItems">).items;
  return {
    async list() {
      const tasks: Task[] = [];
      let cursor: string | null = null;
      do {
        const page = (await (await backend(taskPagePath(cursor))).json()) as TaskPage;
        tasks.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor && tasks.length < MOST_TASKS);
      return tasks;
    },
    async create(task, key) {
      const response = await backend(PATH, {
        method: "POST",
        headers: { "idempotency-key": key },
        body: JSON.stringify(task),
      });
      return response.json();
    },
    async update(id, changes) {
      const response = await backend(`${PATH}/${id}`, {
        method: "PATCH",
        body: JSON.stringify(changes),
      });
      return response.json();
    },
    async remove(id) {
      await backend(`${PATH}/${id}`, { method: "DELETE" });
    },
    async restore(ids) {
      return tasksAfter("restore", { ids });
    },
    async complete(ids, completed) {
      return tasksAfter("complete", { ids, completed });
    },
    async revert(change) {
      return tasksAfter("revert", change);
    },
    async removeAll(ids) {
      return tasksAfter("delete", { ids });
    },
    async parse(text) {
      const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      return (await post("parse", { text, timezone }, PARSE_LIMIT_MS)).json();
    },
  };
}

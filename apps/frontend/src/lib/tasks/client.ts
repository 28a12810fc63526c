import { backendFetch } from "../http";
import type { NewTask, Task, TaskFields } from "./types";

/** The back end's task API. */
export interface TaskClient {
  list(): Promise<Task[]>;
  /** However often it is called with one `key`, there is one task. */
  create(task: NewTask, key: string): Promise<Task>;
  update(id: string, changes: Partial<TaskFields>): Promise<Task>;
  /** Gets through even when the page is being left. */
  remove(id: string): Promise<void>;
}

const PATH = "/api/tasks";
const PAGE = 100;
/** Nobody scrolls through more; searching the rest is the assistant's job. */
const MOST = 1_000;

export const taskClient: TaskClient = {
  async list() {
    const tasks: Task[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ limit: String(PAGE), ...(cursor ? { cursor } : {}) });
      const response = await backendFetch(`${PATH}?${query}`);
      const page = (await response.json()) as { items: Task[]; next_cursor: string | null };
      tasks.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor && tasks.length < MOST);
    return tasks;
  },
  async create(task, key) {
    const response = await backendFetch(PATH, {
      method: "POST",
      headers: { "idempotency-key": key },
      body: JSON.stringify(task),
    });
    return response.json();
  },
  async update(id, changes) {
    const response = await backendFetch(`${PATH}/${id}`, {
      method: "PATCH",
      body: JSON.stringify(changes),
    });
    return response.json();
  },
  async remove(id) {
    await backendFetch(`${PATH}/${id}`, { method: "DELETE", keepalive: true });
  },
};

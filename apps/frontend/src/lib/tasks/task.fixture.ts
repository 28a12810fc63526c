import type { Task } from "./types";

/** A task for tests: its title is its ID unless said. */
export function task(id: string, fields: Partial<Task> = {}): Task {
  return {
    id,
    title: id,
    description: null,
    completed: false,
    due_date: null,
    priority: "medium",
    position: "n00000000000001",
    created_at: "2030-01-01T00:00:00Z",
    updated_at: "2030-01-01T00:00:00Z",
    ...fields,
  };
}

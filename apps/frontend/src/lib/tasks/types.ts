export const PRIORITIES = ["low", "medium", "high"] as const;

export type Priority = (typeof PRIORITIES)[number];

/** A task as the back end returns it. */
export interface Task {
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  /** Calendar day, `YYYY-MM-DD`. */
  due_date: string | null;
  priority: Priority;
  created_at: string;
  updated_at: string;
}

/** A task in the list; one that the back end hasn't taken yet says what is the matter. */
export interface ListedTask extends Task {
  unsaved?:
    | "saving"
    /** The back end is away; it is sent as soon as that is back. */
    | "waiting"
    /** The back end didn't take it. */
    | "failed";
}

/** The fields that people set. */
export type TaskFields = Pick<
  Task,
  "title" | "description" | "completed" | "due_date" | "priority"
>;

export type NewTask = Partial<TaskFields> & Pick<Task, "title">;

export const MAX_TITLE_LENGTH = 200;
export const MAX_DESCRIPTION_LENGTH = 4_000;

export const TASK_FILTERS = ["all", "open", "done"] as const;

export type TaskFilter = (typeof TASK_FILTERS)[number];

/** Those of the new values that differ from what a task was. */
export function changedFields(before: Task, fields: Partial<TaskFields>): Partial<TaskFields> {
  const changes = Object.entries(fields).filter(
    ([name, value]) => before[name as keyof TaskFields] !== value,
  );
  return Object.fromEntries(changes);
}

/** The tasks that a filter and a search for words leave, open ones first. */
export function selectTasks<T extends Task>(
  tasks: readonly T[],
  filter: TaskFilter,
  search: string,
): T[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = tasks.filter((task) => {
    if (filter === "open" && task.completed) return false;
    if (filter === "done" && !task.completed) return false;
    const text = `${task.title} ${task.description ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return [...found.filter((task) => !task.completed), ...found.filter((task) => task.completed)];
}

/** A due date in words, seen from `today` (local time). */
export function describeDueDate(
  dueDate: string,
  today: Date,
  locale = "en",
): { text: string; overdue: boolean } {
  const [year = 0, month = 1, day = 1] = dueDate.split("-").map(Number);
  const due = Date.UTC(year, month - 1, day);
  const now = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  const days = Math.round((due - now) / 86_400_000);
  const overdue = days < 0;
  if (days === 0) return { text: "Today", overdue };
  if (days === 1) return { text: "Tomorrow", overdue };
  if (days === -1) return { text: "Yesterday", overdue };
  const sameYear = year === today.getFullYear();
  const text = new Intl.DateTimeFormat(locale, {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    ...(days > 1 && days < 7 ? { weekday: "short" } : {}),
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(due);
  return { text, overdue };
}

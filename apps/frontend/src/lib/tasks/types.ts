import type { Schema } from "../api/types";

export type Priority = Schema<"Priority">;

/** The lowest first. */
export const PRIORITIES = ["low", "medium", "high"] as const satisfies readonly Priority[];

/** A task as the back end returns it. */
export type Task = Schema<"TaskRead">;

/** A task in the list; one with a change that the back end hasn't taken yet says what is the matter. */
export interface ListedTask extends Task {
  unsaved?:
    | "saving"
    /** The back end is away; it is sent as soon as that is back. */
    | "waiting"
    /** The back end didn't take it. */
    | "failed";
  /** What the list knows it by where that isn't its id: one that was added here keeps its place. */
  rowId?: string;
  /** It was deleted elsewhere while it was being edited: only what was entered is still there. */
  gone?: true;
}

/** The fields that people set. */
export type TaskFields = Pick<
  Task,
  "title" | "description" | "completed" | "due_date" | "priority" | "position"
>;

/** A new task stands at the end. */
export type NewTask = Schema<"TaskCreate">;

export const MAX_TITLE_LENGTH = 200;
export const MAX_DESCRIPTION_LENGTH = 4_000;

/** Open tasks by when they are due. */
export const DUE_FILTERS = ["overdue", "today", "upcoming"] as const;

export type DueFilter = (typeof DUE_FILTERS)[number];

export const TASK_FILTERS = ["all", "open", "done", ...DUE_FILTERS] as const;

export type TaskFilter = (typeof TASK_FILTERS)[number];

/** Whether a filter goes by days. */
export function isDueFilter(filter: TaskFilter): filter is DueFilter {
  return DUE_FILTERS.some((one) => one === filter);
}

/** When an open task is due, seen from the day `today`; undefined for one without a day, and for one that is done. */
export function whenDue(task: Task, today: string): DueFilter | undefined {
  if (task.completed || task.due_date === null) return undefined;
  if (task.due_date < today) return "overdue";
  return task.due_date === today ? "today" : "upcoming";
}

/** How many open tasks are due when. */
export function countDue(tasks: readonly Task[], today: string): Record<DueFilter, number> {
  const counts = { overdue: 0, today: 0, upcoming: 0 };
  for (const task of tasks) {
    const due = whenDue(task, today);
    if (due) counts[due] += 1;
  }
  return counts;
}

/** Those of the new values that differ from what a task was. */
export function changedFields(before: Task, fields: Partial<TaskFields>): Partial<TaskFields> {
  const changes = Object.entries(fields).filter(
    ([name, value]) => before[name as keyof TaskFields] !== value,
  );
  return Object.fromEntries(changes);
}

/** Whether two versions of a task say the same. */
export function isSameTask(one: Task, other: Task): boolean {
  return one.updated_at === other.updated_at && Object.keys(changedFields(one, other)).length === 0;
}

/** The tasks that a filter and a search for words leave on the day `today`; without a day, none of those by day. */
export function selectTasks<T extends Task>(
  tasks: readonly T[],
  filter: TaskFilter,
  search: string,
  today: string | null = null,
): T[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return tasks.filter((task) => {
    if (filter === "open" && task.completed) return false;
    if (filter === "done" && !task.completed) return false;
    if (isDueFilter(filter) && (today === null || whenDue(task, today) !== filter)) return false;
    if (words.length === 0) return true;
    const text = `${task.title} ${task.description ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** A due date in words, seen from the day `today`; the date alone where that isn't known. */
export function describeDueDate(
  dueDate: string,
  today: string | null,
  locale = "en",
): { text: string; overdue: boolean } {
  const due = Date.parse(dueDate);
  const date = { timeZone: "UTC", day: "numeric", month: "short" } as const;
  if (today === null) {
    return { text: new Intl.DateTimeFormat(locale, date).format(due), overdue: false };
  }
  const now = Date.parse(today);
  const days = Math.round((due - now) / 86_400_000);
  const overdue = days < 0;
  if (days === 0) return { text: "Today", overdue };
  if (days === 1) return { text: "Tomorrow", overdue };
  if (days === -1) return { text: "Yesterday", overdue };
  const sameYear = dueDate.slice(0, 4) === today.slice(0, 4);
  const text = new Intl.DateTimeFormat(locale, {
    ...date,
    ...(days > 1 && days < 7 ? { weekday: "short" } : {}),
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(due);
  return { text, overdue };
}

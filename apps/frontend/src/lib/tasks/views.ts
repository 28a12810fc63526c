import { addDays } from "../dates";
import { byPosition } from "./position";
import { PRIORITIES, TASK_FILTERS, type Task, type TaskFilter, whenDue } from "./types";

/** Orders of the list; the assistant counts in the one that is chosen. */
export const TASK_ORDERS = ["hand", "added", "due", "priority", "title"] as const;

export type TaskOrder = (typeof TASK_ORDERS)[number];

/** Cookie that holds the chosen order, so that the server knows whether it can draw the list. */
export const TASK_ORDER_COOKIE = "task-order";

/** The order that a cookie's value stands for. */
export function parseOrder(value: string | undefined): TaskOrder {
  return TASK_ORDERS.find((order) => order === value) ?? "hand";
}

/** Names the filter in the address, as in `/tasks?show=today`. */
export const TASK_FILTER_PARAMETER = "show";

/** The filter that the address's parameter stands for. */
export function parseFilter(value: string | null | undefined): TaskFilter {
  return TASK_FILTERS.find((filter) => filter === value) ?? "all";
}

/** Some tasks under a heading. */
export interface TaskSection<T extends Task> {
  name: "open" | "overdue" | "today" | "upcoming" | "someday" | "done";
  tasks: T[];
}

function byDue(one: Task, other: Task): number {
  return (one.due_date ?? "9999").localeCompare(other.due_date ?? "9999");
}

function byPriority(one: Task, other: Task): number {
  return PRIORITIES.indexOf(other.priority) - PRIORITIES.indexOf(one.priority);
}

const COMPARISONS: Record<TaskOrder, ((one: Task, other: Task) => number)[]> = {
  hand: [byPosition],
  added: [],
  due: [byDue, byPriority],
  priority: [byPriority, byDue],
  title: [(one, other) => one.title.localeCompare(other.title, undefined, { numeric: true })],
};

/** The tasks in an order; what is equal in it stays in the order of adding. */
export function sortTasks<T extends Task>(tasks: readonly T[], order: TaskOrder): T[] {
  const comparisons = COMPARISONS[order];
  if (comparisons.length === 0) return [...tasks];
  return [...tasks].sort((one, other) => {
    for (const compare of comparisons) {
      const result = compare(one, other);
      if (result !== 0) return result;
    }
    return 0;
  });
}

/**
 * The list in sections: open tasks, by when they are due where that is the order, then done ones, of
 * which the one that was done last comes first.
 */
export function sections<T extends Task>(
  tasks: readonly T[],
  order: TaskOrder,
  today: string | null,
): TaskSection<T>[] {
  const open = sortTasks(
    tasks.filter((task) => !task.completed),
    order,
  );
  const done = tasks.filter((task) => task.completed);
  const found: TaskSection<T>[] = [];
  if (order === "due" && today !== null) {
    for (const name of ["overdue", "today", "upcoming", "someday"] as const) {
      const part = open.filter((task) => (whenDue(task, today) ?? "someday") === name);
      if (part.length > 0) found.push({ name, tasks: part });
    }
  } else if (open.length > 0) found.push({ name: "open", tasks: open });
  if (done.length > 0) {
    found.push({
      name: "done",
      tasks: done.sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1)),
    });
  }
  return found;
}

/** Days to choose from beside the calendar. */
export function dueShortcuts(
  today: string,
  nextMonday: string,
): { label: string; day: string | null }[] {
  return [
    { label: "Today", day: today },
    { label: "Tomorrow", day: addDays(today, 1) },
    { label: "Next Monday", day: nextMonday },
    { label: "No date", day: null },
  ];
}

import { describe, expect, it } from "vitest";
import { nextMonday } from "../dates";
import { task } from "./task.fixture";
import type { Task } from "./types";
import { dueShortcuts, sections, sortTasks, type TaskOrder } from "./views";

const tasks: Task[] = [
  task("b", { position: "n00000000000002", due_date: "2030-01-20", priority: "low" }),
  task("a", { due_date: "2030-01-15", priority: "high" }),
  task("d", { position: "n000000000000018" }),
  task("c", { position: "n00000000000001f", due_date: "2030-01-14", priority: "high" }),
];
const ids = (found: readonly Task[]): string[] => found.map(({ id }) => id);

describe("sortTasks", () => {
  it.each<[TaskOrder, string[]]>([
    ["hand", ["a", "d", "c", "b"]],
    ["added", ["b", "a", "d", "c"]],
    ["due", ["c", "a", "b", "d"]],
    ["priority", ["c", "a", "d", "b"]],
    ["title", ["a", "b", "c", "d"]],
  ])("by %s", (order, expected) => {
    expect(ids(sortTasks(tasks, order))).toEqual(expected);
  });

  it("puts task 10 after task 9", () => {
    const numbered = ["task 10", "task 9"].map((id) => task(id));
    expect(ids(sortTasks(numbered, "title"))).toEqual(["task 9", "task 10"]);
  });
});

describe("sections", () => {
  const found = (order: TaskOrder, all = tasks) =>
    sections(all, order, "2030-01-15").map(({ name, tasks: part }) => [name, ids(part)]);

  it("tells what is overdue, due today, and to come", () => {
    expect(found("due")).toEqual([
      ["overdue", ["c"]],
      ["today", ["a"]],
      ["upcoming", ["b"]],
      ["someday", ["d"]],
    ]);
  });

  it("has open tasks in the order of adding, and done ones below, the last one first", () => {
    const done = (id: string, updated_at: string) => task(id, { completed: true, updated_at });
    const all = [done("x", "2030-01-02T00:00:00Z"), ...tasks, done("y", "2030-01-03T00:00:00Z")];
    expect(found("added", all)).toEqual([
      ["open", ["b", "a", "d", "c"]],
      ["done", ["y", "x"]],
    ]);
  });
});

describe("dueShortcuts", () => {
  it("are days on a calendar, over the end of a month", () => {
    expect(dueShortcuts("2030-01-31", nextMonday("2030-01-31"))).toEqual([
      { label: "Today", day: "2030-01-31" },
      { label: "Tomorrow", day: "2030-02-01" },
      { label: "Next Monday", day: "2030-02-04" },
      { label: "No date", day: null },
    ]);
  });

  it("means the Monday after, on a Monday", () => {
    expect(nextMonday("2030-02-04")).toBe("2030-02-11");
  });
});

import { describe, expect, it } from "vitest";
import { dayOf } from "../dates";
import {
  changedFields,
  countDue,
  describeDueDate,
  isSameTask,
  selectTasks,
  type Task,
} from "./types";

const task = (title: string, completed = false, description: string | null = null): Task => ({
  id: title,
  title,
  description,
  completed,
  due_date: null,
  priority: "medium",
  position: "n00000000000001",
  created_at: "2030-01-01T00:00:00Z",
  updated_at: "2030-01-01T00:00:00Z",
});
const tasks = [
  task("Buy milk"),
  task("Pay rent", true),
  task("Call Sam", false, "about the milk bill"),
];
const titles = (found: Task[]): string[] => found.map(({ title }) => title);

describe("selectTasks", () => {
  it("leaves the order as it is", () => {
    expect(titles(selectTasks(tasks, "all", ""))).toEqual(["Buy milk", "Pay rent", "Call Sam"]);
  });

  it("keeps what the filter allows", () => {
    expect(titles(selectTasks(tasks, "open", ""))).toEqual(["Buy milk", "Call Sam"]);
    expect(titles(selectTasks(tasks, "done", ""))).toEqual(["Pay rent"]);
  });

  const today = "2030-01-15";
  const dated = [
    { ...task("Late"), due_date: "2030-01-14" },
    { ...task("Late, and done", true), due_date: "2030-01-14" },
    { ...task("Now"), due_date: today },
    { ...task("Soon"), due_date: "2030-01-16" },
    { ...task("Later"), due_date: "2031-01-01" },
    task("Some day"),
  ];

  it("keeps open tasks by the day on which they are due", () => {
    expect(titles(selectTasks(dated, "overdue", "", today))).toEqual(["Late"]);
    expect(titles(selectTasks(dated, "today", "", today))).toEqual(["Now"]);
    expect(titles(selectTasks(dated, "upcoming", "", today))).toEqual(["Soon", "Later"]);
    expect(titles(selectTasks(dated, "upcoming", "later", today))).toEqual(["Later"]);
    expect(selectTasks(dated, "today", "", null)).toEqual([]);
  });

  it("leaves as many as are counted", () => {
    expect(countDue(dated, today)).toEqual({ overdue: 1, today: 1, upcoming: 2 });
  });

  it("finds all words in title or notes, whatever their case", () => {
    expect(titles(selectTasks(tasks, "all", " MILK "))).toEqual(["Buy milk", "Call Sam"]);
    expect(titles(selectTasks(tasks, "all", "bill sam"))).toEqual(["Call Sam"]);
    expect(selectTasks(tasks, "done", "milk")).toEqual([]);
  });
});

describe("isSameTask", () => {
  it("is so where both were changed last at one time, and say the same", () => {
    const milk = task("Buy milk");
    expect(isSameTask(milk, { ...milk })).toBe(true);
    expect(isSameTask(milk, { ...milk, priority: "high" })).toBe(false);
    expect(isSameTask(milk, { ...milk, updated_at: "2030-01-02T00:00:00Z" })).toBe(false);
  });
});

describe("changedFields", () => {
  it("leaves out what is as it was", () => {
    const before = task("Buy milk", false, "two litres");
    const { title, description, due_date } = before;
    expect(changedFields(before, { title, description, due_date, priority: "high" })).toEqual({
      priority: "high",
    });
    expect(changedFields(before, { title, description: null })).toEqual({ description: null });
    expect(changedFields(before, { title })).toEqual({});
  });
});

describe("describeDueDate", () => {
  it("is the date alone where nobody knows which day it is", () => {
    expect(describeDueDate("2030-03-04", null)).toEqual({ text: "Mar 4", overdue: false });
  });

  // Late in the evening: the local day counts, whatever day it is elsewhere.
  const today = dayOf(new Date(2030, 0, 15, 23, 59));

  it.each([
    ["2030-01-15", "Today", false],
    ["2030-01-16", "Tomorrow", false],
    ["2030-01-14", "Yesterday", true],
    ["2030-01-17", "Thu, Jan 17", false],
    ["2030-01-21", "Mon, Jan 21", false],
    ["2030-01-22", "Jan 22", false],
    ["2030-01-13", "Jan 13", true],
    ["2030-03-01", "Mar 1", false],
    ["2029-12-31", "Dec 31, 2029", true],
  ])("calls %s %s", (date, text, overdue) => {
    expect(describeDueDate(date, today)).toEqual({ text, overdue });
  });
});

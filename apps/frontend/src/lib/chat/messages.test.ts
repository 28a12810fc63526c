import { describe, expect, it } from "vitest";
import { partsOf, summarize, toMessages } from "./messages";
import type { ThreadItem } from "./protocol";

const base = { thread_id: "t", created_at: "2030-01-01T00:00:00Z" };
const items: ThreadItem[] = [
  { ...base, id: "u1", type: "user_message", content: [{ type: "input_text", text: "add milk" }] },
  {
    ...base,
    id: "w1",
    type: "workflow",
    workflow: {
      type: "custom",
      tasks: [
        { type: "custom", title: "Added: milk", status_indicator: "complete" },
        { type: "custom", title: "Looking", content: "at the list", status_indicator: "loading" },
        { type: "thought" },
      ],
    },
  },
  {
    ...base,
    id: "a1",
    type: "assistant_message",
    content: [{ type: "output_text", text: "Done." }],
  },
  { ...base, id: "e1", type: "end_of_turn" },
  { ...base, id: "u2", type: "user_message", content: [{ type: "input_text", text: "thanks" }] },
];

describe("toMessages", () => {
  it("makes one message of all that the assistant did in a turn", () => {
    expect(toMessages(items).map(({ id, role }) => [id, role])).toEqual([
      ["u1", "user"],
      ["answer-u1", "assistant"],
      ["u2", "user"],
    ]);
  });

  it("says of the assistant's last message that it is at it", () => {
    const running = (all: ThreadItem[]) => toMessages(all, true).map((message) => message.running);
    expect(running(items)).toEqual([false, false, false, true]);
    expect(running(items.slice(0, 3))).toEqual([false, true]);
  });

  it("keeps the messages that haven't changed", () => {
    const [question, answer] = [items.slice(0, 1), items.slice(1, 3)];
    const before = toMessages([...question, ...answer], true);
    const last = answer.at(-1);
    if (last?.type !== "assistant_message") throw new Error("the answer is missing");
    const longer: ThreadItem = { ...last, content: [{ type: "output_text", text: "Done. Next?" }] };
    const spoken = toMessages([...question, ...answer.with(-1, longer)], true, before);
    expect(spoken[0]).toBe(before[0]);
    expect(spoken[1]).not.toBe(before[1]);
    const over = toMessages([...question, ...answer.with(-1, longer)], false, spoken);
    expect(over[0]).toBe(before[0]);
    expect(over[1]).not.toBe(spoken[1]);
  });
});

describe("partsOf", () => {
  const turn = toMessages(items)[1];
  if (!turn) throw new Error("the assistant's turn is missing");

  it("has steps and text in order, and steps under way as such", () => {
    const [steps, text] = partsOf({ ...turn, running: true });
    expect(text).toEqual({ type: "text", id: "a1-0", text: "Done." });
    expect(steps).toMatchObject({
      type: "steps",
      steps: [
        { title: "Added: milk", done: true },
        { title: "Looking", detail: "at the list", done: false },
      ],
    });
  });

  it("has every step as done once the turn is over", () => {
    const [steps] = partsOf(turn);
    expect(steps?.type === "steps" && steps.steps.map(({ done }) => done)).toEqual([true, true]);
  });
});

describe("summarize", () => {
  const step = (title: string) => ({ id: title, title, done: true });

  it.each([
    [["Deleted: a", "Deleted: b", "Deleted: c"], "3 tasks deleted"],
    [["Added: a", "Added: b", "Deleted: c"], "2 added, 1 deleted"],
    [["Added: a", "Not done: no"], "1 added, 1 not done"],
    [["Looked at the list: 2 tasks", "Deleted: a"], "Deleted: a"],
    [["Looked at the list: 2 tasks", "Not done: no"], "Not done: no"],
    [["Looked at the list: 2 tasks", "Looked at the list: 2 tasks"], "2 steps"],
  ])("calls %j %j", (titles, text) => {
    expect(summarize(titles.map(step))).toBe(text);
  });

  it("counts the tasks that a step was about, not the steps", () => {
    const effect = { action: "delete" as const, task_ids: ["1", "2"], titles: ["a", "b"] };
    expect(summarize([{ ...step("Deleted: 2 tasks"), effect }, step("Deleted: c")])).toBe(
      "3 tasks deleted",
    );
  });
});

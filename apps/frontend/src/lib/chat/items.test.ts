import { describe, expect, it } from "vitest";
import { applyEvent, mayChangeTasks } from "./items";
import type { ThreadEvent, ThreadItem } from "./protocol";

const base = { thread_id: "t", created_at: "2030-01-01T00:00:00Z" };
const assistant = (text?: string): ThreadItem => ({
  ...base,
  id: "a",
  type: "assistant_message",
  content: text === undefined ? [] : [{ type: "output_text", text }],
});
const workflow = (...titles: string[]): ThreadItem => ({
  ...base,
  id: "w",
  type: "workflow",
  workflow: { type: "custom", tasks: titles.map((title) => ({ type: "custom", title })) },
});

function play(items: readonly ThreadItem[], ...events: ThreadEvent[]): readonly ThreadItem[] {
  return events.reduce(applyEvent, items);
}

describe("applyEvent", () => {
  it("builds an answer from its pieces and replaces it by the final one", () => {
    const streamed = play(
      [],
      { type: "thread.item.added", item: assistant() },
      {
        type: "thread.item.updated",
        item_id: "a",
        update: {
          type: "assistant_message.content_part.added",
          content_index: 0,
          content: { type: "output_text", text: "" },
        },
      },
      ...["Hel", "lo"].map(
        (delta): ThreadEvent => ({
          type: "thread.item.updated",
          item_id: "a",
          update: { type: "assistant_message.content_part.text_delta", content_index: 0, delta },
        }),
      ),
    );
    expect(streamed).toEqual([assistant("Hello")]);
    const done: ThreadEvent = { type: "thread.item.done", item: assistant("Hello!") };
    expect(play(streamed, done)).toEqual([assistant("Hello!")]);
  });

  it("takes a delta for a part that wasn't announced", () => {
    const items = play([assistant()], {
      type: "thread.item.updated",
      item_id: "a",
      update: { type: "assistant_message.content_part.text_delta", content_index: 1, delta: "x" },
    });
    expect(items).toMatchObject([{ content: [{ text: "" }, { text: "x" }] }]);
  });

  it("follows the steps of a workflow", () => {
    const items = play(
      [workflow("Adding")],
      {
        type: "thread.item.updated",
        item_id: "w",
        update: {
          type: "workflow.task.added",
          task_index: 1,
          task: { type: "custom", title: "Listing" },
        },
      },
      {
        type: "thread.item.updated",
        item_id: "w",
        update: {
          type: "workflow.task.updated",
          task_index: 0,
          task: { type: "custom", title: "Added" },
        },
      },
    );
    expect(items).toEqual([workflow("Added", "Listing")]);
  });

  it("removes items and leaves the rest, and the given array, alone", () => {
    const before: readonly ThreadItem[] = Object.freeze([assistant("x"), workflow("y")]);
    expect(applyEvent(before, { type: "thread.item.removed", item_id: "a" })).toEqual([
      workflow("y"),
    ]);
    expect(before).toHaveLength(2);
  });

  it("returns the same array for events that aren't about items", () => {
    const before: readonly ThreadItem[] = [assistant("x")];
    expect(applyEvent(before, { type: "progress_update", text: "Thinking" })).toBe(before);
  });
});

describe("mayChangeTasks", () => {
  it.each<[boolean, ThreadEvent]>([
    [true, { type: "client_effect", name: "tasks_changed" }],
    [true, { type: "thread.item.done", item: workflow("Added") }],
    [false, { type: "thread.item.done", item: assistant("Added") }],
    [false, { type: "progress_update", text: "x" }],
  ])("is %s for %j", (expected, event) => {
    expect(mayChangeTasks(event)).toBe(expected);
  });
});

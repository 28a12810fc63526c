import { describe, expect, it } from "vitest";
import { STEP_TOOL, toMessages, toThreadMessage } from "./messages";
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
      ["w1", "assistant"],
      ["u2", "user"],
    ]);
  });
});

describe("toThreadMessage", () => {
  const turn = toMessages(items)[1];
  if (!turn) throw new Error("the assistant's turn is missing");

  it("shows steps and text in order, and steps under way as such", () => {
    const message = toThreadMessage(turn, true);
    expect(message.status).toEqual({ type: "running" });
    expect(message.content).toMatchObject([
      { type: "tool-call", toolName: STEP_TOOL, args: { title: "Added: milk" }, result: "done" },
      { type: "tool-call", args: { title: "Looking", detail: "at the list" } },
      { type: "text", text: "Done." },
    ]);
    const [, loading] = message.content as readonly { result?: unknown }[];
    expect(loading?.result).toBeUndefined();
  });

  it("shows every step as done once the turn is over", () => {
    const message = toThreadMessage(turn, false);
    expect(message.status).toEqual({ type: "complete", reason: "stop" });
    const [, second] = message.content as readonly { result?: unknown }[];
    expect(second?.result).toBe("done");
  });
});

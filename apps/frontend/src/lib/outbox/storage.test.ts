// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { type Change, countUnsent, laneOf, type Waiting } from "./changes";
import { LocalOutboxStorage } from "./storage";

const change = (entry: string): Waiting => ({
  ...{ kind: "task.delete", id: "1", title: "Milk", entry, tab: "a", at: "2026-01-01T00:00:00Z" },
});
const storage = new LocalOutboxStorage("ada");

beforeEach(() => localStorage.clear());

it("keeps changes beyond the page, and gives them the oldest first", () => {
  expect(storage.write(change("2"))).toBe(true);
  expect(storage.write(change("1"))).toBe(true);
  expect(new LocalOutboxStorage("ada").read()).toEqual([change("1"), change("2")]);
});

it("keeps each user's apart", () => {
  storage.write(change("1"));
  expect(new LocalOutboxStorage("ad").read()).toEqual([]);
  expect(new LocalOutboxStorage("eve").read()).toEqual([]);
});

it("forgets a change alone", () => {
  storage.write(change("1"));
  storage.write(change("2"));
  storage.remove("1");
  expect(storage.read()).toEqual([change("2")]);
});

it.each(["", "{", "null", "7", '{"kind":"task.delete"}', '{"entry":"1"}'])(
  "leaves out what it didn't write: %j",
  (text) => {
    localStorage.setItem("outbox/ada/0", text);
    storage.write(change("1"));
    expect(storage.read()).toEqual([change("1")]);
  },
);

it("says that a change won't outlive the page where nothing can be kept", () => {
  const full = (): never => {
    throw new DOMException("full", "QuotaExceededError");
  };
  vi.stubGlobal("localStorage", { setItem: full, getItem: full, removeItem: full });
  expect(storage.write(change("1"))).toBe(false);
  expect(() => storage.remove("1")).not.toThrow();
  expect(storage.read()).toEqual([]);
});

const MESSAGE: Change = { kind: "message", key: "k", threadId: null, text: "hi" };

it("what may be sent side by side is in lanes of its own", () => {
  const lanes = (
    [
      { kind: "task.add", id: "1", key: "k", fields: { title: "a" } },
      { kind: "task.edit", id: "2", changes: {} },
      { kind: "task.delete", id: "3", title: "a" },
      { kind: "task.restore", ids: ["4"] },
      { kind: "thread.rename", id: "5", title: "a" },
      { kind: "thread.delete", id: "5", title: "a" },
      MESSAGE,
      { kind: "answer.stop", key: "k" },
    ] as Change[]
  ).map(laneOf);
  expect(lanes).toEqual([
    ...["tasks", "tasks", "tasks", "tasks", "thread 5", "thread 5", "message k", "stop k"],
  ]);
});

it("an answer under way is no unsent change", () => {
  expect(countUnsent([])).toBe(0);
  expect(countUnsent([MESSAGE, change("1")])).toBe(2);
  expect(
    countUnsent([
      { ...MESSAGE, accepted: true },
      { kind: "answer.stop", key: "k" },
    ]),
  ).toBe(0);
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ToastStore } from "./toasts";

describe("ToastStore", () => {
  let toasts: ToastStore;
  const messages = (): string[] => toasts.getSnapshot().map(({ message }) => message);

  beforeEach(() => {
    vi.useFakeTimers();
    toasts = new ToastStore();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A message that one can undo something with. */
  function offer(message: string, groupName?: string) {
    const run = vi.fn();
    const describe = (count: number): string => `${count} ${groupName}`;
    const group = groupName ? { name: groupName, subject: message, describe } : undefined;
    toasts.show({ message, action: { label: "Undo", run }, group });
    const id = toasts.getSnapshot().at(-1)?.id ?? 0;
    return { id, run };
  }

  it("goes when its time is over, which is longer where there is something to do", () => {
    offer("a");
    toasts.show({ message: "b" });
    vi.advanceTimersByTime(5_999);
    expect(messages()).toEqual(["a", "b"]);
    vi.advanceTimersByTime(1);
    expect(messages()).toEqual(["a"]);
    vi.advanceTimersByTime(4_000);
    expect(messages()).toEqual([]);
  });

  it("does what it offers once", () => {
    const { id, run } = offer("a");
    toasts.act(id);
    toasts.act(id);
    vi.runAllTimers();
    expect(run).toHaveBeenCalledOnce();
    expect(messages()).toEqual([]);
  });

  it("has the newest offer at hand for the keyboard", () => {
    const first = offer("a");
    const second = offer("b");
    toasts.show({ message: "c" });
    expect(toasts.actOnNewest()).toBe(true);
    expect(second.run).toHaveBeenCalledOnce();
    expect(first.run).not.toHaveBeenCalled();
    expect(toasts.actOnNewest()).toBe(true);
    expect(toasts.actOnNewest()).toBe(false);
    expect(messages()).toEqual(["c"]);
  });

  it("isn't pushed out by a notice while it offers something", () => {
    offer("a");
    offer("b");
    toasts.show({ message: "c" });
    toasts.show({ message: "d" });
    expect(messages()).toEqual(["a", "b", "d"]);
  });

  it("tells of all things of a kind in one message, which takes all of them back", () => {
    const [first] = ["a", "b", "c", "d", "e"].map((one) => offer(one, "deleted"));
    offer("f", "done");
    expect(messages()).toEqual(["5 deleted", "f"]);
    toasts.act(first?.id ?? 0);
    expect(messages()).toEqual(["f"]);
  });

  it("takes each of them back by itself, too", () => {
    const [a, b, c] = ["a", "b", "c"].map((one) => offer(one, "deleted"));
    const id = a?.id ?? 0;
    const parts = toasts.getSnapshot()[0]?.parts ?? [];
    expect(parts.map(({ subject }) => subject)).toEqual(["a", "b", "c"]);
    toasts.actOn(id, parts[1]?.id ?? 0);
    expect(b?.run).toHaveBeenCalledOnce();
    expect(messages()).toEqual(["2 deleted"]);
    toasts.actOn(id, parts[0]?.id ?? 0);
    expect(messages()).toEqual(["c"]);
    toasts.act(id);
    for (const one of [a, b, c]) expect(one?.run).toHaveBeenCalledOnce();
    expect(messages()).toEqual([]);
  });

  it("takes back what was done last first, for the keyboard", () => {
    const [a, b] = ["a", "b"].map((one) => offer(one, "deleted"));
    expect(toasts.actOnNewest()).toBe(true);
    expect([a?.run, b?.run].map((run) => run?.mock.calls.length)).toEqual([0, 1]);
    expect(toasts.actOnNewest()).toBe(true);
    expect(toasts.actOnNewest()).toBe(false);
    expect(a?.run).toHaveBeenCalledOnce();
  });

  it("stays its whole time after the last thing that it tells of", () => {
    offer("a", "deleted");
    vi.advanceTimersByTime(9_000);
    offer("b", "deleted");
    vi.advanceTimersByTime(9_999);
    expect(messages()).toEqual(["2 deleted"]);
    vi.advanceTimersByTime(1);
    expect(messages()).toEqual([]);
  });

  it("waits while somebody reads", () => {
    const { id } = offer("a");
    toasts.pause(id);
    vi.advanceTimersByTime(60_000);
    expect(messages()).toEqual(["a"]);
    offer("b", "deleted");
    vi.advanceTimersByTime(10_000);
    expect(messages()).toEqual(["a"]);
    toasts.resume(id);
    vi.advanceTimersByTime(10_000);
    expect(messages()).toEqual([]);
  });

  it("goes as soon as there is something newer to say, where it is a brief one", () => {
    toasts.show({ message: "a", brief: true });
    toasts.show({ message: "b" });
    expect(messages()).toEqual(["b"]);
    const group = { name: "done", subject: "c", describe: (count: number) => `${count} done` };
    for (const message of ["c", "d"]) {
      const action = { label: "Undo", run: vi.fn() };
      toasts.show({ message, brief: true, action, group });
    }
    expect(messages()).toEqual(["b", "2 done"]);
  });
});

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
  function offer(message: string, group?: { count: number; describe: (count: number) => string }) {
    const run = vi.fn();
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

  it("becomes one of many rather than none, which undoes all of them", () => {
    const describe = (count: number): string => `Deleted ${count}`;
    const offers = ["a", "b", "c", "d", "e"].map((one) => offer(one, { count: 1, describe }));
    expect(messages()).toEqual(["Deleted 4", "e"]);
    toasts.actOnNewest();
    toasts.actOnNewest();
    for (const { run } of offers) expect(run).toHaveBeenCalledOnce();
  });

  it("waits while somebody reads", () => {
    const { id } = offer("a");
    toasts.pause(id);
    vi.advanceTimersByTime(60_000);
    expect(messages()).toEqual(["a"]);
    toasts.resume(id);
    vi.advanceTimersByTime(10_000);
    expect(messages()).toEqual([]);
  });

  it("goes as soon as there is something newer to say, where it is a brief one", () => {
    toasts.show({ message: "a", brief: true });
    toasts.show({ message: "b" });
    expect(messages()).toEqual(["b"]);
  });
});

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
  function offer(message: string) {
    const run = vi.fn();
    const onLapse = vi.fn();
    toasts.show({ message, action: { label: "Undo", run }, onLapse });
    const id = toasts.getSnapshot().at(-1)?.id ?? 0;
    return { id, run, onLapse };
  }

  it("lapses when its time is over, and only then", () => {
    const { onLapse } = offer("a");
    vi.advanceTimersByTime(5_999);
    expect(onLapse).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onLapse).toHaveBeenCalledOnce();
    expect(messages()).toEqual([]);
  });

  it("lapses when it is dismissed", () => {
    const { id, onLapse } = offer("a");
    toasts.dismiss(id);
    toasts.dismiss(id);
    vi.runAllTimers();
    expect(onLapse).toHaveBeenCalledOnce();
  });

  it("doesn't lapse once its action has been used", () => {
    const { id, run, onLapse } = offer("a");
    toasts.act(id);
    vi.runAllTimers();
    expect(run).toHaveBeenCalledOnce();
    expect(onLapse).not.toHaveBeenCalled();
    expect(messages()).toEqual([]);
  });

  it("never goes silently: one too many has the oldest lapse", () => {
    const first = offer("a");
    const second = offer("b");
    toasts.show({ message: "c" });
    expect(first.onLapse).not.toHaveBeenCalled();
    toasts.show({ message: "d" });
    expect(messages()).toEqual(["b", "c", "d"]);
    expect(first.onLapse).toHaveBeenCalledOnce();
    expect(second.onLapse).not.toHaveBeenCalled();
  });

  it("flushes what has something to do, and leaves plain messages", () => {
    const { onLapse } = offer("a");
    toasts.show({ message: "b" });
    toasts.flush();
    expect(onLapse).toHaveBeenCalledOnce();
    expect(messages()).toEqual(["b"]);
  });

  it("waits while somebody reads", () => {
    const { id, onLapse } = offer("a");
    toasts.pause(id);
    vi.advanceTimersByTime(60_000);
    expect(onLapse).not.toHaveBeenCalled();
    toasts.resume(id);
    vi.advanceTimersByTime(6_000);
    expect(onLapse).toHaveBeenCalledOnce();
  });
});

// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

describe("watching the session", () => {
  /** A page of its own, as far as it remembers anything. */
  async function openPage() {
    vi.resetModules();
    return import("./session-watch");
  }
  const settle = () => new Promise((resolve) => setTimeout(resolve, 30));
  let stops: (() => void)[];

  beforeEach(() => {
    stops = [];
  });
  afterEach(() => {
    for (const stop of stops) stop();
  });

  it("notices that somebody else has signed in, and not that the same person has", async () => {
    const [mine, theirs] = [vi.fn(), vi.fn()];
    stops.push((await openPage()).watchSession("ada", mine));
    stops.push((await openPage()).watchSession("ada", theirs));
    await settle();
    expect(mine).not.toHaveBeenCalled();
    stops.push((await openPage()).watchSession("grace", vi.fn()));
    await settle();
    expect(mine).toHaveBeenCalledOnce();
    expect(theirs).toHaveBeenCalledOnce();
  });

  it("notices a sign-out elsewhere, and leaves one's own to whoever signs out", async () => {
    const [own, other] = [vi.fn(), vi.fn()];
    const page = await openPage();
    stops.push((await openPage()).watchSession("ada", other));
    stops.push(page.watchSession("ada", own));
    page.announceSignOut();
    await settle();
    expect(other).toHaveBeenCalledOnce();
    expect(own).not.toHaveBeenCalled();
  });

  it("loads anew what the browser shows again after a sign-out", async () => {
    const own = vi.fn();
    const page = await openPage();
    stops.push(page.watchSession("ada", own));
    const back = (): void => {
      window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    };
    back();
    expect(own).not.toHaveBeenCalled();
    page.announceSignOut();
    await settle();
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: false }));
    expect(own).not.toHaveBeenCalled();
    back();
    expect(own).toHaveBeenCalledOnce();
  });

  it("hears of it by the storage where there are no channels", async () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    const other = vi.fn();
    stops.push((await openPage()).watchSession("ada", other));
    const newValue = JSON.stringify({ user: null, at: 1 });
    window.dispatchEvent(new StorageEvent("storage", { key: "todo-auth", newValue }));
    expect(other).toHaveBeenCalledOnce();
  });

  describe("where there are no channels", () => {
    beforeEach(() => {
      vi.stubGlobal("BroadcastChannel", undefined);
      localStorage.clear();
    });
    const told = () => JSON.parse(localStorage.getItem("todo-auth") ?? "null");
    const hear = (key: string | null, newValue: string | null) =>
      window.dispatchEvent(new StorageEvent("storage", { key, newValue }));

    it("tells who is signed in, and that nobody is, by the storage", async () => {
      const page = await openPage();
      stops.push(page.watchSession("ada", vi.fn()));
      expect(told()).toEqual({ user: "ada", at: expect.any(Number) });
      page.announceSignOut();
      expect(told()).toEqual({ user: null, at: expect.any(Number) });
    });

    it("heeds nothing else that is stored, nor that it is gone", async () => {
      const other = vi.fn();
      stops.push((await openPage()).watchSession("ada", other));
      hear("theme", JSON.stringify({ user: null }));
      hear("todo-auth", null);
      hear("todo-auth", "{");
      hear("todo-auth", JSON.stringify({ user: "ada" }));
      expect(other).not.toHaveBeenCalled();
      hear("todo-auth", JSON.stringify({ user: "grace" }));
      expect(other).toHaveBeenCalledOnce();
    });

    it("works without a storage, too", async () => {
      vi.stubGlobal("localStorage", {
        setItem: () => {
          throw new DOMException("off", "SecurityError");
        },
      });
      const page = await openPage();
      expect(() => stops.push(page.watchSession("ada", vi.fn()))).not.toThrow();
    });
  });

  it("stores nothing where there are channels", async () => {
    localStorage.clear();
    stops.push((await openPage()).watchSession("ada", vi.fn()));
    expect(localStorage).toHaveLength(0);
  });

  it("hears nothing more once it is stopped", async () => {
    const own = vi.fn();
    const page = await openPage();
    page.watchSession("ada", own)();
    const newValue = JSON.stringify({ user: null });
    window.dispatchEvent(new StorageEvent("storage", { key: "todo-auth", newValue }));
    page.announceSignOut();
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    (await openPage()).announceSignOut();
    await settle();
    expect(own).not.toHaveBeenCalled();
  });
});

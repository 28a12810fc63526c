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
});

// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { eventually } from "@/lib/eventually.fixture";
import { chooseOrder, chosenOrder, watchOrder } from "./chosen-order";

describe("the order of tasks", () => {
  afterEach(() => {
    // biome-ignore lint/suspicious/noDocumentCookie: as the code under test
    document.cookie = "task-order=; max-age=0; path=/";
  });

  it("is that in which the assistant counts, until another one is chosen", () => {
    expect(chosenOrder()).toBe("hand");
    chooseOrder("due");
    expect(chosenOrder()).toBe("due");
    expect(document.cookie).toContain("task-order=due");
  });

  it("is kept for a year, for all of the site and no other", () => {
    const set = vi.spyOn(document, "cookie", "set");
    chooseOrder("title");
    expect(set).toHaveBeenCalledExactlyOnceWith(
      "task-order=title; path=/; max-age=31536000; samesite=lax",
    );
  });

  it("is told to all that show it", () => {
    const listener = vi.fn();
    const stop = watchOrder(listener);
    chooseOrder("priority");
    stop();
    chooseOrder("title");
    expect(listener).toHaveBeenCalledOnce();
  });

  it("is one for all tabs", async () => {
    const other = new BroadcastChannel("todo-task-order");
    const heard = vi.fn();
    other.onmessage = ({ data }) => heard(data);
    const listener = vi.fn();
    const stop = watchOrder(listener);
    chooseOrder("due");
    await eventually(() => expect(heard).toHaveBeenCalledExactlyOnceWith("due"));
    other.postMessage("title");
    await eventually(() => expect(listener).toHaveBeenCalledTimes(2));
    expect(chosenOrder()).toBe("title");
    stop();
    other.close();
  });

  it("isn't what nobody could have chosen", () => {
    // biome-ignore lint/suspicious/noDocumentCookie: as the code under test
    document.cookie = "task-order=nonsense; path=/";
    expect(chosenOrder()).toBe("hand");
  });
});

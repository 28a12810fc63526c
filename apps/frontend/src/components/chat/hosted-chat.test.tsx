// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { loadChatKit } from "./hosted-chat";

const SCRIPT = "https://cdn.example/chatkit.js";

describe("loadChatKit", () => {
  afterEach(() => {
    vi.useRealTimers();
    document.head.replaceChildren();
  });

  /** Keeps the page from really fetching the script. */
  function holdScript(): { element: HTMLScriptElement | undefined } {
    const held: { element: HTMLScriptElement | undefined } = { element: undefined };
    vi.spyOn(document.head, "append").mockImplementation((element) => {
      held.element = element as HTMLScriptElement;
    });
    return held;
  }

  it("gives up when the script takes longer than its limit", async () => {
    vi.useFakeTimers();
    const held = holdScript();
    const loading = loadChatKit(SCRIPT);
    const outcome = expect(loading).rejects.toThrow("too long");
    expect(held.element?.src).toBe(SCRIPT);
    await vi.advanceTimersByTimeAsync(2_999);
    await vi.advanceTimersByTimeAsync(1);
    await outcome;
  });

  it("gives up at once when the script can't be had", async () => {
    const held = holdScript();
    const loading = loadChatKit(SCRIPT);
    held.element?.onerror?.(new Event("error"));
    await expect(loading).rejects.toThrow("couldn't be loaded");
  });

  it("is ready once the element is defined, and then at once", async () => {
    holdScript();
    const loading = loadChatKit(SCRIPT);
    customElements.define("openai-chatkit", class extends HTMLElement {});
    await loading;
    await loadChatKit(SCRIPT);
  });
});

// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { ensureClipboard } from "./clipboard";

const own = Object.getOwnPropertyDescriptor(navigator, "clipboard");

afterEach(() => {
  if (own) Object.defineProperty(navigator, "clipboard", own);
  else Reflect.deleteProperty(navigator, "clipboard");
  Reflect.deleteProperty(document, "execCommand");
});

function withoutClipboard(copies: boolean): { copied: string[] } {
  const seen = { copied: [] as string[] };
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: undefined });
  Object.defineProperty(document, "execCommand", {
    configurable: true,
    value: vi.fn(() => {
      seen.copied.push(document.querySelector("textarea")?.value ?? "");
      return copies;
    }),
  });
  ensureClipboard();
  return seen;
}

describe("the clipboard of a page that is no secure context", () => {
  it("copies the text and leaves nothing in the page", async () => {
    const { copied } = withoutClipboard(true);
    await navigator.clipboard.writeText("buy milk");
    expect(copied).toEqual(["buy milk"]);
    expect(document.querySelector("textarea")).toBeNull();
  });

  it("says when the browser refuses", async () => {
    withoutClipboard(false);
    await expect(navigator.clipboard.writeText("x")).rejects.toThrow("refused");
  });

  it("leaves a browser's own one alone", () => {
    const before = { writeText: vi.fn() };
    Object.defineProperty(navigator, "clipboard", { configurable: true, value: before });
    ensureClipboard();
    expect(navigator.clipboard).toBe(before);
  });
});

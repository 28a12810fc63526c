import { afterEach, describe, expect, it, vi } from "vitest";
import { uniqueId } from "./unique-id";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("unique ids", () => {
  it("are 32 hex digits, each time others", () => {
    const ids = Array.from({ length: 100 }, uniqueId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it("work where the page is no secure context, which has no crypto.randomUUID", () => {
    const { crypto } = globalThis;
    const getRandomValues = crypto.getRandomValues.bind(crypto);
    vi.stubGlobal("crypto", { getRandomValues });
    expect(uniqueId()).toMatch(/^[0-9a-f]{32}$/);
  });
});

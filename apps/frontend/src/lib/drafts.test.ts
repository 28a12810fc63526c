import { beforeEach, describe, expect, it, vi } from "vitest";
import { DraftStorage } from "./drafts";

describe("DraftStorage", () => {
  beforeEach(() => {
    const entries = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => entries.get(key) ?? null,
      setItem: (key: string, value: string) => entries.set(key, value),
      removeItem: (key: string) => entries.delete(key),
    });
  });

  it("keeps each person's draft apart", () => {
    new DraftStorage("ada").save("hello");
    expect(new DraftStorage("ada").load()).toBe("hello");
    expect(new DraftStorage("grace").load()).toBe("");
  });

  it("does without a storage that is switched off", () => {
    vi.stubGlobal("sessionStorage", {
      getItem: () => {
        throw new Error("denied");
      },
      setItem: () => {
        throw new Error("denied");
      },
    });
    const drafts = new DraftStorage("ada");
    drafts.save("x");
    expect(drafts.load()).toBe("");
  });
});

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

  it("lets nothing replace a message that couldn't be sent", () => {
    const drafts = new DraftStorage("ada");
    drafts.seal("precious");
    drafts.save("");
    expect(new DraftStorage("ada").load()).toBe("precious");
  });

  it("keeps what was typed meanwhile after a message that couldn't be sent", () => {
    const drafts = new DraftStorage("ada");
    drafts.save("a thought in between");
    drafts.seal("precious");
    expect(drafts.load()).toBe("precious\n\na thought in between");
    drafts.seal("precious");
    drafts.save("a thought");
    expect(drafts.load()).toBe("precious\n\na thought");
  });

  it("keeps a message once that is still in the composer", () => {
    new DraftStorage("ada").save("precious");
    const drafts = new DraftStorage("ada");
    drafts.seal("precious");
    expect(drafts.load()).toBe("precious");
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

// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DraftStorage } from "./drafts";

describe("DraftStorage", () => {
  beforeEach(() => {
    sessionStorage.clear();
  });

  it("keeps each person's draft apart", () => {
    new DraftStorage("ada").save("hello");
    expect(new DraftStorage("ada").load()).toBe("hello");
    expect(new DraftStorage("grace").load()).toBe("");
  });

  it("keeps drafts of several names apart, and forgets all of a person's at once", () => {
    const drafts = new DraftStorage("ada");
    drafts.save("hello");
    drafts.save("milk", "new-task");
    new DraftStorage("grace").save("mine");
    expect([drafts.load(), drafts.load("new-task")]).toEqual(["hello", "milk"]);
    drafts.clear();
    expect([drafts.load(), drafts.load("new-task")]).toEqual(["", ""]);
    expect(new DraftStorage("grace").load()).toBe("mine");
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
    drafts.clear();
    expect(drafts.load()).toBe("");
  });
});

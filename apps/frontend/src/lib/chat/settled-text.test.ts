import { describe, expect, it } from "vitest";
import { splitSettled } from "./settled-text";

describe("splitSettled", () => {
  it.each([
    ["One paragraph", "", "One paragraph"],
    ["One.\n\nTwo.\n\nThr", "One.\n\nTwo.\n\n", "Thr"],
    // A list may still go on after a blank line, and so may code.
    ["One.\n\n- a\n\n- b", "", "One.\n\n- a\n\n- b"],
    ["```\na\n\nb", "", "```\na\n\nb"],
    ["```\na\n\nb\n```\n\nAfter", "```\na\n\nb\n```\n\n", "After"],
    ["Before\n\n| a |\n| - |", "", "Before\n\n| a |\n| - |"],
  ])("cuts %j", (text, settled, rest) => {
    expect(splitSettled(text)).toEqual([settled, rest]);
  });
});

import { describe, expect, it } from "vitest";
import { splitSettled, withoutBegunTable } from "./settled-text";

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

describe("withoutBegunTable", () => {
  const table = "| Task | Due |\n| --- | ---: |\n| milk | today |";

  it("never shows the bars of a table that is being written", () => {
    const shown = Array.from({ length: table.length }, (_, end) =>
      withoutBegunTable(`Here:\n${table.slice(0, end)}`),
    );
    // All or nothing: the header comes with its delimiters, and rows grow from then on.
    const complete = table.indexOf("---: |") + "---: |".length;
    shown.forEach((text, end) => {
      const expected = end < complete ? "Here:" : `Here:\n${table.slice(0, end)}`;
      expect(text.trimEnd()).toBe(expected.trimEnd());
    });
  });

  it.each([
    table,
    `${table}\n\nAfter`,
    "a | b",
    "| a bar\nand what follows it",
    "| one\n| two\n| three",
    "```\n| code",
    "",
  ])("leaves %j", (text) => {
    expect(withoutBegunTable(text)).toBe(text);
  });
});

import { describe, expect, it } from "vitest";
import { isReasonable } from "./reasonable-text";

const fenced = (code: string): string => `\`\`\`\n${code}\n\`\`\``;

describe("isReasonable", () => {
  it.each([
    ["emphasis in emphasis", `${"*a **b ".repeat(1_000)}${"c** d*".repeat(1_000)}`],
    ["a row of stars", `${"*".repeat(1_500)}a${"*".repeat(1_500)}`],
    ["a row of lines", "_".repeat(2_001)],
    ["brackets", "[".repeat(2_001)],
    ["footnotes", "[^a]".repeat(1_001)],
    ["marks over many lines", "*a **b\n".repeat(1_000)],
    ["marks after code", `${fenced("x")}\n${"*a ".repeat(2_001)}`],
    ["a list in a list", Array.from({ length: 90 }, (_, n) => `${"  ".repeat(n)}- a`).join("\n")],
  ])("isn't what a model repeats without end: %s", (_, text) => {
    expect(isReasonable(text)).toBe(false);
  });

  it.each([
    ["long prose", "Buy **oat milk** and *bread*. ".repeat(300)],
    ["many paragraphs", "Buy **oat milk** and *bread*.\n\n".repeat(2_000)],
    ["a long list", "- [x] **milk**\n".repeat(2_000)],
    ["a numbered list", "1. **milk**\n".repeat(2_000)],
    ["a long table", `| a | b |\n|---|---|\n${"| **a** | *b* |\n".repeat(1_000)}`],
    ["code", fenced("a[i] *= b[i];\n".repeat(2_000))],
    [
      "a list that is deep",
      Array.from({ length: 20 }, (_, n) => `${"  ".repeat(n)}- a`).join("\n"),
    ],
  ])("is what people read: %s", (_, text) => {
    expect(isReasonable(text)).toBe(true);
  });
});

/// <reference lib="dom" />
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { AxeResults, RunOptions } from "axe-core";

const SOURCE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const OPTIONS: RunOptions = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  // All that is told; the rest would only cost time, as would reading style sheets anew for rules that aren't run.
  resultTypes: ["violations"],
  preload: false,
};

/** What axe finds on the page as it is now: one line for each element and rule. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the pages' policy would refuse that.
  await page.evaluate(SOURCE);
  const results = await page.evaluate(async (options) => {
    const { axe } = window as unknown as {
      axe: { run(root: Document, options: unknown): Promise<unknown> };
    };
    return axe.run(document, options);
  }, OPTIONS);
  return (results as AxeResults).violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(" ")} (${violation.help})`),
  );
}

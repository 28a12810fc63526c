import { appendFileSync } from "node:fs";
import type { FullConfig, Reporter, Suite, TestCase, TestResult } from "@playwright/test/reporter";
import { outcomeOf, type ProgressLine, titleIn } from "./results";

/**
 * Playwright's reporter that writes each test's begin and end at once, one JSON object a line, into the file
 * TEST_PROGRESS_FILE: what a run that doesn't come to its end has shown, and where it hung.
 */
export default class Progress implements Reporter {
  /** How many tests of a file haven't ended. */
  private readonly left = new Map<string, number>();

  onBegin(_config: FullConfig, suite: Suite): void {
    for (const { location } of suite.allTests())
      this.left.set(location.file, (this.left.get(location.file) ?? 0) + 1);
  }

  onTestBegin(test: TestCase): void {
    this.note({ file: test.location.file, begins: fullNameOf(test) });
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const { location, expectedStatus, annotations } = test;
    const outcome = outcomeOf({
      ...{ expectedStatus, annotations, status: test.outcome(), results: [result] },
    });
    this.note({ file: location.file, test: { fullName: fullNameOf(test), ...outcome } });
    const left = (this.left.get(location.file) ?? 0) - 1;
    this.left.set(location.file, left);
    if (left === 0) this.note({ file: location.file, ended: true });
  }

  printsToStdio(): boolean {
    return false;
  }

  private note(line: ProgressLine): void {
    const file = process.env.TEST_PROGRESS_FILE;
    if (file) appendFileSync(file, `${JSON.stringify(line)}\n`);
  }
}

/** Its title with those of the groups around it. */
function fullNameOf(test: TestCase): string {
  const [, project = "", , ...titles] = test.titlePath();
  return titleIn(titles.join(" "), project);
}

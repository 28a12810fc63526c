import { performance } from "node:perf_hooks";
import { messageOf } from "../../common/errors";
import { say } from "../../common/progress";
import type { Figure, TestResult } from "./results";

/** How a part ended. */
export interface Ended {
  /** Exit code of its command. */
  code: number;
  /** Its tests; none where the command is the test. */
  results?: readonly TestResult[];
  /** The last that it said, for a failure that no test explains. */
  said?: string;
}

const SAID_LINES = 3;

/**
 * The parts of a run: what each has shown, and that it was there at all. A part that fails, or throws,
 * is a failed row and stops nothing.
 */
export class Parts {
  readonly results: TestResult[] = [];
  readonly figures: Figure[] = [];
  private readonly closing: TestResult[] = [];
  private readonly started = performance.now();

  /** Whether every part ran to its end. */
  get complete(): boolean {
    return this.closing.every(({ passed }) => passed);
  }

  /**
   * Runs a part. Its last row tells whether it ran to its end, which is a proof of its own.
   *
   * @param proves requirements that this row proves
   * @returns that row
   */
  async run(name: string, work: () => Promise<Ended>, proves?: string): Promise<TestResult> {
    const started = performance.now();
    say(`── ${name}`);
    let reason: string | undefined;
    let results: readonly TestResult[] = [];
    try {
      const ended = await work();
      results = ended.results ?? [];
      const explained = ended.code === 0 || results.some(({ passed }) => !passed);
      if (!explained) reason = `exit code ${ended.code}${lastLines(ended.said ?? "")}`;
    } catch (error) {
      reason = messageOf(error);
    }
    const row = this.close(name, seconds(started), reason, proves);
    this.results.push(...results, row);
    const failed = results.filter(({ passed }) => !passed).length + (row.passed ? 0 : 1);
    say(`── ${name}: ${results.length + 1 - failed} passed, ${failed} failed (${row.seconds} s)`);
    return row;
  }

  /** Notes that a part could not even begin. */
  skip(name: string, reason: string): void {
    this.results.push(this.close(name, 0, `not run: ${reason}`));
  }

  /** Closes the whole run, whose time is a figure where all of it ran. */
  end(name: string, proves: string): void {
    const reason = this.complete ? undefined : "a part didn't run to its end";
    const row = this.close(name, seconds(this.started), reason, proves);
    this.results.push(row);
    if (row.passed) this.measure(proves, name, row.seconds);
  }

  /** Records how many seconds something took. */
  measure(id: string, what: string, value: number): void {
    this.figures.push({ id, what, value, unit: "s" });
  }

  private close(
    part: string,
    took: number,
    reason: string | undefined,
    proves?: string,
  ): TestResult {
    const row = {
      ...{ part, title: `${part} runs to its end${proves ? ` (${proves})` : ""}` },
      ...{ passed: reason === undefined, seconds: took },
      ...(reason !== undefined && { reason }),
    };
    if (reason !== undefined) say(`✗ ${row.title}: ${reason}`);
    this.closing.push(row);
    return row;
  }
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 100) / 10;
}

function lastLines(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.length === 0 ? "" : `: ${lines.slice(-SAID_LINES).join(" / ")}`;
}

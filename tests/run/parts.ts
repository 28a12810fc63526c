import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../common/errors";
import { say } from "../../common/progress";
import { type GroupOptions, runInGroup } from "./group";
import { newMark } from "./processes";
import { type Figure, isFailed, type TestResult } from "./results";

/** How a part ended. */
export interface Ended {
  /** Exit code of its command. */
  code: number;
  /** Its tests; none where the command is the test. */
  results?: readonly TestResult[];
  /** Why it had to be ended. */
  reason?: string;
  /** The last that it said, for a failure that no test explains. */
  said?: string;
  /** Runs some of its tests' files once more, by themselves; none where that would prove less. */
  again?: (part: RunningPart, files: readonly string[]) => Promise<Ended>;
}

/** What a part runs, and how its lines are shown. */
export type CommandOptions = Pick<
  GroupOptions,
  "cwd" | "env" | "isDone" | "graceMs" | "lingerMs"
> & {
  /** Before each of its lines. */
  prefix?: string;
};

/** A part under way. */
export interface RunningPart {
  /** Carried by everything that it starts. */
  readonly mark: string;
  /** Aborted at its limit, and where the whole run is stopped. */
  readonly signal: AbortSignal;
  /** Runs a command in a process group of its own, and shows what it prints. */
  run(program: string, args: readonly string[], options?: CommandOptions): Promise<Ended>;
}

/** What holds for all parts of a run. */
export interface PartsOptions {
  /** Ends the part under way, and lets no further one begin. */
  stop?: AbortSignal;
  /** Minutes after which a part is ended. */
  limitOf?: (name: string) => number;
  /** Takes away what is left of a part besides processes. */
  clean?: (mark: string) => Promise<void>;
}

const SAID_LINES = 3;
/** Files of a part that are looked at again at most: where more have failed, it wasn't the company. */
const FILES_AGAIN = 3;
/** How long a part may take to notice that it is over. */
const NOTICE_MS = 30_000;
const NEVER = new AbortController().signal;

/**
 * The parts of a run: what each has shown, and that it was there at all. A part that fails, or throws,
 * is a failed row and stops nothing. None outlives its limit, and nothing outlives its part.
 */
export class Parts {
  readonly results: TestResult[] = [];
  readonly figures: Figure[] = [];
  private readonly closing: TestResult[] = [];
  private readonly failed = new Map<string, NonNullable<Ended["again"]>>();
  private readonly started = performance.now();
  private count = 0;

  constructor(private readonly options: PartsOptions = {}) {}

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
  async run(
    name: string,
    work: (part: RunningPart) => Promise<Ended>,
    proves?: string,
  ): Promise<TestResult> {
    if (this.options.stop?.aborted) return this.skip(name, messageOf(this.options.stop.reason));
    const { row, results, again } = await this.execute(name, name, work, proves);
    this.results.push(...results, row);
    if (again && row.passed && results.some(isFailed)) this.failed.set(name, again);
    return row;
  }

  /**
   * Runs the files of the tests that have failed once more, with nothing beside them: on two busy cores a
   * limit in seconds may have been missed for want of a processor. What passes then has passed, and the
   * report says that it had failed before.
   */
  async lookAgain(): Promise<void> {
    for (const [name, again] of this.failed) {
      this.failed.delete(name);
      const failed = this.results.filter((result) => result.part === name && isFailed(result));
      const files = [...new Set(failed.flatMap(({ file }) => file ?? []))];
      if (files.length > FILES_AGAIN || this.options.stop?.aborted) continue;
      const { row, results } = await this.execute(`${name} again`, name, (part) =>
        again(part, files),
      );
      this.results.push(row);
      if (row.passed) for (const result of failed) this.settle(result, results);
    }
  }

  /** Has what a test came to by itself count. */
  private settle(before: TestResult, results: readonly TestResult[]): void {
    const { file, title, reason = "it failed" } = before;
    if (file === undefined) return;
    const ofFile = results.filter((result) => result.file === file && !result.skipped);
    const same = ofFile.filter((result) => result.title === title);
    // A set-up that failed is no test of its own: all tests of its file have to pass.
    const needed = same.length > 0 ? same : ofFile;
    if (needed.length === 0 || needed.some(isFailed)) return;
    const { part, seconds } = before;
    const settled = { part, title, file, passed: true, seconds, failedBefore: reason };
    this.results[this.results.indexOf(before)] = settled;
  }

  private async execute(
    name: string,
    limitedAs: string,
    work: (part: RunningPart) => Promise<Ended>,
    proves?: string,
  ): Promise<{ row: TestResult; results: readonly TestResult[]; again?: Ended["again"] }> {
    const { stop = NEVER, limitOf = () => 60, clean } = this.options;
    const started = performance.now();
    say(`── ${name}`);
    const minutes = limitOf(limitedAs);
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new Error(`its limit of ${minutes} min is over`)),
      minutes * 60_000,
    );
    const signal = AbortSignal.any([stop, limit.signal]);
    this.count += 1;
    const mark = newMark(this.count);
    let reason: string | undefined;
    let results: readonly TestResult[] = [];
    let again: Ended["again"];
    try {
      const ended = await Promise.race([
        work({ mark, signal, run: (...command) => runCommand(mark, signal, ...command) }),
        overdue(signal),
      ]);
      results = ended.results ?? [];
      again = ended.again;
      reason = reasonOf(ended, results);
    } catch (error) {
      reason = messageOf(error);
    } finally {
      clearTimeout(timer);
      await clean?.(mark).catch((error) => say(`✗ ${name}: cleaning up: ${messageOf(error)}`));
    }
    const row = this.close(name, seconds(started), reason, proves);
    const tried = results.filter(({ skipped }) => !skipped);
    const failed = tried.filter(isFailed).length + (row.passed ? 0 : 1);
    say(`── ${name}: ${tried.length + 1 - failed} passed, ${failed} failed (${row.seconds} s)`);
    return { row, results, again };
  }

  /** Notes that a part could not even begin. */
  skip(name: string, reason: string): TestResult {
    const row = this.close(name, 0, `not run: ${reason}`);
    this.results.push(row);
    return row;
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

/** Why a part hasn't run to its end; undefined where it has, whatever its tests came to. */
function reasonOf(ended: Ended, results: readonly TestResult[]): string | undefined {
  if (ended.reason !== undefined) return `${ended.reason}${lastLines(ended.said ?? "")}`;
  const explained = ended.code === 0 || results.some(isFailed);
  return explained ? undefined : `exit code ${ended.code}${lastLines(ended.said ?? "")}`;
}

/** Runs a command of a part and shows what it prints; Jest's JSON on standard output is for its report only. */
async function runCommand(
  mark: string,
  signal: AbortSignal,
  program: string,
  args: readonly string[],
  { prefix = "", ...options }: CommandOptions = {},
): Promise<Ended> {
  const said: string[] = [];
  const onLine = (line: string): void => {
    if (line.startsWith('{"')) return;
    said.push(line);
    say(prefix + line);
  };
  const { code, reason, left } = await runInGroup(program, args, {
    ...{ ...options, mark, signal, onLine },
  });
  for (const name of left) say(`${prefix}– still ran, and was ended: ${name}`);
  const names = left.length === 0 ? "" : `; still ran: ${left.join(", ")}`;
  return {
    ...{ code: code === 0 && reason !== undefined ? 1 : code, said: said.join("\n") },
    ...(reason !== undefined && { reason: reason + names }),
  };
}

/** Gives up on a part that doesn't notice that it is over. */
async function overdue(signal: AbortSignal): Promise<never> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await sleep(NOTICE_MS, undefined, { ref: false });
  throw signal.reason;
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 100) / 10;
}

function lastLines(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.length === 0 ? "" : `: ${lines.slice(-SAID_LINES).join(" / ")}`;
}

import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { ROOT } from "../../cli/session/workspace";

/** Characters of a reason that are shown; all of it stands in the part's own report. */
const REASON_SHOWN = 400;

/** One test, as its runner reported it. */
export interface TestResult {
  /** Part of the run, such as "unit" or "cluster". */
  part: string;
  /** Full title, with those of the groups around it. */
  title: string;
  /** Its file in the project; none where the run itself is the test. */
  file?: string;
  passed: boolean;
  /** Whether it was left out; it counts neither as passed nor as failed. */
  skipped?: boolean;
  seconds: number;
  /** Why it failed or was left out, in a line. */
  reason?: string;
  /** Why it had failed beside other parts, where it has passed by itself. */
  failedBefore?: string;
}

/** Whether a test ran, and didn't pass. */
export function isFailed({ passed, skipped }: TestResult): boolean {
  return !passed && !skipped;
}

/** One measurement that a test has made. */
export interface Figure {
  id: string;
  what: string;
  value: number;
  unit: string;
}

interface JestTest {
  fullName: string;
  status: string;
  duration?: number | null;
  failureMessages?: string[] | null;
}

interface JestReport {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: JestTest[];
  }[];
}

/** A line of what Jest writes while it runs; see jest-progress.cjs. */
interface ProgressLine {
  file: string;
  begins?: string;
  test?: JestTest;
  ended?: boolean;
}

interface JUnitCase {
  name: string;
  classname?: string;
  time?: string;
  failure?: JUnitProblem;
  error?: JUnitProblem;
  skipped?: JUnitProblem;
}

/** What it says stands in an attribute, or nowhere. */
type JUnitProblem = { message?: string } | string;

/** Every test of a report: Jest's JSON, which Vitest writes too, or pytest's JUnit XML. */
export function readResults(part: string, file: string): TestResult[] {
  const text = readFileSync(file, "utf8");
  return file.endsWith(".json") ? fromJest(part, text) : fromPytest(part, text);
}

/** The measurements in a file of JSON lines; none where it is missing. */
export function readFigures(file: string): Figure[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Figure);
}

/**
 * What Jest had shown of a part that it didn't bring to its end: the tests that were done, and as
 * failures those that were not, or the files of which none had begun.
 */
export function readProgress(part: string, file: string): TestResult[] {
  if (!existsSync(file)) return [];
  const open = new Map<string, string | undefined>();
  const results: TestResult[] = [];
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    const event = JSON.parse(line) as ProgressLine;
    if (event.ended) open.delete(event.file);
    else open.set(event.file, event.begins);
    const { test } = event;
    if (test) results.push(...fromJestTests(part, relative(ROOT, event.file), [test]));
  }
  for (const [path, begun] of open) {
    const name = relative(ROOT, path);
    const own = { part, file: name, passed: false, seconds: 0 };
    const title = begun ?? `${name} as a whole`;
    const where = begun === undefined ? "between its tests, in a set-up or a clean-up" : "here";
    results.push({ ...own, title, reason: `the part was ended while it was ${where}` });
  }
  return results;
}

function fromJestTests(part: string, file: string, tests: readonly JestTest[]): TestResult[] {
  return tests.map(({ fullName, status, duration, failureMessages }) => ({
    ...{ part, title: fullName, file, passed: status === "passed" },
    ...(status !== "passed" && status !== "failed" && { skipped: true, ...saidInTitle(fullName) }),
    seconds: (duration ?? 0) / 1000,
    ...(status === "failed" && { reason: saidBy(failureMessages?.[0] ?? "") }),
  }));
}

/** Jest has no place for why a test is left out but its title: "… (left out: why)". */
function saidInTitle(title: string): { reason?: string } {
  const reason = /\(left out: ([^)]+)\)/.exec(title)?.[1];
  return reason === undefined ? {} : { reason };
}

function fromJest(part: string, text: string): TestResult[] {
  const { testResults } = JSON.parse(text) as JestReport;
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(ROOT, name);
    const tests = fromJestTests(part, file, assertionResults);
    // A file that doesn't load, and a hook that fails after its tests, are no test's failure.
    if (status !== "failed" || tests.some(isFailed)) return tests;
    const whole = { part, title: `${file} as a whole`, file, passed: false, seconds: 0 };
    return [...tests, { ...whole, reason: saidBy(message) }];
  });
}

function fromPytest(part: string, text: string): TestResult[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    htmlEntities: true, // line breaks in messages
    isArray: (name) => name === "testsuite" || name === "testcase",
  });
  const document = parser.parse(text) as {
    testsuites?: { testsuite?: { testcase?: JUnitCase[] }[] };
  };
  return (document.testsuites?.testsuite ?? [])
    .flatMap(({ testcase }) => testcase ?? [])
    .map(({ name, classname = "", time, failure, error, skipped }) => {
      const problem = failure ?? error ?? skipped;
      return {
        ...{
          part,
          title: name,
          file: pythonFile(classname || name),
          passed: problem === undefined,
        },
        ...(skipped !== undefined && { skipped: true }),
        seconds: Number(time ?? 0),
        ...(problem !== undefined && {
          reason: saidBy(typeof problem === "string" ? problem : (problem.message ?? "")),
        }),
      };
    });
}

/** The file of a module of the back end's tests, or of a class in it: "tests.core.test_config.TestX". */
function pythonFile(name: string): string {
  const [module = name] = /^.*?\btest_\w+/.exec(name) ?? [];
  return `apps/backend/${module.replaceAll(".", "/")}.py`;
}

/** What a failure says before its stack, in a line and without colours. */
function saidBy(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const lines = text.replace(/\u001b\[[0-9;]*m/g, "").split("\n");
  const stack = lines.findIndex((line) => /^ {4}at /.test(line));
  const said = lines
    .slice(0, stack === -1 ? lines.length : stack)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("●"))
    .join(" / ");
  return said.length > REASON_SHOWN ? `${said.slice(0, REASON_SHOWN)}…` : said;
}

import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { ROOT } from "../../cli/session/workspace";

/** Characters of a reason that are shown; all of it stands in the part's own report. */
const REASON_SHOWN = 400;
/** The browser that tests run in unless others are asked for. */
export const DEFAULT_BROWSER = "chromium";

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
  /** Why it was left out, where that doesn't stand in its title. */
  reason?: string;
}

/** One test as Playwright tells of it, in its report and to its reporters. */
export interface PlaywrightTest {
  expectedStatus: string;
  /** "expected" where it has done what it should. */
  status: string;
  annotations: { type: string; description?: string }[];
  /** One, as nothing is tried again; none where it never began. */
  results: { status?: string; duration: number; errors: { message?: string }[] }[];
}

interface PlaywrightSuite {
  title: string;
  specs: { title: string; tests: (PlaywrightTest & { projectName: string })[] }[];
  suites?: PlaywrightSuite[];
}

interface PlaywrightReport {
  config: { rootDir: string };
  /** One for each file. */
  suites: (PlaywrightSuite & { file: string })[];
  errors: { message?: string; location?: { file: string } }[];
}

interface JestReport {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: JestTest[];
  }[];
}

/** A line of what Jest and Playwright write while they run; see jest-progress.cjs and playwright-progress.ts. */
export interface ProgressLine {
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

/** Every test of a report: Jest's JSON, which Vitest writes too, Playwright's, or pytest's JUnit XML. */
export function readResults(part: string, file: string): TestResult[] {
  const text = readFileSync(file, "utf8");
  if (!file.endsWith(".json")) return fromPytest(part, text);
  const report = JSON.parse(text) as JestReport | PlaywrightReport;
  return "suites" in report ? fromPlaywright(part, report) : fromJest(part, report);
}

/** The measurements in a file of JSON lines; none where it is missing. */
export function readFigures(file: string): Figure[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Figure);
}

/**
 * What Jest or Playwright had shown of a part that it didn't bring to its end: the tests that were done, and as
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
  return tests.map(({ fullName, status, duration, failureMessages, reason }) => ({
    ...{ part, title: fullName, file, passed: status === "passed" },
    ...(status !== "passed" && status !== "failed" && { skipped: true, ...saidInTitle(fullName) }),
    ...(reason !== undefined && { reason }),
    seconds: (duration ?? 0) / 1000,
    ...(status === "failed" && { reason: saidBy(failureMessages?.[0] ?? "") }),
  }));
}

/** Jest has no place for why a test is left out but its title: "… (left out: why)". */
function saidInTitle(title: string): { reason?: string } {
  const reason = /\(left out: ([^)]+)\)/.exec(title)?.[1];
  return reason === undefined ? {} : { reason };
}

function fromJest(part: string, { testResults }: JestReport): TestResult[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(ROOT, name);
    const tests = fromJestTests(part, file, assertionResults);
    // A file that doesn't load, and a hook that fails after its tests, are no test's failure.
    if (status !== "failed" || tests.some(isFailed)) return tests;
    const whole = { part, title: `${file} as a whole`, file, passed: false, seconds: 0 };
    return [...tests, { ...whole, reason: saidBy(message) }];
  });
}

function fromPlaywright(part: string, report: PlaywrightReport): TestResult[] {
  const { config, suites, errors } = report;
  const tests = suites.flatMap((suite) => {
    const file = relative(ROOT, join(config.rootDir, suite.file));
    return fromJestTests(part, file, testsOf(suite));
  });
  // A file that doesn't load, and a worker that crashes, are no test's failure.
  const others = errors.map(({ message = "", location }) => {
    const file = location && relative(ROOT, location.file);
    const whole = { part, title: `${file ?? part} as a whole`, passed: false, seconds: 0 };
    return { ...whole, ...(file !== undefined && { file }), reason: saidBy(message) };
  });
  return [...tests, ...others];
}

/** The tests of a file or group, each with the titles of the groups between them. */
function testsOf({ specs, suites = [] }: PlaywrightSuite): JestTest[] {
  const own = specs.flatMap(({ title, tests }) =>
    tests.map((test) => ({ fullName: titleIn(title, test.projectName), ...outcomeOf(test) })),
  );
  const inner = suites.flatMap((suite) =>
    testsOf(suite).map((test) => ({ ...test, fullName: `${suite.title} ${test.fullName}` })),
  );
  return [...own, ...inner];
}

/** A test's title, with the browser where that isn't the one that everybody has. */
export function titleIn(title: string, browser: string): string {
  return browser === "" || browser === DEFAULT_BROWSER ? title : `${title} [${browser}]`;
}

/** How a test has ended. One that should have run and didn't has failed: a set-up before it has. */
export function outcomeOf(test: PlaywrightTest): Omit<JestTest, "fullName"> {
  const { expectedStatus, status, annotations, results } = test;
  const result = results.at(-1);
  const duration = result?.duration ?? 0;
  if (expectedStatus === "skipped") {
    const reason = annotations.find(({ description }) => description !== undefined)?.description;
    return { status: "pending", duration, ...(reason !== undefined && { reason }) };
  }
  if (status === "expected") return { status: "passed", duration };
  const messages = (result?.errors ?? []).flatMap(({ message }) => message ?? []);
  const said = messages.join("\n") || "it was to run, and didn't come to its end";
  return { status: "failed", duration, failureMessages: [said] };
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

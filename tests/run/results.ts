import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { ROOT } from "../../cli/session/workspace";

/** One test, as its runner reported it. */
export interface TestResult {
  /** Part of the run, such as "unit" or "cluster". */
  part: string;
  /** Full title, with those of the groups around it. */
  title: string;
  /** Its file in the project; none where the run itself is the test. */
  file?: string;
  passed: boolean;
  seconds: number;
  /** Why it failed, in a line. */
  reason?: string;
}

/** One measurement that a test has made. */
export interface Figure {
  id: string;
  what: string;
  value: number;
  unit: string;
}

interface JestReport {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: {
      fullName: string;
      status: string;
      duration?: number | null;
      failureMessages?: string[] | null;
    }[];
  }[];
}

interface JUnitCase {
  name: string;
  classname?: string;
  time?: string;
  failure?: JUnitProblem;
  error?: JUnitProblem;
  skipped?: unknown;
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

function fromJest(part: string, text: string): TestResult[] {
  const { testResults } = JSON.parse(text) as JestReport;
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(ROOT, name);
    const tests = assertionResults
      .filter((test) => test.status === "passed" || test.status === "failed")
      .map(({ fullName, status: outcome, duration, failureMessages }) => ({
        ...{ part, title: fullName, file, passed: outcome === "passed" },
        seconds: (duration ?? 0) / 1000,
        ...(outcome === "failed" && { reason: firstLine(failureMessages?.[0] ?? "") }),
      }));
    // A file that doesn't load, and a hook that fails after its tests, are no test's failure.
    if (status !== "failed" || tests.some(({ passed }) => !passed)) return tests;
    const whole = { part, title: `${file} as a whole`, file, passed: false, seconds: 0 };
    return [...tests, { ...whole, reason: firstLine(message) }];
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
    .filter(({ skipped }) => skipped === undefined)
    .map(({ name, classname = "", time, failure, error }) => {
      const problem = failure ?? error;
      return {
        ...{
          part,
          title: name,
          file: pythonFile(classname || name),
          passed: problem === undefined,
        },
        seconds: Number(time ?? 0),
        ...(problem !== undefined && {
          reason: firstLine(typeof problem === "string" ? problem : (problem.message ?? "")),
        }),
      };
    });
}

/** The file of a module of the back end's tests, or of a class in it: "tests.core.test_config.TestX". */
function pythonFile(name: string): string {
  const [module = name] = /^.*?\btest_\w+/.exec(name) ?? [];
  return `apps/backend/${module.replaceAll(".", "/")}.py`;
}

/** The first line that tells something, without colours. */
function firstLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const lines = text.replace(/\u001b\[[0-9;]*m/g, "").split("\n");
  return (
    lines.map((line) => line.trim()).find((line) => line !== "" && !line.startsWith("●")) ?? ""
  );
}

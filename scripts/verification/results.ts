import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";

/** One test, as its runner reported it. */
export interface TestResult {
  /** Part of the run, such as "unit" or "cluster". */
  part: string;
  /** Full title, with those of the groups around it. */
  title: string;
  passed: boolean;
  seconds: number;
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
    assertionResults: { fullName: string; status: string; duration?: number | null }[];
  }[];
}

interface JUnitCase {
  name: string;
  time?: string;
  failure?: unknown;
  error?: unknown;
  skipped?: unknown;
}

/** Every test of the reports in a folder: Jest's JSON (part.json) and JUnit's XML (part.xml). */
export function readResults(folder: string): TestResult[] {
  return readdirSync(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    if (file.endsWith(".json")) return fromJest(file.replace(/\.json$/, ""), text);
    if (file.endsWith(".xml")) return fromJUnit(file.replace(/\.xml$/, ""), text);
    return [];
  });
}

/** The measurements in a file of JSON lines; none where it is missing. */
export function readFigures(file: string): Figure[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Figure);
}

function fromJest(part: string, text: string): TestResult[] {
  const { testResults } = JSON.parse(text) as JestReport;
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed")
    .map(({ fullName, status, duration }) => ({
      part,
      title: fullName,
      passed: status === "passed",
      seconds: (duration ?? 0) / 1000,
    }));
}

function fromJUnit(part: string, text: string): TestResult[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    isArray: (name) => name === "testsuite" || name === "testcase",
  });
  const document = parser.parse(text) as {
    testsuites?: { testsuite?: { testcase?: JUnitCase[] }[] };
  };
  return (document.testsuites?.testsuite ?? [])
    .flatMap(({ testcase }) => testcase ?? [])
    .filter(({ skipped }) => skipped === undefined)
    .map(({ name, time, failure, error }) => ({
      part,
      title: name,
      passed: failure === undefined && error === undefined,
      seconds: Number(time ?? 0),
    }));
}

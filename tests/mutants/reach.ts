/** Which tests reach a place of a source, so that a change of it is shown to those first. */
import { existsSync, readFileSync } from "node:fs";

/** By source, and by place in it ("from line:column:to line:column"), the test files that ran the statement. */
export type Reach = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What coverage.py writes with `--show-contexts`: by line, the tests that ran it. */
interface PythonReport {
  files: Readonly<Record<string, { contexts: Readonly<Record<string, readonly string[]>> }>>;
}

/** What a run with `jest-reach.cjs` or coverage.py wrote; nothing where neither has. */
export function readReach(file: string): Reach {
  if (!existsSync(file)) return {};
  const written = JSON.parse(readFileSync(file, "utf8")) as Reach | PythonReport;
  return isPython(written) ? reachOfPython(written) : written;
}

function isPython(written: Reach | PythonReport): written is PythonReport {
  return "meta" in written;
}

function reachOfPython({ files }: PythonReport): Reach {
  const lines = ({ contexts }: { contexts: Readonly<Record<string, readonly string[]>> }) =>
    Object.entries(contexts).map(([line, tests]) => [
      `${line}:0:${line}:null`,
      // "" is what runs as a module is loaded; a test's phase stands behind a bar.
      tests.filter((test) => test !== "").map((test) => test.replace(/\|\w+$/, "")),
    ]);
  return Object.fromEntries(
    Object.entries(files).map(([file, report]) => [file, Object.fromEntries(lines(report))]),
  );
}

/** The test files that run the innermost statement around a place, those that run the least else first. */
export function testsReaching(
  reach: Reach,
  file: string,
  place: { line: number; column: number },
): string[] {
  const statements = reach[file] ?? {};
  const around = Object.keys(statements).filter((one) => spans(one, place));
  // Outside of all statements is what is run as the file is loaded.
  const [innermost] = around.sort((a, b) => lengthOf(a) - lengthOf(b));
  const tests = innermost ? statements[innermost] : Object.values(statements).flat();
  return [...new Set(tests)].sort((a, b) => breadth(reach, a) - breadth(reach, b));
}

const LONGEST_LINE = 1000;

function spans(statement: string, { line, column }: { line: number; column: number }): boolean {
  const [fromLine = 0, fromColumn = 0, toLine = 0, toColumn = 0] = numbersOf(statement);
  const isAfter = line > fromLine || (line === fromLine && column >= fromColumn);
  return isAfter && (line < toLine || (line === toLine && column <= toColumn));
}

function lengthOf(statement: string): number {
  const [fromLine = 0, fromColumn = 0, toLine = 0, toColumn = 0] = numbersOf(statement);
  return (toLine - fromLine) * LONGEST_LINE + toColumn - fromColumn;
}

/** A line that runs to its end has no column, in Istanbul's words null. */
function numbersOf(statement: string): number[] {
  return statement.split(":").map((each) => (each === "null" ? LONGEST_LINE : Number(each)));
}

const breadths = new WeakMap<Reach, Map<string, number>>();

/** How many statements a test file runs. */
function breadth(reach: Reach, test: string): number {
  let counted = breadths.get(reach);
  if (!counted) {
    counted = new Map();
    for (const tests of Object.values(reach).flatMap((file) => Object.values(file)))
      for (const one of tests) counted.set(one, (counted.get(one) ?? 0) + 1);
    breadths.set(reach, counted);
  }
  return counted.get(test) ?? 0;
}

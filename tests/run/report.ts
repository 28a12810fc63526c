import { REQUIREMENTS, type Requirement, type Target } from "./requirements";
import { type Figure, isFailed, type TestResult } from "./results";

/** Names of files that a row lists. */
const NAMES_SHOWN = 3;

/** A requirement with the tests that prove it and what they measured. */
export interface Proof {
  requirement: Requirement;
  tests: TestResult[];
  figures: Figure[];
}

/** Finds each requirement's tests by its number in their titles. */
export function prove(results: readonly TestResult[], figures: readonly Figure[]): Proof[] {
  const byId = new Map<string, TestResult[]>();
  for (const result of results) {
    if (result.skipped) continue;
    for (const id of idsIn(result.title)) byId.set(id, [...(byId.get(id) ?? []), result]);
  }
  return REQUIREMENTS.map((requirement) => ({
    requirement,
    tests: byId.get(requirement.id) ?? [],
    figures: figures.filter(({ id }) => id === requirement.id),
  }));
}

/** The requirements that a test's title names. */
export function idsIn(title: string): string[] {
  const ids = new Set<string>();
  for (const [id] of title.matchAll(/\b(FR|SC)-\d{3}\b/g)) ids.add(id);
  // pytest's names have underscores all over: test_fr_060_retries…
  for (const [, kind = "", digits = ""] of title.matchAll(/_(fr|sc)_(\d{3})(?=_|$|\[)/g)) {
    ids.add(`${kind.toUpperCase()}-${digits}`);
  }
  for (const [, story = ""] of title.matchAll(/\bstory[ _](\d[._]\d)/g)) {
    ids.add(`story ${story.replace("_", ".")}`);
  }
  for (const { id } of REQUIREMENTS) {
    if (/^(edge case|goal): /.test(id) && title.includes(id)) ids.add(id);
  }
  return [...ids];
}

/** The requirements that no test proves: none names them, or one that does has failed. */
export function unproven(proofs: readonly Proof[]): string[] {
  return proofs
    .filter(({ tests }) => tests.length === 0 || tests.some(({ passed }) => !passed))
    .map(({ requirement }) => requirement.id);
}

/** Every test that failed, each with its reason in a line. */
export function failures(results: readonly TestResult[]): string[] {
  return results
    .filter(isFailed)
    .map(({ part, title, reason }) => `${part}: ${title}${reason ? `: ${oneLine(reason)}` : ""}`);
}

/** Every test that had failed beside other parts and has passed by itself, each with its reason in a line. */
export function passedAgain(results: readonly TestResult[]): string[] {
  return results.flatMap(({ part, title, failedBefore }) =>
    failedBefore === undefined ? [] : [`${part}: ${title}: ${oneLine(failedBefore)}`],
  );
}

/** Every test that no part has run, with the reason; without one it counts as failed. */
export function leftOut(results: readonly TestResult[]): TestResult[] {
  const key = ({ file, title }: TestResult): string => `${file}: ${title}`;
  const ran = new Set(results.filter(({ skipped }) => !skipped).map(key));
  return results.filter((result) => result.skipped && !ran.has(key(result)));
}

/** The tests with those left out: these are dropped where another part ran them, and have failed where nothing says why. */
export function settled(results: readonly TestResult[]): TestResult[] {
  const out = leftOut(results).map((result) =>
    result.reason
      ? result
      : { ...result, skipped: false, reason: "it was left out, and doesn't say why" },
  );
  return [...results.filter(({ skipped }) => !skipped), ...out];
}

/** The tests that took longest, the slowest first. */
export function slowest(results: readonly TestResult[], count = 10): TestResult[] {
  return results
    .filter(({ file }) => file !== undefined)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count);
}

/** The requirements whose goal this run has measured and missed. */
export function missed(proofs: readonly Proof[]): string[] {
  return proofs
    .filter(({ requirement, figures }) => verdict(requirement.targets, figures) === "✗")
    .map(({ requirement }) => `${requirement.id}: ${requirement.goal}`);
}

/** The table of all requirements, in Markdown. */
export function table(proofs: readonly Proof[]): string {
  const lines = proofs.map(({ requirement, tests, figures }) => {
    const { id, title, floor = "", goal = "", targets } = requirement;
    const name = id.startsWith("edge case") ? "edge case" : id.replace(/^goal: .*/, "goal");
    const wanted = targets ? `${goal} ${verdict(targets, figures)}` : goal;
    return [name, title, namesOf(tests), summary(figures), floor, wanted];
  });
  return rows(
    ["requirement", "what is promised", "tests", "measured", "floor", "our goal"],
    lines.map((cells) => cells.map(cell)),
  );
}

/** The files of some tests, each with how many of them it has. */
function namesOf(tests: readonly TestResult[]): string {
  if (tests.length === 0) return "**none**";
  const counts = new Map<string, number>();
  for (const test of tests) counts.set(nameOf(test), (counts.get(nameOf(test)) ?? 0) + 1);
  const names = [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`));
  const more = names.length - NAMES_SHOWN;
  const shown = names.slice(0, NAMES_SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const failed = tests.filter(({ passed }) => !passed).length;
  return failed === 0 ? shown : `${shown}; **${failed} failed**`;
}

/** "tests/cluster/stories/chart.test.ts" as "cluster/stories/chart"; a part where that is the test. */
function nameOf({ file, part }: TestResult): string {
  return file?.replace(/^(tests|apps)\//, "").replace(/(\.test\.tsx?|\.py)$/, "") ?? part;
}

/** Whether the figures are what the project wants: ✓, ✗, or that they are missing. */
function verdict(targets: readonly Target[] = [], figures: readonly Figure[]): string {
  const verdicts = targets.map((target) => meets(target, figures));
  if (verdicts.includes(false)) return "✗";
  return verdicts.includes(undefined) ? "(not measured)" : "✓";
}

/** Whether the worst of a target's figures is good enough; undefined where there is none. */
function meets(target: Target, figures: readonly Figure[]): boolean | undefined {
  const named = (part: string): number[] =>
    figures
      .filter(({ what, unit }) => what.includes(part) && unit === target.unit)
      .map(({ value }) => value);
  const values = named(target.what);
  const whole = "of" in target && target.of !== undefined ? named(target.of) : [1];
  if (values.length === 0 || whole.length === 0) return undefined;
  if ("atLeast" in target) return Math.min(...values) >= target.atLeast;
  return Math.max(...values) / Math.min(...whole) <= target.atMost;
}

/** Measurements of the same thing as one: their range, to hundredths. */
function summary(figures: readonly Figure[]): string {
  const groups = new Map<string, number[]>();
  for (const { what, value, unit } of figures) {
    const key = `${what}|${unit}`;
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return [...groups]
    .map(([key, values]) => {
      const [what, unit] = key.split("|");
      const [least, most] = [Math.min(...values), Math.max(...values)].map(hundredths);
      return `${what}: ${least === most ? least : `${least}–${most}`} ${unit}`;
    })
    .join("; ");
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * The whole report, in Markdown: what failed, what passed by itself only, what was left out and why, the goals that were missed and
 * the slowest tests first, then the parts, the requirements, and every test.
 */
export function report(
  proofs: readonly Proof[],
  results: readonly TestResult[],
  machine: string,
): string {
  const failed = failures(results);
  const out = results.filter(({ skipped }) => skipped);
  const passed = results.length - failed.length - out.length;
  const parts = results.filter(
    ({ file, title }) => file === undefined && title.includes("runs to its end"),
  );
  return [
    "# Verification",
    `${passed} tests passed, ${failed.length} failed, ${out.length} were left out. ${machine}`,
    ...section(
      "Failed",
      failed.map((failure) => `- ✗ ${failure}`),
    ),
    ...section(
      "Passed by itself only",
      passedAgain(results).map((test) => `- ${test}`),
    ),
    ...section(
      "Left out",
      out.map(({ part, title, reason = "" }) => `- ${part}: ${oneLine(title)}: ${oneLine(reason)}`),
    ),
    ...section(
      "Goals missed",
      missed(proofs).map((goal) => `- ${goal}`),
    ),
    ...section(
      "The slowest tests",
      slowest(results).map(
        ({ seconds, part, title }) => `- ${seconds.toFixed(1)} s, ${part}: ${oneLine(title)}`,
      ),
    ),
    ...section("Parts", [
      rows(
        ["", "part", "s"],
        parts.map((row) => [mark(row), row.part, row.seconds.toFixed(1)]),
      ),
    ]),
    ...section("Requirements", [table(proofs)]),
    ...section("Every test", [
      rows(
        ["", "part", "test", "s"],
        results.map((row) => [mark(row), row.part, cell(row.title), row.seconds.toFixed(1)]),
      ),
    ]),
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

/** A heading with its lines; nothing where there are none. */
function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, lines.join("\n")];
}

function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}

function mark({ passed, skipped }: TestResult): string {
  if (skipped) return "–";
  return passed ? "✓" : "✗";
}

function cell(text: string): string {
  return oneLine(text).replaceAll("|", "\\|");
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " / ");
}

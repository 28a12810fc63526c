import { REQUIREMENTS, type Requirement } from "./requirements";
import type { Figure, TestResult } from "./results";

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

/** The table of all requirements, in Markdown. */
export function table(proofs: readonly Proof[]): string {
  const rows = proofs.map(
    ({ requirement: { id, title, floor = "", goal = "" }, tests, figures }) => {
      const failed = tests.filter(({ passed }) => !passed).length;
      const count =
        tests.length === 0
          ? "**none**"
          : `${tests.length}${failed > 0 ? `, **${failed} failed**` : ""}`;
      const parts = [...new Set(tests.map(({ part }) => part))].join(", ");
      const name = id.startsWith("edge case") ? "edge case" : id.replace(/^goal: .*/, "goal");
      return [name, title, `${count}${parts && ` (${parts})`}`, summary(figures), floor, goal];
    },
  );
  return [
    "| requirement | what is promised | tests | measured | floor | our goal |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`),
  ].join("\n");
}

/** Measurements of the same thing as one: their range. */
function summary(figures: readonly Figure[]): string {
  const groups = new Map<string, number[]>();
  for (const { what, value, unit } of figures) {
    const key = `${what}|${unit}`;
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  return [...groups]
    .map(([key, values]) => {
      const [what, unit] = key.split("|");
      const least = Math.min(...values);
      const most = Math.max(...values);
      return `${what}: ${least === most ? least : `${least}–${most}`} ${unit}`;
    })
    .join("; ");
}

/** The whole report, in Markdown: what failed first, then the table, then every test. */
export function report(
  proofs: readonly Proof[],
  results: readonly TestResult[],
  machine: string,
): string {
  const failed = results.filter(({ passed }) => !passed);
  const lines = results.map(
    ({ part, title, passed, seconds }) =>
      `| ${passed ? "✓" : "✗"} | ${part} | ${title.replaceAll("|", "\\|")} | ${seconds.toFixed(1)} |`,
  );
  return [
    "# Verification",
    "",
    `${results.length - failed.length} tests passed, ${failed.length} failed. ${machine}`,
    ...failed.map(({ part, title }) => `\n- ✗ ${part}: ${title}`),
    "",
    table(proofs),
    "",
    "## Every test",
    "",
    "| | part | test | s |",
    "| --- | --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}

import type { Exception, Verdict } from "./exceptions";
import type { Finding } from "./rule";

/** How the messages begin by which the program tells of findings. */
const REFUSAL = /^\s*error: \d+ mandatory findings? of the blueprints/;
const NOTES = "blueprints:";

/** A finding with its reason and remedy, in three lines. */
export function describe(finding: Finding): string {
  const { rule, object, field, problem } = finding;
  return [
    `${rule.id}: ${object}, ${field}: ${problem}`,
    `  why: ${rule.reason}`,
    `  do:  ${rule.remedy}`,
  ].join("\n");
}

/** The mandatory findings, and which exceptions ended; undefined where nothing stops a release. */
export function refusal(verdict: Verdict): string | undefined {
  const { mandatory, expired } = verdict;
  if (mandatory.length === 0) return undefined;
  return [
    `${counted(mandatory.length, "finding")} of the blueprints, and nothing was changed:`,
    ...mandatory.map(describe),
    ...expired.map((exception) => `the exception ${named(exception)} ended on ${exception.until}`),
  ].join("\n");
}

/** The refusal in what Pulumi has printed of a program's error; undefined where there is none. */
export function refusalIn(lines: readonly string[]): string | undefined {
  const start = lines.findLastIndex((line) => REFUSAL.test(line));
  if (start < 0) return undefined;
  const rest = lines.slice(start);
  const end = rest.findIndex((line) => line.trim() === "");
  const indent = /^\s*/.exec(rest[0] ?? "")?.[0] ?? "";
  return rest
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.replace(indent, "").replace(/^error: /, ""))
    .join("\n");
}

/** What the program says of findings that don't stop it; undefined where there is nothing to say. */
export function noted(verdict: Verdict): string | undefined {
  const lines = notes(verdict);
  return lines.length === 0 ? undefined : [NOTES, ...lines].join("\n");
}

/** The notes in a warning that Pulumi hands on; none where it is another warning. */
export function notesIn(warning: string): string[] {
  const [title, ...lines] = warning
    .trim()
    .replace(/^warning: /, "")
    .split("\n");
  return title === NOTES ? lines : [];
}

/** What doesn't stop a release, one line each: advisory findings, accepted ones, useless exceptions. */
export function notes(verdict: Verdict): string[] {
  return [
    ...verdict.advisory.map(
      ({ rule, object, field, problem }) =>
        `advisory: ${rule.id}: ${object}, ${field}: ${problem}. ${rule.remedy}`,
    ),
    ...verdict.accepted.map(
      ({ finding, exception }) =>
        `accepted until ${exception.until}: ${finding.rule.id}: ${finding.object}, ${finding.field}: ${finding.problem} (${exception.reason})`,
    ),
    ...verdict.unused.map((exception) => `the exception ${named(exception)} accepts nothing`),
  ];
}

function named({ rule, object }: Exception): string {
  return object === undefined ? `of ${rule}` : `of ${rule} for ${object}`;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 mandatory ${noun}` : `${count} mandatory ${noun}s`;
}

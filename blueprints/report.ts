import type { Exception, Verdict } from "./exceptions";
import type { Finding } from "./rule";

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

import { stripVTControlCharacters } from "node:util";

/** One thing that was looked at; what isn't as it should be has a remedy. */
export type Finding = {
  subject: string;
  /** What was found, and where it matters what is needed. */
  found: string;
} & ({ level: "ok" } | { level: "warning" | "problem"; remedy: string });

const MARKS = { ok: "✓", warning: "!", problem: "✗" } as const;

export function ok(subject: string, found: string): Finding {
  return { level: "ok", subject, found };
}

/** What may be meant, or may go well all the same. */
export function warning(subject: string, found: string, remedy: string): Finding {
  return { level: "warning", subject, found, remedy };
}

/** What must be mended. */
export function problem(subject: string, found: string, remedy: string): Finding {
  return { level: "problem", subject, found, remedy };
}

/** A finding as it is printed. */
export function line(finding: Finding): string {
  const text = `${MARKS[finding.level]} ${finding.subject}: ${oneLine(finding.found)}`;
  return finding.level === "ok" ? text : `${text}\n    remedy: ${oneLine(finding.remedy)}`;
}

function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .trim()
    .replace(/\s*\n\s*/g, "; ");
}

/** The last line of what a command says, which names its error. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}

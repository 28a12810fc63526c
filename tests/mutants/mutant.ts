/** One small change of a file, by offsets into its text. */
export interface Mutant {
  /** Where it begins, in characters. */
  start: number;
  /** Where it ends: what is between goes. */
  end: number;
  /** What takes its place. */
  text: string;
  /** What was done, as "=== becomes !==". */
  what: string;
}

/** The text with one change. */
export function apply(source: string, { start, end, text }: Mutant): string {
  return source.slice(0, start) + text + source.slice(end);
}

/** Number of the line, from 1, where a change begins. */
export function lineOf(source: string, { start }: Mutant): number {
  return source.slice(0, start).split("\n").length;
}

/** Number of the character in its line, from 0, where a change begins. */
export function columnOf(source: string, { start }: Mutant): number {
  return start - (source.lastIndexOf("\n", start - 1) + 1);
}

/** The line that a change begins in, before and after it. */
export function shown(source: string, mutant: Mutant): { before: string; after: string } {
  const line = lineOf(source, mutant) - 1;
  const at = (text: string): string => (text.split("\n")[line] ?? "").trim();
  return { before: at(source), after: at(apply(source, mutant)) };
}

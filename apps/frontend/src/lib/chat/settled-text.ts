import { fenceAfter } from "./code-fence";

/**
 * Splits Markdown that is still being written into what won't change any more and the rest. The cut is
 * at a blank line outside of code, before a line that begins a new paragraph.
 */
export function splitSettled(text: string): [settled: string, rest: string] {
  let cut = 0;
  let position = 0;
  let fence: string | null = null;
  let blank = false;
  for (const line of text.split("\n")) {
    if (fence === null && blank && /^[^\s\-*+>|\d]/.test(line)) cut = position;
    fence = fenceAfter(fence, line);
    blank = line.trim() === "";
    position += line.length + 1;
  }
  return [text.slice(0, cut), text.slice(cut)];
}

const ROW = /^ {0,3}\|/;
const DELIMITERS = /^ {0,3}\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*$/;
/** What a line of delimiters may begin with. */
const DELIMITERS_BEGUN = /^[ \t|:-]*$/;

function cellsOf(row: string): number {
  return row.trim().replace(/^\|/, "").replace(/\|$/, "").replaceAll("\\|", "").split("|").length;
}

function endsInCode(lines: readonly string[]): boolean {
  return lines.reduce<string | null>(fenceAfter, null) !== null;
}

/**
 * Markdown that is still being written, without a table at its end that can't be told from bars and
 * dashes yet: a table is one from its second line on, once that has as many cells as the first.
 */
export function withoutBegunTable(text: string): string {
  const lines = text.split("\n");
  // The line after it hasn't begun.
  if (lines.at(-1) === "") lines.pop();
  let first = lines.length;
  while (first > 0 && ROW.test(lines[first - 1] ?? "")) first -= 1;
  const [head, delimiters] = lines.slice(first);
  if (head === undefined || first < lines.length - 2 || endsInCode(lines)) return text;
  if (delimiters !== undefined) {
    if (!DELIMITERS_BEGUN.test(delimiters)) return text;
    if (DELIMITERS.test(delimiters) && cellsOf(delimiters) >= cellsOf(head)) return text;
  }
  return lines.slice(0, first).join("\n");
}

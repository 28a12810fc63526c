import { fenceAfter } from "./code-fence";

/** Deeper nesting than this is no formatting, and would exhaust the parser's stack. */
const DEEPEST = 40;
const NESTED = new RegExp(
  `^(?:[ \\t]*(?:>|(?:[-*+]|\\d+[.)])(?=[ \\t]))){${DEEPEST},}|^[ \\t]{${4 * DEEPEST},}(?:[-*+]|\\d+[.)])[ \\t]`,
  "m",
);

/** More marks than this in one paragraph are no formatting either: the parser pairs each with all the others. */
const MOST_MARKS = 2_000;
const MARKS = /[*_~[\]]/g;
/** A line that begins a paragraph, a heading, a row or an item of its own. */
const BEGINS = /^\s*(?:$|[>|]|(?:[-*+]|#{1,6}|\d+[.)])[ \t])/;

/** Whether Markdown's parser is done with a text before anybody minds: what a model repeats without end may take minutes. */
export function isReasonable(text: string): boolean {
  if (NESTED.test(text)) return false;
  let fence: string | null = null;
  let marks = 0;
  for (const line of text.split("\n")) {
    const inCode = fence !== null;
    fence = fenceAfter(fence, line);
    if (inCode) continue;
    if (fence !== null || BEGINS.test(line)) marks = 0;
    marks += line.match(MARKS)?.length ?? 0;
    if (marks > MOST_MARKS) return false;
  }
  return true;
}

const FENCE = /^ {0,3}(```+|~~~+)/;

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
    const mark = FENCE.exec(line)?.[1];
    if (fence === null && blank && /^[^\s\-*+>|\d]/.test(line)) cut = position;
    if (mark && fence === null) fence = mark;
    else if (mark && fence !== null && mark.startsWith(fence)) fence = null;
    blank = line.trim() === "";
    position += line.length + 1;
  }
  return [text.slice(0, cut), text.slice(cut)];
}

const FENCE = /^ {0,3}(```+|~~~+)/;

/** The mark of the block of code that is open after a line of Markdown, where `open` was before it; null outside of code. */
export function fenceAfter(open: string | null, line: string): string | null {
  const mark = FENCE.exec(line)?.[1];
  if (open === null) return mark ?? null;
  return mark?.startsWith(open) ? null : open;
}

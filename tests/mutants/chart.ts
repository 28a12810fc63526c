/** Small changes of a chart's template that somebody could notice: it is no YAML before it is rendered. */
import type { Mutant } from "./mutant";

const CHANGES: readonly [RegExp, (match: RegExpExecArray) => string, string][] = [
  [/\btrue\b/g, () => "false", "true becomes false"],
  [/\bfalse\b/g, () => "true", "false becomes true"],
  [/\beq\b(?= )/g, () => "ne", "eq becomes ne"],
  [/\bne\b(?= )/g, () => "eq", "ne becomes eq"],
  [/\bnot (?=\.|\(|\$)/g, () => "", "not goes"],
  [/\band (?=\.|\(|\$)/g, () => "or ", "and becomes or"],
  [/\bor (?=\.|\(|\$)/g, () => "and ", "or becomes and"],
  [/(?<=\w: )\d+(?=\s*$)/gm, ([number]) => String(Number(number) + 1), "a number is one more"],
  // A line of its own: not one that opens a block.
  [/^ +(?:- )?[\w./-]+: \S.*\n/gm, () => "", "a line goes"],
];
const COMMENT = /\{\{-?\s*\/\*[\s\S]*?\*\/\s*-?\}\}|^\s*#.*$/gm;

/** Every change that may be made of a template. */
export function mutantsOfChart(source: string): Mutant[] {
  const comments = [...source.matchAll(COMMENT)].map(({ index, 0: text }) => [
    index,
    index + text.length,
  ]);
  const inComment = (place: number): boolean =>
    comments.some(([from = 0, to = 0]) => place >= from && place < to);
  return CHANGES.flatMap(([pattern, change, what]) =>
    [...source.matchAll(pattern)].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
      text: change(match as RegExpExecArray),
      what,
    })),
  ).filter(({ start }) => !inComment(start));
}

/** Finds the commands in an assistant's answer. */

const START = /^(?:[-*•]\s+|\d+[.)]\s+)?(?:[$>❯#]\s+)?(?=(?:kubectl|helm|docker)\s)/;
const FENCE = /^\s*(```|~~~)/;
const INLINE = /`((?:kubectl|helm|docker)\s[^`\n]+)`/g;
const HERE = /<<\s*(['"]?)([A-Za-z_]\w*)\1\s*$/;

/** The commands of an answer in order, each once: in code blocks, on lines of their own, and in `code`. */
export function commandsIn(answer: string): string[] {
  const found = new Set<string>();
  const lines = answer.split("\n");
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? "";
    if (FENCE.test(line)) continue;
    const trimmed = line.trim();
    if (!START.test(trimmed)) {
      for (const [, inline] of trimmed.matchAll(INLINE)) if (inline) found.add(inline.trim());
      continue;
    }
    const parts = [trimmed.replace(START, "")];
    while ((parts.at(-1) ?? "").endsWith("\\") && i + 1 < lines.length) {
      i += 1;
      parts.push((lines[i] ?? "").trim());
    }
    const here = HERE.exec(parts.at(-1) ?? "");
    if (here) {
      const indent = line.length - line.trimStart().length;
      let ended = false;
      while (!ended && i + 1 < lines.length) {
        i += 1;
        const body = (lines[i] ?? "").slice(indent);
        ended = body.trim() === here[2];
        parts.push(ended ? body.trim() : body);
      }
    }
    found.add(parts.join("\n").replace(/`$/, ""));
  }
  return [...found];
}

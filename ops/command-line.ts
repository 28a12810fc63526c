/** Command lines that need no shell: how they are read, and how they are written. */

/** A command line that says exactly which program runs with which arguments. */
export interface PlainCommand {
  argv: string[];
  /** Text for the program's standard input, from a here-document. */
  stdin?: string;
}

/** A command line that only a shell could make sense of, or that hides what it does. */
export class NotPlain extends Error {}

const HERE_DOCUMENT = /^([^\n]*?)\s*<<\s*(['"]?)([A-Za-z_]\w*)\2[ \t]*\n([\s\S]*?\n)\3\s*$/;
/** Control and format characters, which make a terminal show something else than what is there. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u;
/** What a shell would act on outside quotes; `*`, `?`, `!` and `~` would become other words. */
const SHELL_SYNTAX: Readonly<Record<string, string>> = {
  "|": "a pipe",
  "&": "a second command or a background job",
  ";": "a second command",
  "<": "a redirection",
  ">": "a redirection",
  "(": "a subshell",
  ")": "a subshell",
  "`": "a command substitution",
  $: "an expansion",
  "*": "a file pattern",
  "?": "a file pattern",
  "!": "a history expansion",
  "#": "a comment",
  "~": "a home folder",
  "\n": "a second line",
};

/** Reads a command line as a shell would, but refuses whatever is more than words. @throws NotPlain */
export function parseCommand(text: string): PlainCommand {
  const joined = text.trim().replace(/\\\n[ \t]*/g, " ");
  const here = HERE_DOCUMENT.exec(joined);
  if (here === null) {
    refuseHidden(joined);
    return { argv: words(joined) };
  }
  const [, line = "", quote, , stdin = ""] = here;
  refuseHidden(line);
  refuseHidden(stdin.replace(/[\n\t]/g, ""));
  if (quote === "" && /[$`\\]/.test(stdin))
    throw new NotPlain("an expansion in the here-document: only a shell could do it");
  return { argv: words(line), stdin };
}

/** Writes a command so that it can be pasted into a shell and does the same there. */
export function formatCommand({ argv, stdin }: PlainCommand): string {
  const line = argv.map(quote).join(" ");
  if (stdin === undefined) return line;
  let mark = "EOF";
  while (stdin.split("\n").includes(mark)) mark += "_";
  return `${line} <<'${mark}'\n${stdin.endsWith("\n") ? stdin : `${stdin}\n`}${mark}`;
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function refuseHidden(text: string): void {
  if (HIDDEN.test(text.replaceAll("\n", "").replaceAll("\t", " ")))
    throw new NotPlain("characters that a terminal doesn't show as they are");
}

function words(line: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i] ?? "";
    if (char === " " || char === "\t") {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else if (char === "'") {
      const end = line.indexOf("'", i + 1);
      if (end < 0) throw new NotPlain("a quote that isn't closed");
      word = (word ?? "") + line.slice(i + 1, end);
      i = end;
    } else if (char === '"') {
      const { text, end } = doubleQuoted(line, i);
      word = (word ?? "") + text;
      i = end;
    } else if (char === "\\") {
      i += 1;
      if (i >= line.length) throw new NotPlain("a backslash at the end");
      word = (word ?? "") + line[i];
    } else {
      const syntax = SHELL_SYNTAX[char];
      const harmless = (char === "#" || char === "~") && word !== undefined && !/[=:]$/.test(word);
      if (syntax !== undefined && !harmless)
        throw new NotPlain(`${syntax} (${char === "\n" ? "line break" : char})`);
      if (char === "{" && /^\{[^{}\s]*(,|\.\.)[^{}\s]*\}/.test(line.slice(i)))
        throw new NotPlain("a list of alternatives ({…,…})");
      word = (word ?? "") + char;
    }
  }
  if (word !== undefined) found.push(word);
  return found;
}

function doubleQuoted(line: string, start: number): { text: string; end: number } {
  let text = "";
  for (let i = start + 1; i < line.length; i += 1) {
    const char = line[i] ?? "";
    if (char === '"') return { text, end: i };
    if (char === "$" || char === "`" || char === "!") throw new NotPlain(`an expansion (${char})`);
    if (char === "\\" && ['"', "\\", "$", "`"].includes(line[i + 1] ?? "")) {
      i += 1;
      text += line[i];
    } else text += char;
  }
  throw new NotPlain("a quote that isn't closed");
}

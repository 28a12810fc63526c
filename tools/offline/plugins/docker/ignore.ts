/**
 * .dockerignore files as the Docker engine reads them (github.com/moby/patternmatcher):
 * Go's filepath.Match plus `**`, in order, where a `!` pattern takes back what an earlier one matched.
 */

interface Pattern {
  /** A `!` pattern: what it matches is kept. */
  readonly exception: boolean;
  readonly matches: (path: string) => boolean;
}

/** Which patterns matched a directory: what is below it inherits them. */
export type DirectoryMatch = readonly boolean[];

/** Answer for one path. */
export interface Match {
  /** Whether the path is left out of the build context. */
  ignored: boolean;
  /** To be handed to `match` for the paths directly below. */
  below: DirectoryMatch;
}

/** The patterns of one .dockerignore file. */
export class IgnoreMatcher {
  /** Whether something below an ignored directory may yet be kept. */
  readonly hasExceptions: boolean;
  private readonly patterns: readonly Pattern[];

  /** @throws Error where a pattern is malformed. */
  constructor(patterns: readonly string[]) {
    this.patterns = patterns.flatMap((text) => parsePattern(text) ?? []);
    this.hasExceptions = this.patterns.some((pattern) => pattern.exception);
  }

  /**
   * Judges one path.
   * @param path relative to the context's root, with forward slashes, clean
   * @param parent what `match` answered for the directory around it; none at the root
   */
  match(path: string, parent?: DirectoryMatch): Match {
    let ignored = false;
    const below = this.patterns.map((pattern, i) => {
      let matched = parent?.[i] ?? false;
      // A pattern that could not change the verdict is not asked, nor inherited.
      if (!matched && pattern.exception === ignored) matched = pattern.matches(path);
      if (matched) ignored = !pattern.exception;
      return matched;
    });
    return { ignored, below };
  }
}

/** The patterns in the text of a .dockerignore file, rooted paths made relative to the context. */
export function readPatterns(text: string): string[] {
  const patterns: string[] = [];
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    if (line.startsWith("#")) continue; // only in the first column; " #x" is a pattern
    let pattern = line.trim();
    if (pattern === "") continue;
    const exception = pattern.startsWith("!");
    if (exception) pattern = pattern.slice(1).trim();
    if (pattern !== "") pattern = clean(pattern);
    if (pattern.length > 1 && pattern.startsWith("/")) pattern = pattern.slice(1);
    patterns.push(exception ? `!${pattern}` : pattern);
  }
  return patterns;
}

/** Go's path.Clean: no empty, "." or inner ".." elements; "." for nothing. */
export function clean(path: string): string {
  const rooted = path.startsWith("/");
  const kept: string[] = [];
  for (const element of path.split("/")) {
    if (element === "" || element === ".") continue;
    if (element !== "..") kept.push(element);
    else if (kept.length > 0 && kept[kept.length - 1] !== "..") kept.pop();
    else if (!rooted) kept.push("..");
  }
  return (rooted ? "/" : "") + kept.join("/") || ".";
}

function parsePattern(text: string): Pattern | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  let pattern = clean(trimmed);
  const exception = pattern.startsWith("!");
  if (exception) pattern = pattern.slice(1);
  if (pattern === "") throw new Error('illegal exclusion pattern: "!"');
  return { exception, matches: compile(pattern) };
}

function compile(pattern: string): (path: string) => boolean {
  // Three forms are plain string comparisons for the engine. Of two, a regular expression would
  // say something else: "**x" is every path that ends in x, "x**" every path that begins with x.
  const literal = (text: string): boolean => !/[*?[\]\\]/.test(text);
  if (literal(pattern)) return (path) => path === pattern;
  if (pattern.startsWith("**") && literal(pattern.slice(2))) {
    const suffix = pattern.slice(2);
    return (path) => path.endsWith(suffix) || (suffix[0] === "/" && path === suffix.slice(1));
  }
  if (pattern.endsWith("**") && literal(pattern.slice(0, -2))) {
    const prefix = pattern.slice(0, -2);
    return (path) => path.startsWith(prefix);
  }

  const chars = Array.from(pattern);
  let source = "";
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] as string;
    if (char === "*" && chars[i + 1] === "*") {
      i++;
      if (chars[i + 1] === "/") i++;
      source += i + 1 === chars.length ? ".*" : "(.*/)?";
    } else if (char === "*") {
      source += "[^/]*";
    } else if (char === "?") {
      source += "[^/]";
    } else if (char === "\\") {
      i++;
      if (i === chars.length) throw malformed(pattern);
      source += quote(chars[i] as string);
    } else if (char === "[") {
      const set = readSet(chars, i + 1, pattern);
      source += set.source;
      i = set.end;
    } else {
      source += quote(char);
    }
  }
  const expression = new RegExp(`^${source}$`, "u");
  return (path) => expression.test(path);
}

/** "^" is left out, as the engine leaves it out: only a pattern's literal form can begin with one. */
function quote(char: string): string {
  return /[$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}

function quoteInSet(char: string): string {
  return char === "-" || char === "^" ? `\\${char}` : quote(char);
}

/** Reads a character set that begins at `start`, after its "["; `end` is the index of its "]". */
function readSet(
  chars: readonly string[],
  start: number,
  pattern: string,
): { source: string; end: number } {
  let i = start;
  const negated = chars[i] === "^";
  if (negated) i++;
  const one = (): string => {
    let char = chars[i++];
    if (char === "\\") char = chars[i++];
    else if (char === "]" || char === "-") throw malformed(pattern);
    if (char === undefined) throw malformed(pattern);
    return char;
  };
  let source = "";
  do {
    const low = one();
    source += quoteInSet(low);
    if (chars[i] === "-") {
      i++;
      const high = one();
      // A reversed range is legal for Go and matches nothing.
      source =
        high < low ? source.slice(0, -quoteInSet(low).length) : `${source}-${quoteInSet(high)}`;
    }
  } while (chars[i] !== "]");
  if (source === "") return { source: negated ? "[^]" : "[]", end: i };
  return { source: `[${negated ? "^" : ""}${source}]`, end: i };
}

function malformed(pattern: string): Error {
  return new Error(`syntax error in pattern: ${JSON.stringify(pattern)}`);
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Rule {
  pattern: RegExp;
  /** A line that starts with "!" takes files back in. */
  negated: boolean;
}

/** The rules of a .dockerignore file: the last line that matches a path or one of its folders decides. */
export class Ignore {
  private readonly rules: Rule[];
  private readonly takesBack: boolean;

  constructor(text: string) {
    this.rules = text
      .split(/\r?\n/)
      .filter((line) => !line.startsWith("#"))
      .map((line) => line.trim())
      .filter((line) => line !== "" && line !== "!")
      .map((line) => {
        const negated = line.startsWith("!");
        return { negated, pattern: toRegExp(negated ? line.slice(1).trim() : line) };
      });
    this.takesBack = this.rules.some((rule) => rule.negated);
  }

  /** The rules of a build context; none where it has no .dockerignore. */
  static of(context: string): Ignore {
    const file = join(context, ".dockerignore");
    return new Ignore(existsSync(file) ? readFileSync(file, "utf8") : "");
  }

  /** Whether Docker leaves this path, relative to the context, out. */
  excludes(path: string): boolean {
    const parts = path.split("/");
    const candidates = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    let excluded = false;
    for (const rule of this.rules) {
      if (rule.negated === excluded && candidates.some((candidate) => rule.pattern.test(candidate)))
        excluded = !rule.negated;
    }
    return excluded;
  }

  /** Whether nothing in this folder can reach Docker, so that it need not be read. */
  excludesAllOf(folder: string): boolean {
    return !this.takesBack && this.excludes(folder);
  }
}

/** Translates Docker's patterns: Go's filepath.Match, and "**" for any number of folders. */
function toRegExp(pattern: string): RegExp {
  const clean = pattern
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
  let source = "";
  for (let i = 0; i < clean.length; i++) {
    const char = clean.charAt(i);
    if (clean.startsWith("**/", i)) {
      source += "(?:[^/]+/)*";
      i += 2;
    } else if (clean.startsWith("**", i)) {
      source += ".*";
      i += 1;
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = clean.indexOf("]", i + 1);
      if (end < 0) source += "\\[";
      else {
        source += clean.slice(i, end + 1);
        i = end;
      }
    } else if (char === "\\" && i + 1 < clean.length) {
      i += 1;
      source += literal(clean.charAt(i));
    } else source += literal(char);
  }
  return new RegExp(`^${source}$`);
}

function literal(char: string): string {
  return /[\w/-]/.test(char) ? char : `\\${char}`;
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import matcher, { type Ignore as Matcher } from "@balena/dockerignore";

/** The rules of a .dockerignore file: the last line that matches a path or one of its folders decides. */
export class Ignore {
  private readonly rules: Matcher;
  /** How the paths begin that a line with "!" takes back in, up to its first wildcard. */
  private readonly takenBack: string[];

  constructor(text: string) {
    this.rules = matcher({ ignorecase: false }).add(text);
    this.takenBack = text
      .split(/\r?\n/)
      .filter((line) => line.trim().startsWith("!"))
      .map((line) => (/^!\s*(?:\.?\/)?([^*?[\\]*)/.exec(line.trim())?.[1] ?? "").trim());
  }

  /**
   * The rules of a build context: those beside its Dockerfile, else those of the context; none where it
   * has neither.
   */
  static of(context: string, dockerfile = "Dockerfile"): Ignore {
    const files = [`${dockerfile}.dockerignore`, ".dockerignore"].map((name) =>
      join(context, name),
    );
    const file = files.find((path) => existsSync(path));
    return new Ignore(file === undefined ? "" : readFileSync(file, "utf8"));
  }

  /** Whether Docker leaves this path, relative to the context, out. */
  excludes(path: string): boolean {
    return this.rules.ignores(path);
  }

  /** Whether nothing in this folder can reach Docker, so that it need not be read. */
  excludesAllOf(folder: string): boolean {
    const inside = `${folder}/`;
    const comesBack = (start: string): boolean =>
      start.startsWith(inside) || inside.startsWith(start);
    return this.excludes(folder) && !this.takenBack.some(comesBack);
  }
}

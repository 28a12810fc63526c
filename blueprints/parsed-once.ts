import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Beside what the program's start keeps there: a clean install forgets both. */
const CACHE = join(__dirname, "..", "node_modules", ".cache", "blueprints");

/**
 * What a parser makes of a text, parsed once per content: parsing, and loading what parses, takes longer
 * than all rules together, and most previews find nothing new.
 * @param parser file of the parser, whose change makes earlier results void
 */
export function parsedOnce<T>(parser: string, text: string, parse: () => T): T {
  const hash = createHash("sha256").update(readFileSync(parser)).update("\0").update(text);
  const file = join(CACHE, `${hash.digest("hex").slice(0, 32)}.json`);
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    const parsed = parse();
    keep(file, JSON.stringify(parsed));
    return parsed;
  }
}

function keep(file: string, text: string): void {
  try {
    mkdirSync(CACHE, { recursive: true });
    const partial = `${file}.${process.pid}`;
    writeFileSync(partial, text);
    renameSync(partial, file); // another process may write the same file
  } catch {
    // a read-only clone parses each time
  }
}

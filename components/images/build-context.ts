import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import gitignore from "ignore";
import { Ignore } from "./dockerignore";

const TAG_DIGITS = 12;

/** Hash of the files of a build context that reach Docker, and of its Dockerfile: 64 hex digits. */
export function contextHash(context: string, dockerfile = "Dockerfile"): string {
  const files = listFiles(context, Ignore.of(context, dockerfile));
  if (!files.includes(dockerfile)) files.push(dockerfile); // Docker reads it even where it is ignored
  return hashFiles(context, files);
}

/** Hash of the files of a folder, but for those that a chart's .helmignore keeps from Helm: 64 hex digits. */
export function folderHash(folder: string): string {
  const file = join(folder, ".helmignore");
  // Helm's patterns are those of .gitignore without "**".
  const rules = gitignore().add(existsSync(file) ? readFileSync(file, "utf8") : "");
  return hashFiles(
    folder,
    listFiles(folder, {
      excludes: (path) => rules.ignores(path),
      excludesAllOf: (path) => rules.ignores(`${path}/`),
    }),
  );
}

/**
 * The tag of an image built from this context: the version, then 12 digits of the context's hash.
 * @param files what alone decides on it; everything that reaches Docker unless said
 */
export function contentTag(version: string, context: string, files?: readonly string[]): string {
  const hash = files ? hashFiles(context, [...files]) : contextHash(context);
  return `${version}-${hash.slice(0, TAG_DIGITS)}`;
}

/** Whether an image's tag names what its build context holds now. */
export function isContentOf(image: string, context: string): boolean {
  return image.endsWith(`-${contextHash(context).slice(0, TAG_DIGITS)}`);
}

function hashFiles(folder: string, files: string[]): string {
  const hash = createHash("sha256");
  for (const file of [...files].sort()) {
    const path = join(folder, file);
    const status = lstatSync(path);
    const kind = status.isSymbolicLink() ? "l" : (status.mode & 0o100) !== 0 ? "x" : "-";
    const bytes = kind === "l" ? readlinkSync(path) : readFileSync(path);
    const content = createHash("sha256").update(bytes).digest("hex");
    hash.update(`${file}\0${kind}\0${content}\n`);
  }
  return hash.digest("hex");
}

/** Paths of the files below a folder that are not ignored, with "/" on every system. */
function listFiles(
  folder: string,
  ignore: Pick<Ignore, "excludes" | "excludesAllOf">,
  prefix = "",
): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!ignore.excludesAllOf(path)) files.push(...listFiles(folder, ignore, path));
    } else if (!ignore.excludes(path)) {
      files.push(path);
    }
  }
  return files;
}

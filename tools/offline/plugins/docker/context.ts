import { createHash } from "node:crypto";
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { isAbsolute, join, normalize } from "node:path";
import { messageOf } from "../../../../common/errors";
import { type DirectoryMatch, IgnoreMatcher, readPatterns } from "./ignore";

/**
 * The digest of a build context that the docker plugin keeps in the image's inputs, as 64 hex digits.
 * It is the plugin's own format byte for byte, so that a state written by the one is unchanged for
 * the other: the Dockerfile, then every file that no .dockerignore pattern leaves out, each by name,
 * mode and content; a symbolic link by where it leads.
 * @param context the context's folder, as the program gave it
 * @param dockerfile the Dockerfile's path, relative to the working directory
 * @throws Error where a file cannot be read, a link leads nowhere, or a pattern is malformed
 */
export function contextDigest(context: string, dockerfile: string): string {
  const patterns = ignorePatterns(context, dockerfile);
  const total = createHash("sha256");
  const add = (path: string, name: string, mode: number): void => {
    total.update(name);
    total.update(modeString(mode));
    total.update(contentDigest(path, mode));
    total.update("\0");
  };
  try {
    add(dockerfile, "Dockerfile", 0);
  } catch (error) {
    throw new Error(`error hashing dockerfile ${JSON.stringify(dockerfile)}: ${messageOf(error)}`);
  }
  try {
    const matcher = new IgnoreMatcher(patterns);
    for (const { name, mode } of files(context, matcher)) add(join(context, name), name, mode);
  } catch (error) {
    throw new Error(`unable to hash build context: ${messageOf(error)}`);
  }
  return total.digest("hex");
}

/** The patterns of `<Dockerfile>.dockerignore`, else of the context's .dockerignore, else none. */
export function ignorePatterns(context: string, dockerfile: string): string[] {
  for (const path of [`${dockerfile}.dockerignore`, join(context, ".dockerignore")]) {
    try {
      return readPatterns(readFileSync(path, "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
        throw new Error(`reading ${JSON.stringify(path)}: ${messageOf(error)}`);
      }
    }
  }
  return [];
}

/** Everything in the context that is no folder and not ignored, in the order of a tree walk. */
function* files(
  context: string,
  matcher: IgnoreMatcher,
  folder = "",
  parent?: DirectoryMatch,
): Generator<{ name: string; mode: number }> {
  const names = readdirSync(join(context, folder), { encoding: "buffer" }).sort(Buffer.compare);
  for (const entry of names) {
    const name = folder === "" ? entry.toString() : `${folder}/${entry.toString()}`;
    const { ignored, below } = matcher.match(name, parent);
    if (ignored && !matcher.hasExceptions) continue;
    const stats = lstatSync(join(context, name));
    if (stats.isDirectory()) yield* files(context, matcher, name, below);
    else if (!ignored) yield { name, mode: goMode(stats) };
  }
}

const CHUNK = Buffer.allocUnsafe(1 << 20);

function contentDigest(path: string, mode: number): Buffer {
  const hash = createHash("sha256");
  if (mode & MODE.symlink) {
    hash.update(resolveLink(path));
  } else if ((mode & NOT_REGULAR) === 0) {
    const file = openSync(path, "r");
    try {
      for (let n = readSync(file, CHUNK); n > 0; n = readSync(file, CHUNK)) {
        hash.update(CHUNK.subarray(0, n));
      }
    } finally {
      closeSync(file);
    }
  }
  return hash.digest();
}

/** Where a link leads, every link on the way followed; relative as long as no link is absolute. */
function resolveLink(path: string): string {
  let rest = normalize(path).split("/");
  let resolved = isAbsolute(path) ? "/" : "";
  let links = 0;
  for (let element = rest.shift(); element !== undefined; element = rest.shift()) {
    if (element === "" || element === ".") continue;
    const next = join(resolved, element);
    const stats = lstat(next, path);
    if (!stats.isSymbolicLink()) {
      resolved = next;
      continue;
    }
    if (++links > 255) throw new Error(`could not evaluate symlink at ${path}: too many links`);
    const target = readlinkSync(next);
    if (isAbsolute(target)) resolved = "/";
    rest = [...target.split("/"), ...rest];
  }
  return normalize(resolved || ".");
}

function lstat(path: string, link: string): Stats {
  try {
    return lstatSync(path);
  } catch (error) {
    throw new Error(`could not evaluate symlink at ${link}: ${messageOf(error)}`);
  }
}

/** The bits of a Go fs.FileMode above the permissions. */
const MODE = {
  device: 2 ** 26,
  pipe: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  charDevice: 2 ** 21,
  sticky: 2 ** 20,
  symlink: 2 ** 27,
};
const NOT_REGULAR = MODE.symlink | MODE.device | MODE.pipe | MODE.socket | MODE.charDevice;

function goMode(stats: Stats): number {
  let mode = stats.mode & 0o777;
  if (stats.isSymbolicLink()) mode |= MODE.symlink;
  if (stats.isFIFO()) mode |= MODE.pipe;
  if (stats.isSocket()) mode |= MODE.socket;
  if (stats.isBlockDevice()) mode |= MODE.device;
  if (stats.isCharacterDevice()) mode |= MODE.device | MODE.charDevice;
  if (stats.mode & 0o4000) mode |= MODE.setuid;
  if (stats.mode & 0o2000) mode |= MODE.setgid;
  if (stats.mode & 0o1000) mode |= MODE.sticky;
  return mode;
}

/** A mode as Go prints it: "-rw-r--r--", "Lrwxrwxrwx", "ugrwxr-xr-x". */
function modeString(mode: number): string {
  const LETTERS = "dalTLDpSugct?"; // from bit 31 down
  const kind = Array.from(LETTERS, (letter, i) =>
    Math.floor(mode / 2 ** (31 - i)) % 2 === 1 ? letter : "",
  ).join("");
  const permissions = Array.from("rwxrwxrwx", (letter, i) =>
    (mode >> (8 - i)) & 1 ? letter : "-",
  ).join("");
  return (kind || "-") + permissions;
}

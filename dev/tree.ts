import { createHash } from "node:crypto";
import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { Ignore } from "../components/images/dockerignore";

/** A file as it was last read. */
interface Known {
  /** What changes with the content, but for a file that is written twice within its clock's tick. */
  mark: string;
  digest: string;
  changedAt: number;
}

/** The difference between two trees. */
export interface Difference {
  /** Paths to write, and to delete. */
  write: string[];
  remove: string[];
}

/**
 * The files of a folder that reach its image, by content. Looked at, never listened to: a walk costs a
 * millisecond, and no event of it can be lost.
 */
export class LocalTree {
  private readonly ignore: Ignore;
  private files = new Map<string, Known>();

  /**
   * @param context folder with the Dockerfile
   * @param root the folder in it whose files make the tree; paths begin with it
   */
  constructor(
    readonly context: string,
    readonly root: string,
  ) {
    this.ignore = Ignore.of(context);
  }

  /** Looks at every file. Gives the paths that have changed, come or gone since the last look. */
  look(): string[] {
    const before = this.files;
    const files = new Map<string, Known>();
    const changed: string[] = [];
    this.walk(this.root, (path, status) => {
      const mark = `${status.mtimeMs} ${status.ctimeMs} ${status.size} ${status.ino}`;
      const known = before.get(path);
      if (known?.mark === mark) {
        files.set(path, known);
        return;
      }
      const content = this.tryRead(path);
      if (content === undefined) return;
      const digest = sha256(content);
      files.set(path, { mark, digest, changedAt: status.mtimeMs });
      if (digest !== known?.digest) changed.push(path);
    });
    for (const path of before.keys()) if (!files.has(path)) changed.push(path);
    this.files = files;
    return changed;
  }

  /** Hash of each file's content, by its path. */
  digests(): Map<string, string> {
    return new Map([...this.files].map(([path, { digest }]) => [path, digest]));
  }

  /** The whole tree's hash: 64 hex digits, the same as the pod computes of its own. */
  hash(): string {
    return treeHash(this.digests());
  }

  /** A file's content; undefined where it has gone meanwhile. */
  tryRead(path: string): Buffer | undefined {
    try {
      return readFileSync(join(this.context, path));
    } catch {
      return undefined;
    }
  }

  /** When the latest of some files was saved, in milliseconds since 1970; undefined where all have gone. */
  savedAt(paths: readonly string[]): number | undefined {
    const times = paths.flatMap((path) => this.files.get(path)?.changedAt ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  private walk(folder: string, take: (path: string, status: Stats) => void): void {
    let entries: ReturnType<typeof entriesOf>;
    try {
      entries = entriesOf(join(this.context, folder));
    } catch {
      return; // gone since its name was read
    }
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!this.ignore.excludesAllOf(path)) this.walk(path, take);
        continue;
      }
      if (this.ignore.excludes(path)) continue;
      const status = statSync(join(this.context, path), { throwIfNoEntry: false });
      if (status?.isFile()) take(path, status);
    }
  }
}

function entriesOf(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

/** What brings one tree to another. */
export function difference(
  from: ReadonlyMap<string, string>,
  to: ReadonlyMap<string, string>,
): Difference {
  return {
    write: [...to].filter(([path, digest]) => from.get(path) !== digest).map(([path]) => path),
    remove: [...from.keys()].filter((path) => !to.has(path)),
  };
}

/** Hash of a tree, from the hashes of its files. */
export function treeHash(digests: ReadonlyMap<string, string>): string {
  // By code points, as Python sorts; JavaScript's own order differs beyond the basic plane only.
  const paths = [...digests.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return sha256(Buffer.from(paths.map((path) => `${path}\0${digests.get(path)}\n`).join("")));
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UserError } from "../common/errors";
import { isRunning } from "../common/processes";
import { say } from "../common/progress";

/** The user's cache folder of this project: `$XDG_CACHE_HOME/todo-app-minikube` or `~/.cache/…`. */
export function cacheRoot(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base ? base : join(homedir(), ".cache"), "todo-app-minikube");
}

/** A path in the cache; its parent folder exists afterwards. */
export function cachePath(...segments: string[]): string {
  const path = join(cacheRoot(), ...segments);
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new UserError({
      what: `the cache folder ${cacheRoot()} can't be written`,
      why: messageOf(error),
      next: "make it writable, or set XDG_CACHE_HOME to a folder that is",
      cause: error,
    });
  }
  return path;
}

/**
 * Returns the folder `segments` of the cache, made by `fill` where it isn't there yet.
 * The folder appears whole or not at all, so an interrupted `fill` is simply done again,
 * and two processes that want the same folder don't disturb each other.
 */
export async function cachedFolder(
  segments: readonly string[],
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const target = cachePath(...segments);
  if (existsSync(target)) return target;
  return withLock(`${target}.lock`, async () => {
    if (existsSync(target)) return target;
    const partial = `${target}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    try {
      await fill(partial);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
        throw new UserError({
          what: "the disk is full",
          why: `no room for ${target}`,
          next: `free some space (the whole toolchain needs about 12 GB while it is built), then run the command again`,
          cause: error,
        });
      }
      throw error;
    }
    renameSync(partial, target);
    return target;
  });
}

/** The last work of this process that holds or awaits a lock: the file itself tells only processes apart. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `work` while holding a lock file that names this process; waits while another living process, or
 * other work of this one, has it.
 */
export function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const result = (queues.get(file) ?? Promise.resolve()).then(() => withLockFile(file, work));
  const settled = (): void => undefined;
  queues.set(file, result.then(settled, settled));
  return result;
}

async function withLockFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  while (!claim(file)) {
    const owner = ownerOf(file);
    // This process's own is of another one that had its number: within it the queue keeps order.
    if (owner === undefined || owner === process.pid || !isRunning(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) say(`… waiting for process ${owner}, which is doing the same (${file})`);
    told = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function claim(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function ownerOf(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

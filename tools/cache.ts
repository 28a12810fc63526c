import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir, hostname } from "node:os";
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

/** How often a holder shows that it is at work, for those who can't see its process. */
const SIGN_OF_LIFE_MS = 5_000;
/** Without a sign of life for so long, a holder on another machine, or in another container, is taken to be gone. */
const GONE_AFTER_MS = 30_000;
const POLL_MS = 250;

async function withLockFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  await acquire(file);
  const alive = setInterval(() => touch(file), SIGN_OF_LIFE_MS);
  try {
    return await work();
  } finally {
    clearInterval(alive);
    rmSync(file, { force: true });
  }
}

/**
 * Waits until this process has the lock. The file appears with its content, so that nobody finds it empty; and of
 * all that find a dead holder's, one alone takes its place: who holds the lock on that very holder's succession.
 */
async function acquire(file: string): Promise<void> {
  const own = `${process.pid} ${hostname()} ${randomUUID()}\n`;
  const watch = new Watch(file);
  let told = false;
  while (!create(file, own)) {
    const holder = watch.look();
    if (holder === undefined) continue; // released meanwhile
    if (holder.isGone) {
      const succession = `${file}.after-${digest(holder.content)}`;
      await acquire(succession);
      try {
        if (read(file) === holder.content) return replace(file, own);
      } finally {
        rmSync(succession, { force: true });
      }
      continue;
    }
    if (!told) say(`… waiting for process ${holder.pid ?? "?"}, which is doing the same (${file})`);
    told = true;
    await sleep(POLL_MS);
  }
}

/** Looks at who has a lock, again and again. */
class Watch {
  private seen = "";
  private since = 0;

  constructor(private readonly file: string) {}

  /** Who has it now; undefined where nobody does. */
  look(): { content: string; pid: number | undefined; isGone: boolean } | undefined {
    const content = read(this.file);
    if (content === undefined) return undefined;
    const sign = `${content}${statSync(this.file, { throwIfNoEntry: false })?.mtimeMs ?? ""}`;
    if (sign !== this.seen) {
      this.seen = sign;
      this.since = Date.now();
    }
    const [number = "", host = hostname()] = content.trim().split(" ");
    const pid = /^\d+$/.test(number) ? Number(number) : undefined;
    const isHere = pid !== undefined && host === hostname();
    // This process's own number is of another one that had it: within it the queue keeps order.
    const isGone = isHere
      ? pid === process.pid || !isRunning(pid)
      : Date.now() - this.since > GONE_AFTER_MS; // by this machine's clock alone
    return { content, pid, isGone };
  }
}

/** Makes a file with its content at once; false where it is there. */
function create(file: string, content: string): boolean {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, content);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function replace(file: string, content: string): void {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, content);
  renameSync(draft, file);
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // it was taken away by hand
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

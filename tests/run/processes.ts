/** What runs on this machine because a part of a test run has started it. */
import { setTimeout as sleep } from "node:timers/promises";
import { tryRun } from "../../common/run";

/**
 * Variable that everything started by a part carries, however it was detached from it. Its value is
 * the part's mark; a run within a run adds to that of the outer one.
 */
export const MARK_VARIABLE = "TODO_APP_TESTS_MARK";

const POLL_MS = 50;
const COMMAND_SHOWN = 120;

/** A process of this machine. */
interface Process {
  pid: number;
  parent: number;
  group: number;
}

/** A mark that no other part of this or another run has. */
export function newMark(count: number, env: NodeJS.ProcessEnv = process.env): string {
  const outer = env[MARK_VARIABLE];
  const own = `p${process.pid}-${count}`;
  return outer === undefined ? own : `${outer}.${own}`;
}

/** Whether something is marked by a part, or by a run within it. */
export function isMarked(mark: string, by: string): boolean {
  return mark === by || mark.startsWith(`${by}.`);
}

/**
 * The processes of a part: those that carry its mark, its process group, and whatever these have started.
 * Processes that have ended and wait for their parents to notice don't count.
 *
 * @param group ID of its process group, where it has one
 */
export async function processesOf(mark: string, group?: number): Promise<number[]> {
  const marked = new RegExp(` ${MARK_VARIABLE}=${mark.replaceAll(".", "\\.")}(?:\\.\\S*)?(?: |$)`);
  const found = new Set<number>();
  const all: Process[] = [];
  // "e" shows a process's environment behind its command, on Linux and on macOS.
  const { stdout } = await tryRun("ps", ["axeww", "-o", "pid=,ppid=,pgid=,stat=,command="]);
  for (const line of stdout.split("\n")) {
    const [, pid, parent, pgid, state = ""] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)/.exec(line) ?? [];
    if (pid === undefined || state.startsWith("Z")) continue;
    const process = { pid: Number(pid), parent: Number(parent), group: Number(pgid) };
    all.push(process);
    if (process.group === group || marked.test(line)) found.add(process.pid);
  }
  for (const pid of found) {
    for (const child of all) if (child.parent === pid) found.add(child.pid);
  }
  found.delete(process.pid);
  return [...found];
}

/** How those of some processes were called that wait for no other of them; for people. */
export async function namesOf(pids: readonly number[]): Promise<string[]> {
  if (pids.length === 0) return [];
  const list = await tryRun("ps", ["-o", "ppid=,pid=,args=", "-p", pids.join(",")]);
  const rows = list.stdout.split("\n").flatMap((line) => {
    const [, parent, pid, name = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid, parent, name: name.trim() }];
  });
  const parents = new Set(rows.map(({ parent }) => parent));
  return rows
    .filter(({ pid }) => !parents.has(pid))
    .map(({ name }) => (name.length > COMMAND_SHOWN ? `${name.slice(0, COMMAND_SHOWN)}…` : name));
}

/**
 * Ends a part's processes: they are asked to, and made to after a while.
 *
 * @param graceMs milliseconds that they have to end by themselves
 */
export async function endProcesses(
  mark: string,
  group: number | undefined,
  graceMs: number,
): Promise<void> {
  signal(await processesOf(mark, group), "SIGTERM");
  const deadline = Date.now() + graceMs;
  while ((await processesOf(mark, group)).length > 0) {
    // One of them may start another while it is looked for.
    if (Date.now() >= deadline) signal(await processesOf(mark, group), "SIGKILL");
    await sleep(POLL_MS);
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // ended meanwhile
    }
  }
}

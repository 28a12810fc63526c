import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A process of this machine. */
export interface Process {
  pid: number;
  /** ID of its parent. */
  parent: number;
  /** Its whole command line; empty for what has none, such as a thread of the kernel. */
  command: string;
}

/**
 * The processes of this machine, of all users. Linux tells them itself: slim images have no `ps`, and BusyBox's takes
 * other flags. Elsewhere `ps` is asked; empty where that can't be.
 */
export function listProcesses(proc = "/proc"): Process[] {
  if (existsSync(join(proc, "self"))) return processesUnder(proc);
  // Without -ww a long path is cut to the terminal's width, and on macOS to 79 columns.
  const { stdout } = spawnSync("ps", ["-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "args="], {
    encoding: "utf8",
    env: process.env,
  });
  return processesIn(stdout ?? "");
}

/** @param list what `ps` says: for each process a line with its ID, its parent's, and its command line */
export function processesIn(list: string): Process[] {
  return list.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

function processesUnder(proc: string): Process[] {
  return readdirSync(proc).flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // "7 (a name) S 1 …": the name may have brackets and blanks of its own.
      const status = readFileSync(join(proc, name, "stat"), "utf8");
      const parent = Number(status.slice(status.lastIndexOf(")")).split(" ")[2]);
      const words = readFileSync(join(proc, name, "cmdline"), "utf8").split("\0");
      return [{ pid: Number(name), parent, command: words.join(" ").trim() }];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

/** Clock ticks in a second, as /proc counts them on every architecture (proc(5)). */
const TICKS = 100;

/** How many seconds ago a process began; undefined where only Linux would tell, or it has ended. */
export function ageOf(pid: number, proc = "/proc"): number | undefined {
  try {
    const status = readFileSync(join(proc, String(pid), "stat"), "utf8");
    const began = Number(status.slice(status.lastIndexOf(")")).split(" ")[20]) / TICKS;
    const [up] = readFileSync(join(proc, "uptime"), "utf8").split(" ");
    const age = Number(up) - began;
    return Number.isNaN(age) ? undefined : age;
  } catch {
    return undefined;
  }
}

/** Whether a process of this machine runs, whoever owns it. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

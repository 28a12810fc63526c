/** A command in a process group of its own, of which nothing is left when it has ended. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcesses, MARK_VARIABLE, namesOf, processesOf } from "./processes";

/** How a command in a group is run. */
export interface GroupOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** What everything that it starts is found by. */
  mark: string;
  /** Ends it, with a reason for people. */
  signal: AbortSignal;
  /** Whether it has done its work, so that it should end by itself. */
  isDone?: () => boolean;
  /** Called with every line of both output streams. */
  onLine?: (line: string) => void;
  /** How long its processes have to end by themselves; 10 s unless said. */
  graceMs?: number;
  /** How long it may stay when its work is done; 15 s unless said. */
  lingerMs?: number;
}

/** How a command in a group has ended. */
export interface GroupEnd {
  /** Exit code, 128 + n after signal n. */
  code: number;
  /** Why it was ended from outside; nothing where it ended by itself. */
  reason?: string;
  /** Commands that it has left running, which were ended. */
  left: string[];
}

const GRACE_MS = 10_000;
const LINGER_MS = 15_000;
const LEFT_GRACE_MS = 2000;
const SETTLE_MS = 1500;
const POLL_MS = 100;
const SIGNALS: Partial<Record<NodeJS.Signals, number>> = {
  ...{ SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 },
};

/** Runs a command to its end, or until it is ended; nothing that it has started runs afterwards. */
export async function runInGroup(
  program: string,
  args: readonly string[],
  options: GroupOptions,
): Promise<GroupEnd> {
  const { mark, signal, graceMs = GRACE_MS } = options;
  if (signal.aborted) return { code: 1, reason: reasonOf(signal), left: [] };
  const child = spawn(program, [...args], {
    ...{ cwd: options.cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] },
    env: { ...(options.env ?? process.env), [MARK_VARIABLE]: mark },
  });
  const output = Promise.all([child.stdout, child.stderr].map((s) => lines(s, options.onLine)));
  const exit = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const ended = await untilEnd(options, exit);
  if (ended === undefined) await settled(mark, child.pid);
  const left = await namesOf(await processesOf(mark, child.pid));
  await endProcesses(mark, child.pid, ended === undefined ? LEFT_GRACE_MS : graceMs);
  const [code, by] = await exit;
  await output;
  const reason = ended ?? (by === null ? undefined : `ended by ${by}`);
  return {
    code: code ?? 128 + (by === null ? 0 : (SIGNALS[by] ?? 0)),
    left,
    ...(reason !== undefined && { reason }),
  };
}

/** Why a command has to be ended; undefined once it has ended by itself. @throws Error where it can't start */
function untilEnd(
  { signal, isDone, lingerMs = LINGER_MS }: GroupOptions,
  exit: Promise<unknown>,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let doneSince: number | undefined;
    const poll = setInterval(() => {
      if (!isDone?.()) return;
      doneSince ??= Date.now();
      if (Date.now() - doneSince < lingerMs) return;
      settle(`its tests were done, but it didn't end within ${Math.round(lingerMs / 1000)} s`);
    }, POLL_MS);
    const stop = (): void => settle(reasonOf(signal));
    const settle = (reason?: string): void => {
      clearInterval(poll);
      signal.removeEventListener("abort", stop);
      resolve(reason);
    };
    signal.addEventListener("abort", stop);
    exit.then(
      () => settle(),
      (error: unknown) => {
        reject(error as Error);
        settle();
      },
    );
  });
}

/** Gives what a command has started a moment to notice its end. */
async function settled(mark: string, group: number | undefined): Promise<void> {
  const deadline = Date.now() + SETTLE_MS;
  while (Date.now() < deadline && (await processesOf(mark, group)).length > 0) await sleep(POLL_MS);
}

function reasonOf({ reason }: AbortSignal): string {
  return reason instanceof Error ? reason.message : String(reason);
}

async function lines(stream: Readable, onLine?: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) onLine?.(line);
}

import { spawn } from "node:child_process";
import type { RunResult } from "../../common/run";

const POLL_MS = 1000;
const PATIENCE_MS = 3000;
/** A program that is done may still be writing, on a machine that is busy for long. */
const QUIET_MS = 2000;

/** How to run a program that may not end by itself. */
export interface RunUntilOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
  /** Whether the program's work is done; asked every second. */
  isDone: () => Promise<boolean>;
}

/**
 * Runs a program without a shell until it ends, or is done and ends no more, or takes too long.
 * @returns code 0 where it was done, 124 after the timeout, 127 where there is no such program
 */
export function runUntil(
  program: string,
  args: readonly string[],
  { cwd, env, timeoutMs, isDone }: RunUntilOptions,
): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(program, [...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    let lastSign = Date.now();
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        output[stream] += text;
        lastSign = Date.now();
      });
    let verdict: number | undefined;
    const end = (code: number): void => {
      if (verdict !== undefined) return;
      verdict = code;
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS).unref();
    };
    const timeout = setTimeout(() => end(124), timeoutMs);
    let wasDone = false;
    const poll = setInterval(() => {
      // It usually ends by itself within milliseconds; only where it doesn't, it is ended.
      if (wasDone && Date.now() - lastSign > QUIET_MS) end(0);
      void isDone().then((done) => {
        if (done && !wasDone) lastSign = Date.now();
        wasDone = done;
      });
    }, POLL_MS);
    const finish = (code: number): void => {
      clearTimeout(timeout);
      clearInterval(poll);
      resolve({ code: verdict ?? code, ...output });
    };
    child.once("error", () => finish(127));
    child.once("close", (code) => finish(code ?? 1));
  });
}

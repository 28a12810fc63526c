import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { messageOf } from "./errors";

/** How to run a command. */
export interface RunOptions {
  /** Working directory; the caller's by default. */
  cwd?: string;
  /** The whole environment of the child; the caller's by default. */
  env?: NodeJS.ProcessEnv;
  /** Text or stream for the child's standard input; none by default. */
  input?: string | Readable;
  /** Milliseconds until the child is killed, and what it has started is no longer waited for; no limit by default. */
  timeoutMs?: number;
  /** Called with every line of both output streams, as it comes. */
  onLine?: (line: string) => void;
  /** "inherit" shows the child's output to the user instead of capturing it. */
  stdio?: "capture" | "inherit";
}

/** What a command that ended left behind. */
export interface RunResult {
  /**
   * Exit code; 74 where the input couldn't be read, 124 after a timeout, 126 where the command couldn't be started, 127
   * where it was not found, 128 + n after signal n.
   */
  code: number;
  stdout: string;
  stderr: string;
}

/** The code of sysexits.h for a file that can't be read. */
const INPUT_ERROR = 74;
const COMMAND_SHOWN = 200;

/** Runs a command without a shell and reports how it ended; never throws for a failing command. */
export function tryRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return new Promise((resolve) => {
    const inherit = options.stdio === "inherit";
    let child: ChildProcess;
    try {
      child = spawn(command, [...args], {
        cwd: options.cwd,
        env: options.env ?? process.env,
        stdio: [
          options.input === undefined ? (inherit ? "inherit" : "ignore") : "pipe",
          inherit ? "inherit" : "pipe",
          inherit ? "inherit" : "pipe",
        ],
      });
    } catch (error) {
      // As where arguments and environment are longer than the system takes.
      resolve({ code: 126, stdout: "", stderr: messageOf(error) });
      return;
    }
    let stdout = "";
    let stderr = "";
    let cutShort: number | undefined;
    /** What the child has started may have its output open, and outlive it: nobody waits for that. */
    const cut = (code: number): void => {
      cutShort = code;
      child.kill("SIGKILL");
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const timer =
      options.timeoutMs === undefined ? undefined : setTimeout(() => cut(124), options.timeoutMs);
    const collect = (stream: Readable | null, keep: (text: string) => void): void => {
      let rest = "";
      stream?.setEncoding("utf8").on("data", (text: string) => {
        keep(text);
        if (!options.onLine) return;
        const lines = (rest + text).split(/\r?\n/);
        rest = lines.pop() ?? "";
        for (const line of lines) options.onLine(line);
      });
      stream?.on("end", () => {
        if (rest !== "" && options.onLine) options.onLine(rest);
      });
    };
    collect(child.stdout, (text) => {
      stdout += text;
    });
    collect(child.stderr, (text) => {
      stderr += text;
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve({
        code: error.code === "ENOENT" ? 127 : 126,
        stdout,
        stderr: stderr + error.message,
      });
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const ended = cutShort ?? code ?? 128 + (signal ? constants.signals[signal] : 0);
      resolve({ code: ended, stdout, stderr });
    });
    if (child.stdin && options.input !== undefined) {
      child.stdin.on("error", () => undefined); // the child may end before it has read everything
      if (typeof options.input === "string") child.stdin.end(options.input);
      else
        feed(options.input, child, (error) => {
          stderr += `its input can't be read: ${messageOf(error)}`;
          cut(INPUT_ERROR);
        });
    }
  });
}

/** Gives a child what a stream holds; a part of it alone must not count as the whole. */
function feed(input: Readable, child: ChildProcess, onError: (error: unknown) => void): void {
  if (!child.stdin) return;
  input.once("error", onError);
  child.once("close", () => input.destroy());
  child.once("error", () => input.destroy());
  input.pipe(child.stdin);
}

/** A command that ended with a code other than 0. */
export class CommandError extends Error {
  constructor(
    readonly command: string,
    readonly result: RunResult,
  ) {
    const last = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-15).join("\n");
    // A patch, or a script, among the arguments says nothing of why.
    const shown = command.length > COMMAND_SHOWN ? `${command.slice(0, COMMAND_SHOWN)}…` : command;
    super(`"${shown}" exited with ${result.code}${last ? `:\n${last}` : ""}`);
    this.name = "CommandError";
  }
}

/** Runs a command and returns its trimmed standard output; throws CommandError where it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await tryRun(command, args, options);
  if (result.code !== 0) throw new CommandError([command, ...args].join(" "), result);
  return result.stdout.trim();
}

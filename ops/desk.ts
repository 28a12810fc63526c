import type { RunOptions, RunResult } from "../common/run";
import type { AuditTrail } from "./audit";
import type { Redactor } from "./redact";
import type { Scope } from "./review";
import type { Terminal } from "./terminal";

/** Runs a program without a shell, with the engineer's environment and the project's tools on PATH. */
export type Runner = (
  command: string,
  args: readonly string[],
  options?: RunOptions,
) => Promise<RunResult>;

/** What everything in this folder works with. */
export interface Desk {
  stack: string;
  scope: Scope;
  /** The engineer's environment, with the project's tools on PATH. */
  env: NodeJS.ProcessEnv;
  run: Runner;
  redactor: Redactor;
  audit: AuditTrail;
  terminal: Terminal;
}

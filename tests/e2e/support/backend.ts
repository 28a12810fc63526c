import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { settings } from "./settings";

const run = promisify(execFile);
const LIMIT_MS = 120_000;

async function execute(command: string[] | null): Promise<void> {
  const [program, ...args] = command ?? [];
  if (!program) throw new Error("the runner gave no command for this");
  await run(program, args, { timeout: LIMIT_MS });
}

/** Whether the runner can take the back end down and up. */
export const canControlBackend = settings.stopBackend !== null && settings.startBackend !== null;

/** Takes the back end down; resolves when it is. */
export function stopBackend(): Promise<void> {
  return execute(settings.stopBackend);
}

/** Brings the back end up again; resolves when it has been started. */
export function startBackend(): Promise<void> {
  return execute(settings.startBackend);
}

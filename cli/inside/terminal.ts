import { spawn } from "node:child_process";
import { ENDING_SIGNALS } from "../../common/signals";

/** Whether a person sits at both ends of this process. */
export function isTerminal(): boolean {
  return Boolean(process.stdin.isTTY && process.stdout.isTTY);
}

/**
 * Runs a program that talks with the user itself, and gives its exit code; 127 where it isn't there. Signals are
 * its own to answer: Ctrl-C in psql ends a query, not psql.
 */
export async function interactively(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const ignore = (): void => undefined;
  for (const signal of ENDING_SIGNALS) process.on(signal, ignore);
  try {
    return await new Promise<number>((resolve) => {
      const child = spawn(program, args, { env, stdio: "inherit" });
      child.once("error", () => resolve(127));
      child.once("close", (code) => resolve(code ?? 1));
    });
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, ignore);
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { tryRun } from "../../common/run";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const RETRY_MS = 200;

/**
 * Does some work that starts containers under these names. They are gone afterwards, also where a signal
 * ends this process meanwhile.
 *
 * @param env environment of Docker's commands
 */
export async function withContainers<T>(
  names: readonly string[],
  env: NodeJS.ProcessEnv,
  work: () => Promise<T>,
): Promise<T> {
  const remove = () => tryRun("docker", ["rm", "--force", "--volumes", ...names], { env });
  let settled = false;
  let received: NodeJS.Signals | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (received) return; // Ctrl-C comes twice: from the terminal, and passed on by npm
    received = signal;
    // Without its containers the work ends by itself. One of them may only be about to start.
    while (!settled) {
      await remove();
      await sleep(RETRY_MS);
    }
  };
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    return await work();
  } finally {
    settled = true;
    await remove();
    for (const signal of SIGNALS) process.off(signal, end);
    if (received) process.kill(process.pid, received);
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { tryRun } from "../common/run";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const RETRY_MS = 200;

/**
 * Does some work that starts containers under these names. They are gone afterwards, also where a signal
 * ends this process meanwhile; a second signal doesn't wait for that.
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
  const stopListening = (): void => {
    for (const signal of SIGNALS) process.off(signal, end);
  };
  async function end(signal: NodeJS.Signals): Promise<void> {
    received = signal;
    stopListening();
    // Without its containers the work ends by itself. One of them may only be about to start.
    while (!settled) {
      await remove();
      await sleep(RETRY_MS);
    }
  }
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    return await work();
  } finally {
    settled = true;
    await remove();
    stopListening();
    if (received) process.kill(process.pid, received);
  }
}

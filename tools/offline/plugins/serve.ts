import type { Provider } from "@pulumi/pulumi/provider";
import { main } from "@pulumi/pulumi/provider/server";
import { messageOf } from "../../../common/errors";
import { connectEngine, type LogFor } from "./engine";

const ORPHAN_CHECK_MS = 1_000;
const STOP_GRACE_MS = 4_000;

/** A provider that can end what it is doing; `cancel` resolves when nothing of it is left. */
export interface StandIn extends Provider {
  cancel(): Promise<void>;
}

/** Serves a stand-in until its engine ends it. Called once, by a plugin's main module. */
export async function serve(standIn: (logFor: LogFor) => StandIn): Promise<void> {
  const args = process.argv.slice(2);
  const provider = standIn(connectEngine(args));

  // The SDK's server prints the stack of every error that it also returns; the engine would
  // show both, and an expected error (no Dockerfile) would look like a defect.
  console.error = () => undefined;
  process.on("uncaughtExceptionMonitor", (error) => {
    process.stderr.write(`${error.stack ?? messageOf(error)}\n`);
  });

  let stopping = false;
  const stop = (code: number): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(code), STOP_GRACE_MS).unref();
    void provider.cancel().finally(() => process.exit(code));
  };
  process.on("SIGINT", () => stop(130));
  process.on("SIGTERM", () => stop(143));
  const engine = process.ppid;
  setInterval(() => {
    // A killed engine cannot cancel anything; without this a build would go on unseen.
    if (process.ppid !== engine) stop(1);
  }, ORPHAN_CHECK_MS).unref();

  await main(provider, args);
}

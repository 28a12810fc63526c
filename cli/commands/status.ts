import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../common/errors";
import { ENDING_SIGNALS } from "../../common/signals";
import { forStack } from "../../components/names";
import type { Desk } from "../../ops/desk";
import { EXIT_UNHEALTHY, healthOf, openDesk } from "../health/health";
import { main } from "../main";

const WATCH_MS = 2000;
const CLEAR = "\x1b[H\x1b[2J";

const FLAGS = {
  json: { type: "boolean", help: "the report as JSON; with --watch one report a line" },
  watch: { type: "boolean", short: "w", help: "look again every 2 seconds, until Ctrl-C" },
} as const;

main(
  "status",
  "Tells how the stack is, by rules. Exit code 0: healthy; 2: something is broken; 1: it can't be told.",
  FLAGS,
  async (invocation) => {
    const json = invocation.flag("json");
    const desk = await openDesk(invocation.stack);
    if (invocation.flag("watch")) return watch(desk, json);
    const { healthy, text, data } = await healthOf(desk);
    desk.terminal.show(json ? JSON.stringify(data, null, 2) : text);
    return healthy ? 0 : EXIT_UNHEALTHY;
  },
);

/** Shows a report again and again until a signal comes, or nobody reads it any more; a cluster that is away for a while ends nothing. */
async function watch(desk: Desk, json: boolean): Promise<number> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  for (const signal of ENDING_SIGNALS) process.on(signal, stop);
  process.stdout.on("error", stop); // nobody reads, as after `| head`
  try {
    while (!stopped.signal.aborted) {
      const shown = await report(desk, json);
      if (stopped.signal.aborted) break;
      desk.terminal.show(!json && process.stdout.isTTY ? CLEAR + shown : shown);
      await sleep(WATCH_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, stop);
    process.stdout.off("error", stop);
  }
  return 0;
}

async function report(desk: Desk, json: boolean): Promise<string> {
  try {
    const { text, data } = await healthOf(desk);
    return json ? JSON.stringify(data) : text;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { what, why } = error;
    const next = forStack(error.next, desk.stack);
    return json
      ? JSON.stringify({ healthy: false, error: { what, why, next } })
      : forStack(String(error), desk.stack);
  }
}

import { say } from "../../common/progress";
import type { Pulumi, Running } from "../session/pulumi";
import { Display } from "./display";
import { type EngineEvent, readEvent } from "./events";
import { Outcome } from "./outcome";

const HEARTBEAT_MS = 15_000;

/** A command of Pulumi that changes a stack, under way. */
export interface Followed {
  running: Running;
  /** What is known so far. */
  outcome: Outcome;
  /** Its exit code; signals are passed on to it meanwhile. */
  ended: Promise<number>;
}

/**
 * Starts `pulumi up` or `pulumi destroy`, and shows what its engine tells: a line for each step of the work,
 * and a sign of life at least every 15 s.
 * @param onEvent called with every event, before it is shown
 */
export async function follow(
  pulumi: Pulumi,
  args: readonly string[],
  env: Record<string, string> = {},
  onEvent: (event: EngineEvent) => void = () => undefined,
): Promise<Followed> {
  const outcome = new Outcome();
  const display = new Display();
  let lastShown = Date.now();
  const show = (lines: readonly string[]): void => {
    if (lines.length > 0) lastShown = Date.now();
    for (const line of lines) say(line);
  };
  const running = await pulumi.start(
    [...args, "--json"],
    (line) => {
      const event = readEvent(line);
      if (!event) return;
      onEvent(event);
      show(display.lines(event, outcome.see(event)));
    },
    env,
  );
  const heartbeat = setInterval(() => {
    if (Date.now() - lastShown >= HEARTBEAT_MS) show(display.waiting());
  }, 1000);
  const ended = running.endedDespiteSignals().finally(() => clearInterval(heartbeat));
  return { running, outcome, ended };
}

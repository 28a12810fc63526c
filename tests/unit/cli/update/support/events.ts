import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Display } from "../../../../../cli/update/display";
import { readEvent } from "../../../../../cli/update/events";
import { Outcome } from "../../../../../cli/update/outcome";

/** A line in which the engine says something; of a resource where it has a URN. */
export function said(severity: string, text: string, urn?: string, ephemeral = false): string {
  const about = urn === undefined ? {} : { urn };
  return JSON.stringify({
    diagnosticEvent: { message: `${text}\n`, severity, ephemeral, ...about },
  });
}

/** A line in which the engine tells of a resource that a provider works on. */
export function happened(event: string, op: string, urn: string, diffs: string[] = []): string {
  const type = urn.split("::")[2]?.split("$").pop();
  const metadata = { op, urn, type, diffs, new: { type, urn, custom: true } };
  return JSON.stringify({ [event]: { metadata } });
}

/** The lines of a recorded update. */
export function recorded(name: string): string[] {
  const text = readFileSync(join(__dirname, "../recorded", `${name}.events.jsonl`), "utf8");
  return text.trim().split("\n");
}

/** What is known of an update that printed these lines. */
export function outcomeOf(lines: readonly string[]): Outcome {
  return follow(lines).outcome;
}

/** What a user sees of an update that prints these lines, and what is known of it then. */
export function follow(
  lines: readonly string[],
  display = new Display(() => 0),
): { shown: string[]; outcome: Outcome } {
  const outcome = new Outcome();
  const shown = lines.flatMap((line) => {
    const event = readEvent(line);
    return event ? display.lines(event, outcome.see(event)) : [];
  });
  return { shown, outcome };
}

/** The engine's events, as `pulumi up --json` and `pulumi destroy --json` print them: one a line. */
import { stripVTControlCharacters } from "node:util";
import { isObject, type Json, type JsonObject } from "../../components/runtime/json";

/** A resource, and what is done with it. */
export interface Step {
  /** Pulumi's name of the operation: "create", "update", "same", "create-replacement" … */
  op: string;
  urn: string;
  type: string;
  name: string;
  /** Whether a provider works on it; a component only groups others. */
  isCustom: boolean;
  /** Properties that differ, without what is below them. */
  changed: readonly string[];
}

/** What the engine, the program or a provider says; those of severity "debug" are left out. */
export interface Said {
  kind: "said";
  severity: "info" | "warning" | "error";
  /** One line or more, without colors. */
  text: string;
  /** The resource that it is about; undefined for the whole update. */
  urn: string | undefined;
  /** Whether it only tells what is going on, and need not stay. */
  isPassing: boolean;
}

/** What happens in an update, one at a time. */
export type EngineEvent =
  | { kind: "begins" | "ended" | "failed"; step: Step }
  | Said
  | { kind: "summary"; changes: Readonly<Record<string, number>> }
  /** A line that is no event: Pulumi prints so before its engine starts, and of its own troubles. */
  | { kind: "printed"; text: string };

const STEPS = [
  ["resourcePreEvent", "begins"],
  ["resOutputsEvent", "ended"],
  ["resOpFailedEvent", "failed"],
] as const;

/** The event in a line; undefined for those that tell a user nothing. */
export function readEvent(line: string): EngineEvent | undefined {
  const event = parse(line);
  if (event === undefined) return { kind: "printed", text: stripVTControlCharacters(line) };
  for (const [key, kind] of STEPS) {
    const step = isObject(event[key]) ? readStep(event[key].metadata) : undefined;
    if (step) return { kind, step };
  }
  if (isObject(event.diagnosticEvent)) return readDiagnostic(event.diagnosticEvent);
  if (isObject(event.policyEvent)) return readPolicy(event.policyEvent);
  if (isObject(event.summaryEvent)) return readSummary(event.summaryEvent);
  if (isObject(event.stdoutEvent)) return { kind: "printed", text: textOf(event.stdoutEvent) };
  return undefined;
}

function parse(line: string): JsonObject | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readStep(metadata: Json | undefined): Step | undefined {
  if (!isObject(metadata)) return undefined;
  const { op, urn, type, detailedDiff, diffs } = metadata;
  if (typeof op !== "string" || typeof urn !== "string") return undefined;
  const states = [metadata.new, metadata.old].filter(isObject);
  const paths = isObject(detailedDiff)
    ? Object.keys(detailedDiff)
    : Array.isArray(diffs)
      ? diffs
      : [];
  return {
    op,
    urn,
    type: typeof type === "string" ? type : typeIn(urn),
    name: nameIn(urn),
    isCustom: states.some(({ custom }) => custom === true),
    changed: [...new Set(paths.map((path) => /^[^.[]+/.exec(String(path))?.[0] ?? String(path)))],
  };
}

function readDiagnostic(event: JsonObject): Said | undefined {
  const { urn, severity } = event;
  if (severity === "debug") return undefined; // the program's secrets may be in them
  return {
    kind: "said",
    severity: severity === "error" || severity === "warning" ? severity : "info",
    text: textOf(event),
    urn: typeof urn === "string" && urn !== "" ? urn : undefined,
    isPassing: event.ephemeral === true,
  };
}

function readPolicy(event: JsonObject): Said {
  const { resourceUrn, policyName, enforcementLevel } = event;
  return {
    kind: "said",
    severity: enforcementLevel === "mandatory" ? "error" : "warning",
    text: `policy ${String(policyName)}: ${textOf(event)}`,
    urn: typeof resourceUrn === "string" ? resourceUrn : undefined,
    isPassing: false,
  };
}

function readSummary({ resourceChanges }: JsonObject): EngineEvent {
  const entries = Object.entries(isObject(resourceChanges) ? resourceChanges : {});
  const changes = Object.fromEntries(entries.map(([op, count]) => [op, Number(count)]));
  return { kind: "summary", changes };
}

function textOf({ message }: JsonObject): string {
  return typeof message === "string" ? stripVTControlCharacters(message).trimEnd() : "";
}

/** A resource's type, as its URN says it; its parents' stand before it. */
export function typeIn(urn: string): string {
  return urn.split("::")[2]?.split("$").pop() ?? "";
}

/** A resource's name, as its URN says it. */
export function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

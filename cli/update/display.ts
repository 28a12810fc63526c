/** What people see of an update while it runs: the lines of Pulumi's own display, without its repetitions. */
import { type EngineEvent, nameIn, type Said, type Step, typeIn } from "./events";

/** How an operation is marked, and what is said while it runs and when it has ended. */
const OPERATIONS: Readonly<Record<string, readonly [mark: string, doing: string, done: string]>> = {
  create: [" + ", "creating", "created"],
  update: [" ~ ", "updating", "updated"],
  delete: [" - ", "deleting", "deleted"],
  replace: ["+-", "replacing", "replaced"],
  "create-replacement": ["++", "creating replacement", "created replacement"],
  "delete-replaced": ["--", "deleting original", "deleted original"],
  import: [" = ", "importing", "imported"],
  discard: [" < ", "discarding", "discarded"],
};
const UNCHANGED = "same";
const PASSING_EVERY_MS = 5_000;
const MAX_TEXT = 160;

/** Turns events into lines. */
export class Display {
  private readonly underWay = new Map<string, { step: Step; since: number; now: string }>();
  private lastPassing = 0;

  /** @param clock milliseconds since a fixed time */
  constructor(private readonly clock: () => number = Date.now) {}

  /**
   * The lines that an event is worth; none for most.
   * @param buildSteps the steps of an image's build that the event is the first to tell of
   */
  lines(event: EngineEvent, buildSteps: readonly string[] = []): string[] {
    switch (event.kind) {
      case "printed":
        return event.text.trim() === "" ? [] : [event.text];
      case "begins":
        return this.begins(event.step);
      case "ended":
      case "failed":
        return this.ended(event.step, event.kind === "failed");
      case "summary":
        return summary(event.changes);
      case "said":
        if (!event.isPassing) return said(event);
        return this.passing(event, buildSteps);
    }
  }

  /** A sign of life: what is under way; none where nothing is. */
  waiting(): string[] {
    return [...this.underWay.values()].map(({ step, now }) => `… ${this.row(step, "doing", now)}`);
  }

  private begins(step: Step): string[] {
    if (!isTold(step)) return [];
    this.underWay.set(step.urn, { step, since: this.clock(), now: "" });
    return [this.row(step, "doing")];
  }

  private ended(step: Step, isFailed: boolean): string[] {
    if (!isTold(step)) return [];
    const line = this.row(step, isFailed ? "failed" : "done");
    this.underWay.delete(step.urn);
    return [line];
  }

  private passing({ urn, text }: Said, buildSteps: readonly string[]): string[] {
    const found = urn === undefined ? undefined : this.underWay.get(urn);
    if (!found) return [];
    const { step } = found;
    if (typeIn(step.urn).startsWith("docker:")) {
      found.now = buildSteps.at(-1) ?? found.now;
      return buildSteps.map((name) => this.row(step, "doing", name));
    }
    const now = text.split("\n")[0] ?? "";
    if (now === found.now) return [];
    found.now = now;
    if (this.clock() - this.lastPassing < PASSING_EVERY_MS) return [];
    this.lastPassing = this.clock();
    return [this.row(step, "doing", now)];
  }

  private row(step: Step, stage: "doing" | "done" | "failed", text = ""): string {
    const [mark, doing, done] = OPERATIONS[step.op] ?? ["   ", step.op, step.op];
    const since = this.underWay.get(step.urn)?.since ?? this.clock();
    const seconds = ` (${Math.floor((this.clock() - since) / 1000)}s)`;
    const what =
      stage === "failed" ? `**${doing} failed**` : `${stage === "done" ? done : doing}${seconds}`;
    const changed = step.changed.length === 0 ? "" : ` [diff: ~${step.changed.join(",")}]`;
    const detail = text === "" ? "" : `; ${text.slice(0, MAX_TEXT)}`;
    return `${mark.padEnd(4)}${shortType(step.type)} ${step.name} ${what}${changed}${detail}`;
  }
}

/** Whether a step changes something; components and providers only stand for others. */
function isTold({ op, type, isCustom }: Step): boolean {
  return isCustom && op in OPERATIONS && !type.startsWith("pulumi:");
}

function said({ severity, text, urn }: Said): string[] {
  if (text === "update failed") return [];
  const about = urn === undefined ? "" : `${shortType(typeIn(urn))} ${nameIn(urn)} `;
  const mark = severity === "info" ? "" : `${severity}: `;
  const [first = "", ...rest] = text.split("\n");
  return [`    ${about}${mark}${first}`, ...rest.map((line) => `    ${line}`)];
}

function summary(changes: Readonly<Record<string, number>>): string[] {
  const told = Object.entries(changes).flatMap(([op, count]) => {
    const [mark, , done] = OPERATIONS[op] ?? [];
    return done === undefined || count === 0 ? [] : [`    ${mark?.trim()} ${count} ${done}`];
  });
  const same = changes[UNCHANGED] ?? 0;
  const lines = same === 0 ? told : [...told, `    ${same} unchanged`];
  return lines.length === 0 ? [] : ["Resources:", ...lines];
}

/** "docker:index/image:Image" as people know it, "docker:index:Image". */
function shortType(type: string): string {
  const [pkg = "", module = "", name = ""] = type.split(":");
  const file = module.slice(module.lastIndexOf("/") + 1);
  const isRepeated = module.includes("/") && file === name.charAt(0).toLowerCase() + name.slice(1);
  return isRepeated ? `${pkg}:${module.slice(0, module.lastIndexOf("/"))}:${name}` : type;
}

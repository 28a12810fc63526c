import { refusalIn } from "../../blueprints/report";
import { TYPES } from "../../components/names";
import { BuildOutput } from "./build-output";
import { type EngineEvent, type Said, type Step, typeIn } from "./events";

/** What is remembered of an update, to tell why it failed. */
export class Outcome {
  /** What went wrong, in its order. */
  readonly errors: Said[] = [];
  /** The resources that failed, in their order. */
  readonly failed: Step[] = [];
  private readonly printed: string[] = [];
  private readonly builds = new Map<string, BuildOutput>();

  /**
   * Takes in one event.
   * @returns the names of the steps of an image's build that it is the first to tell of
   */
  see(event: EngineEvent): string[] {
    if (event.kind === "printed") this.printed.push(event.text);
    if (event.kind === "failed") this.failed.push(event.step);
    if (event.kind !== "said") return [];
    if (event.severity === "error") this.errors.push(event);
    const { urn, isPassing, text } = event;
    return isPassing && urn !== undefined && isBuilt(urn) ? this.build(urn).see(text) : [];
  }

  private build(urn: string): BuildOutput {
    const build = this.builds.get(urn) ?? new BuildOutput();
    this.builds.set(urn, build);
    return build;
  }

  /** What Pulumi says of a lock that another update holds; undefined where there is none. */
  get lock(): string | undefined {
    const start = this.printed.findIndex((line) => line.includes("is currently locked by"));
    return start < 0 ? undefined : this.printed.slice(start).join("\n").trim();
  }

  /** Whether somebody has stopped it. */
  get isCanceled(): boolean {
    return this.everyError.some((text) => /\bupdate canceled\b/.test(text));
  }

  /** Whether Helm is kept from its work by a release that an earlier update has left half-way. */
  get isReleasePending(): boolean {
    return this.everyError.some((text) =>
      /another operation \(install\/upgrade\/rollback\) is in progress|pending-(upgrade|install|rollback)/.test(
        text,
      ),
    );
  }

  /** What says that a disk has no room left; undefined where nothing does. */
  get fullDisk(): string | undefined {
    return this.everyError.find((text) => /no space left on device|ENOSPC|EDQUOT/.test(text));
  }

  /** Whether the update would have done something else than its plan says. */
  get leavesPlan(): boolean {
    return this.everyError.some((text) => /\bviolates plan\b/.test(text));
  }

  /** What the blueprints have refused; undefined where they have refused nothing. */
  get refusal(): string | undefined {
    const found = this.errors.map(({ text }) => refusalIn(`error: ${text}`.split("\n")));
    return found.find((refusal) => refusal !== undefined);
  }

  /** The image whose build failed, and the last that it said. */
  get failedBuild(): { name: string; lines: string[] } | undefined {
    const step = this.failed.find(({ urn }) => isBuilt(urn));
    if (!step) return undefined;
    const errors = this.errors.filter(({ urn }) => urn === step.urn).map(({ text }) => text);
    return { name: step.name, lines: [...this.build(step.urn).lastWords, ...errors] };
  }

  /** What went wrong, each once, with the resource that it went wrong with. */
  get reasons(): string[] {
    const told = this.errors
      .filter(({ text }) => text !== "update failed")
      .map(({ text, urn }) => (urn === undefined ? text : `${this.nameOf(urn)}${text}`));
    const printed = this.printed
      .filter((line) => /^\s*error:/.test(line))
      .map((line) => line.trim());
    return [...new Set([...told, ...printed])];
  }

  private nameOf(urn: string): string {
    const step = this.failed.find((each) => each.urn === urn);
    return step ? `${step.type.split(":").pop()} ${step.name}: ` : "";
  }

  private get everyError(): string[] {
    return [...this.errors.map(({ text }) => text), ...this.printed];
  }
}

/** Whether a resource is an image that is built. */
function isBuilt(urn: string): boolean {
  return typeIn(urn) === TYPES.image;
}

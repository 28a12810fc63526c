import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster, ContainerStatus, Pod } from "../session/cluster";

const POLL_MS = 1500;
const LOG_LINES = 6;
/** Waiting reasons that no patience cures, and how often a container may restart before they count. */
const HOPELESS: Readonly<Record<string, number>> = {
  ErrImageNeverPull: 0,
  InvalidImageName: 0,
  ErrImagePull: 0,
  ImagePullBackOff: 0,
  CreateContainerConfigError: 0,
  CreateContainerError: 0,
  RunContainerError: 0,
  CrashLoopBackOff: 1,
};
/** How long a pod may wait for room where nobody adds nodes. */
const UNSCHEDULED_MS = 15_000;
const UNSCHEDULED = "not scheduled";
/** After which a pod that is still on its way is looked into. */
const PATIENCE_MS = 15_000;
const IMAGE_REASONS = /^(ErrImage|ImagePull|InvalidImage)/;

/** Why a pod isn't ready. */
export interface PodFailure {
  pod: string;
  reason: string;
  /** Events and last log lines. */
  details: string[];
  /** Whether waiting longer makes no sense. */
  hopeless: boolean;
}

/** Looks at a rollout while it is under way: tells its progress, and remembers why pods aren't ready. */
export class RolloutWatch {
  /** The last failure that was seen. */
  failure: PodFailure | undefined;
  private active = false;
  /** Pods that are older are no work of the rollout; Kubernetes tells their age in whole seconds. */
  private readonly since = Math.floor(Date.now() / 1000) * 1000;

  /**
   * @param grows whether the cluster may get further nodes by itself, for which waiting makes sense
   * @param onProgress called with one line whenever something has changed
   * @param onHopeless called once, when a pod can't become ready any more
   */
  constructor(
    private readonly cluster: Cluster,
    private readonly grows: boolean,
    private readonly onProgress: (line: string) => void,
    private readonly onHopeless: (failure: PodFailure) => void,
  ) {}

  /** Watches until `stop` is called. */
  async run(): Promise<void> {
    this.active = true;
    let shown = "";
    while (this.active) {
      const pods = (await this.cluster.pods()).filter(isService);
      const fresh = pods.filter(
        ({ metadata }) =>
          Date.parse(metadata.creationTimestamp) >= this.since &&
          metadata.deletionTimestamp === undefined,
      );
      const line = fresh.map(describe).join(", ");
      if (line !== shown && this.active) {
        shown = line;
        if (line !== "") this.onProgress(line);
      }
      // What a later failure has to do with a pod that became ready after all is not this.
      if (fresh.some((pod) => this.failure?.pod === this.nameOf(pod) && isReady(pod)))
        this.failure = undefined;
      const bad = fresh.find((pod) => troubleOf(pod) !== undefined);
      if (bad) {
        const failure = await this.explain(bad);
        if (!this.active) return;
        this.failure = failure;
        if (failure.hopeless && this.active) {
          this.active = false;
          this.onHopeless(failure);
        }
      }
      if (this.active) await sleep(POLL_MS);
    }
  }

  /** Tells that the rollout has ended well: what was seen on the way was no failure. */
  succeeded(): void {
    this.active = false;
    this.failure = undefined;
  }

  stop(): void {
    this.active = false;
  }

  private async explain(pod: Pod): Promise<PodFailure> {
    const { name } = pod.metadata;
    const trouble = troubleOf(pod) ?? { container: "", reason: "not ready", hopeless: false };
    const [events, logs] = await Promise.all([this.events(name), this.logs(name, trouble)]);
    return {
      pod: this.nameOf(pod),
      reason: trouble.reason,
      details: [...events, ...logs],
      hopeless: trouble.hopeless && !(this.grows && trouble.reason.startsWith(UNSCHEDULED)),
    };
  }

  private nameOf({ metadata }: Pod): string {
    return `${this.cluster.namespace}/${metadata.name}`;
  }

  private async events(pod: string): Promise<string[]> {
    const events = await this.cluster.list<{ type: string; reason: string; message: string }>(
      "events",
      "--field-selector",
      `involvedObject.name=${pod}`,
    );
    const warnings = events.filter(({ type }) => type === "Warning");
    const lines = warnings.map(({ reason, message }) => `event: ${reason}: ${message.trim()}`);
    return [...new Set(lines)].slice(-3);
  }

  private async logs(pod: string, { container, reason }: Trouble): Promise<string[]> {
    if (container === "" || IMAGE_REASONS.test(reason)) return [];
    const flags = ["logs", pod, "--container", container, `--tail=${LOG_LINES}`];
    const previous = await this.cluster.try([...flags, "--previous"]);
    const text = previous.code === 0 ? previous.stdout : (await this.cluster.try(flags)).stdout;
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => `log:   ${line.slice(0, 300)}`);
  }
}

interface Trouble {
  container: string;
  reason: string;
  hopeless: boolean;
}

function isService({ metadata }: Pod): boolean {
  const component = metadata.labels?.["app.kubernetes.io/component"];
  return component === "backend" || component === "frontend";
}

function isReady({ status }: Pod): boolean {
  return (status.conditions ?? []).some(
    ({ type, status }) => type === "Ready" && status === "True",
  );
}

function ageOf({ metadata }: Pod): number {
  return Date.now() - Date.parse(metadata.creationTimestamp);
}

/** What is wrong with a pod; undefined where it is ready, or on its way. */
export function troubleOf(pod: Pod): Trouble | undefined {
  const statuses = [
    ...(pod.status.initContainerStatuses ?? []),
    ...(pod.status.containerStatuses ?? []),
  ];
  for (const status of statuses) {
    const trouble = containerTrouble(status);
    if (trouble) return trouble;
  }
  const unscheduled = pod.status.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unscheduled)
    return {
      container: "",
      reason: `${UNSCHEDULED}: ${unscheduled.message ?? ""}`,
      hopeless: ageOf(pod) > UNSCHEDULED_MS,
    };
  if (ageOf(pod) <= PATIENCE_MS) return undefined;
  const first = pod.status.initContainerStatuses?.find(({ state }) => state.running);
  if (first)
    return { container: first.name, reason: `container ${first.name} still runs`, hopeless: false };
  const running = pod.status.containerStatuses?.find(({ state, ready }) => state.running && !ready);
  return running
    ? { container: running.name, reason: "runs but isn't ready", hopeless: false }
    : undefined;
}

function containerTrouble(status: ContainerStatus): Trouble | undefined {
  const { waiting, terminated } = status.state;
  const container = status.name;
  if (waiting?.reason !== undefined && waiting.reason in HOPELESS) {
    const limit = HOPELESS[waiting.reason] ?? 0;
    const last = status.lastState?.terminated;
    const cause = last?.reason && last.reason !== "Error" ? ` (${last.reason})` : "";
    const exit = last ? `, exit code ${last.exitCode}${cause}` : "";
    const what = IMAGE_REASONS.test(waiting.reason) ? ` (${status.image})` : exit;
    return {
      container,
      reason: `${waiting.reason}${what}`,
      hopeless: status.restartCount >= limit,
    };
  }
  if (terminated && terminated.exitCode !== 0) {
    return {
      container,
      reason: `container ${container} ended with exit code ${terminated.exitCode}${terminated.reason ? ` (${terminated.reason})` : ""}`,
      hopeless: false,
    };
  }
  return undefined;
}

function describe(pod: Pod): string {
  const component = pod.metadata.labels?.["app.kubernetes.io/component"] ?? pod.metadata.name;
  const trouble = troubleOf(pod);
  if (trouble) return `${component}: ${trouble.reason}`;
  if (pod.status.containerStatuses?.some(({ ready }) => ready)) return `${component}: ready`;
  const migrating = pod.status.initContainerStatuses?.some(({ state }) => state.running);
  if (migrating) return `${component}: migrating the database`;
  return `${component}: ${pod.status.containerStatuses?.[0]?.state.running ? "starting" : "waiting"}`;
}

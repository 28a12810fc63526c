import { setTimeout as sleep } from "node:timers/promises";
import { type Cluster, checkNone, type Pod } from "../session/cluster";
import { type Circumstances, isImageTrouble, type Trouble, troubleOf } from "./pod-trouble";

const POLL_MS = 1500;
const LOG_LINES = 6;

/** Why a pod isn't ready. */
export interface PodFailure {
  pod: string;
  reason: string;
  /** Events and last log lines. */
  details: string[];
  /** Whether waiting longer makes no sense. */
  hopeless: boolean;
}

/** What a rollout is watched for. */
export interface WatchOptions extends Pick<Circumstances, "isLoaded" | "grows"> {
  /** Called with one line whenever something has changed. */
  onProgress: (line: string) => void;
  /** Called once, when a pod can't become ready any more. */
  onHopeless: (failure: PodFailure) => void;
  /** Milliseconds between two looks; default 1.5 s. */
  pollMs?: number;
}

/** Looks at a rollout while it is under way: tells its progress, and remembers why pods aren't ready. */
export class RolloutWatch {
  /** The last failure that was seen. */
  failure: PodFailure | undefined;
  private active = false;
  /** When pods of the rollout were first seen, and in trouble; by this machine's clock alone. */
  private readonly firstSeen = new Map<string, number>();
  private readonly inTrouble = new Map<string, number>();

  private constructor(
    private readonly cluster: Cluster,
    private readonly options: WatchOptions,
    /** Names of the pods that are no work of the rollout. */
    private readonly older: ReadonlySet<string>,
  ) {}

  /**
   * A watch for what is rolled out from now on. What is there already is known by its name: the cluster's clock
   * and this machine's may be minutes apart (https://github.com/microsoft/WSL/issues/5324).
   * @throws UserError where the cluster doesn't say what is there: a pod that was in trouble before would be the rollout's
   */
  static async from(cluster: Cluster, options: WatchOptions): Promise<RolloutWatch> {
    const pods = await cluster.pods();
    if (pods.length === 0) await checkNone(cluster, "pods");
    return new RolloutWatch(cluster, options, new Set(pods.map(({ metadata }) => metadata.name)));
  }

  /** Watches until `stop` is called. */
  async run(): Promise<void> {
    const { onProgress, onHopeless, pollMs = POLL_MS } = this.options;
    this.active = true;
    let shown = "";
    while (this.active) {
      const fresh = (await this.cluster.pods()).filter((pod) => isService(pod) && this.isNew(pod));
      const line = fresh.map((pod) => describe(pod, this.trouble(pod))).join(", ");
      if (line !== shown && this.active) {
        shown = line;
        if (line !== "") onProgress(line);
      }
      // What a later failure has to do with a pod that became ready after all is not this.
      if (fresh.some((pod) => this.failure?.pod === this.nameOf(pod) && isReady(pod)))
        this.failure = undefined;
      const failures = fresh.flatMap((pod) => this.lookInto(pod));
      const [worst] = failures.sort((a, b) => Number(b.hopeless) - Number(a.hopeless));
      if (worst) {
        const { name, trouble, ...told } = worst;
        const failure = { ...told, details: await this.details(name, trouble) };
        if (!this.active) return;
        this.failure = failure;
        if (failure.hopeless) {
          this.active = false;
          onHopeless(failure);
        }
      }
      if (this.active) await sleep(pollMs);
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

  private isNew({ metadata }: Pod): boolean {
    return !this.older.has(metadata.name) && metadata.deletionTimestamp === undefined;
  }

  private trouble(pod: Pod): Trouble | undefined {
    const { isLoaded = false, grows = false } = this.options;
    const since = firstTime(this.firstSeen, pod.metadata.name);
    return troubleOf(pod, { isLoaded, grows, seenMs: Date.now() - since });
  }

  /** What is wrong with a pod, if anything is, and whether it has been for too long. */
  private lookInto(pod: Pod): (Omit<PodFailure, "details"> & { trouble: Trouble; name: string })[] {
    const { name } = pod.metadata;
    const trouble = this.trouble(pod);
    if (!trouble || trouble.patienceMs === Number.POSITIVE_INFINITY) this.inTrouble.delete(name);
    if (!trouble) return [];
    const lasts = Date.now() - firstTime(this.inTrouble, name);
    const { reason, patienceMs } = trouble;
    return [{ pod: this.nameOf(pod), name, reason, trouble, hopeless: lasts >= patienceMs }];
  }

  private async details(name: string, trouble: Trouble): Promise<string[]> {
    return (await Promise.all([this.events(name), this.logs(name, trouble)])).flat();
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

  private async logs(pod: string, trouble: Trouble): Promise<string[]> {
    if (trouble.container === "" || isImageTrouble(trouble)) return [];
    const flags = ["logs", pod, "--container", trouble.container, `--tail=${LOG_LINES}`];
    const previous = await this.cluster.try([...flags, "--previous"]);
    const text = previous.code === 0 ? previous.stdout : (await this.cluster.try(flags)).stdout;
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => `log:   ${line.slice(0, 300)}`);
  }
}

/** When something was noted first; now, where it wasn't yet. */
function firstTime(times: Map<string, number>, name: string): number {
  const known = times.get(name) ?? Date.now();
  times.set(name, known);
  return known;
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

function describe(pod: Pod, trouble: Trouble | undefined): string {
  const component = pod.metadata.labels?.["app.kubernetes.io/component"] ?? pod.metadata.name;
  if (trouble) return `${component}: ${trouble.reason}`;
  if (pod.status.containerStatuses?.some(({ ready }) => ready)) return `${component}: ready`;
  const migrating = pod.status.initContainerStatuses?.some(({ state }) => state.running);
  if (migrating) return `${component}: migrating the database`;
  return `${component}: ${pod.status.containerStatuses?.[0]?.state.running ? "starting" : "waiting"}`;
}

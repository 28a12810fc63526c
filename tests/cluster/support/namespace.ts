import { setTimeout as sleep } from "node:timers/promises";
import { CommandError, type RunResult, tryRun } from "../../../common/run";
import { TESTS_PROFILE } from "../../support/profile";

const KUBECTL_LIMIT_MS = 180_000;

/** A pod, as far as tests look into it. */
export interface Pod {
  metadata: {
    name: string;
    uid: string;
    labels: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec: {
    /** Node that it runs on, once it is scheduled. */
    nodeName?: string;
    containers: { name: string; image: string; resources: Resources }[];
  };
  status: {
    phase: string;
    podIP?: string;
    conditions?: Condition[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface Resources {
  requests: Record<string, string>;
  limits: Record<string, string>;
}

/** A container's state, as Kubernetes tells it. */
export interface ContainerStatus {
  name: string;
  ready: boolean;
  /** Whether its start-up probe has passed. */
  started?: boolean;
  restartCount: number;
  containerID?: string;
  state: ContainerState;
  lastState: ContainerState;
}

interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; reason: string; message?: string };
}

interface EndpointSlice {
  metadata: { labels: Record<string, string> };
  endpoints?: { addresses: string[]; conditions: { ready?: boolean } }[];
}

/** One namespace of a cluster, by kubectl. */
export class Namespace {
  constructor(
    readonly name: string,
    readonly context = TESTS_PROFILE,
  ) {}

  /** Runs kubectl in the namespace, and tells how it ended. */
  try(args: readonly string[], input?: string): Promise<RunResult> {
    return tryRun("kubectl", ["--context", this.context, "--namespace", this.name, ...args], {
      timeoutMs: KUBECTL_LIMIT_MS,
      ...(input !== undefined && { input }),
    });
  }

  /** Runs kubectl in the namespace, and gives its output. @throws CommandError */
  async kubectl(args: readonly string[], input?: string): Promise<string> {
    const result = await this.try(args, input);
    if (result.code !== 0) throw new CommandError(`kubectl ${args.join(" ")}`, result);
    return result.stdout.trim();
  }

  /** The objects of a kind. */
  async list<T>(kind: string, ...flags: string[]): Promise<T[]> {
    const text = await this.kubectl(["get", kind, "--output", "json", ...flags]);
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** One object. */
  async get<T>(kind: string, name: string): Promise<T> {
    return JSON.parse(await this.kubectl(["get", kind, name, "--output", "json"])) as T;
  }

  /** Makes the namespace, empty, with the strictest Pod Security. */
  async create(): Promise<void> {
    await this.remove();
    await this.kubectl(["create", "namespace", this.name]);
    const labels = ["enforce", "warn"].map(
      (mode) => `pod-security.kubernetes.io/${mode}=restricted`,
    );
    await this.kubectl(["label", "namespace", this.name, ...labels]);
  }

  async remove(): Promise<void> {
    await this.kubectl(["delete", "namespace", this.name, "--ignore-not-found", "--wait"]);
  }

  /** The pods of a component ("backend", "frontend"), or all; those on their way out are left aside. */
  async pods(component?: string): Promise<Pod[]> {
    const selector = component ? [`--selector=app.kubernetes.io/component=${component}`] : [];
    return (await this.list<Pod>("pods", ...selector)).filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined,
    );
  }

  /** Waits until no pod is on its way out, each of which could go while it is asked about. */
  async settled(): Promise<void> {
    const stays = ({ metadata }: Pod): boolean => metadata.deletionTimestamp === undefined;
    const isSettled = async (): Promise<boolean> => (await this.list<Pod>("pods")).every(stays);
    await eventually(60, isSettled, "pods on their way out to be gone");
  }

  /** Names of the pods that are there to stay. */
  async podNames(component?: string): Promise<string[]> {
    return (await this.pods(component)).map(({ metadata }) => metadata.name).sort();
  }

  /** Names of the pods that are Ready, those on their way out included. */
  async readyPods(): Promise<string[]> {
    return (await this.list<Pod>("pods"))
      .filter(isReady)
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  /** How many addresses each Service sends new connections to. */
  async readyAddresses(): Promise<Record<string, number>> {
    const ready: Record<string, number> = {};
    for (const slice of await this.list<EndpointSlice>("endpointslices")) {
      const service = slice.metadata.labels["kubernetes.io/service-name"] ?? "";
      const count = (slice.endpoints ?? []).filter(({ conditions }) => conditions.ready).length;
      ready[service] = (ready[service] ?? 0) + count;
    }
    return ready;
  }

  /** The messages of the events about an object, oldest first. */
  async events(object: string): Promise<string[]> {
    const selector = `--field-selector=involvedObject.name=${object}`;
    const events = await this.list<{ reason: string; message: string }>("events", selector);
    return events.map(({ reason, message }) => `${reason}: ${message}`);
  }

  /** Waits until a Deployment's pods are replaced and ready. @throws CommandError after the time */
  async rolledOut(deployment: string, seconds = 120): Promise<void> {
    await this.kubectl(["rollout", "status", `deployment/${deployment}`, `--timeout=${seconds}s`]);
  }

  /** The process ID, on the node, of a running container's first process. */
  async processOf(pod: string): Promise<number> {
    const { status } = await this.get<Pod>("pod", pod);
    const id = status.containerStatuses?.[0]?.containerID?.replace(/^\w+:\/\//, "") ?? "";
    const inspect = ["exec", this.context, "crictl", "inspect", "--output", "json", id];
    const result = await tryRun("docker", inspect);
    if (result.code !== 0) throw new CommandError(`docker ${inspect.join(" ")}`, result);
    return (JSON.parse(result.stdout) as { info: { pid: number } }).info.pid;
  }

  /** Sends a signal to a pod's first process, by the node: no container need have a shell or tools. */
  async signal(pod: string, signal: "STOP" | "CONT" | "KILL" | "TERM"): Promise<void> {
    const pid = await this.processOf(pod);
    const result = await tryRun("docker", ["exec", this.context, "kill", `-${signal}`, `${pid}`]);
    if (result.code !== 0) throw new CommandError(`kill -${signal} ${pid}`, result);
  }

  /** Kills a pod's first process, and waits until it is gone: one without CPU time left has its connections a little longer. */
  async kill(pod: string): Promise<void> {
    const pid = await this.processOf(pod);
    const script = `kill -KILL ${pid} && while kill -0 ${pid} 2> /dev/null; do sleep 0.01; done`;
    const result = await tryRun("docker", ["exec", this.context, "sh", "-c", script]);
    if (result.code !== 0) throw new CommandError(`kill -KILL ${pid}`, result);
  }
}

/** Whether a pod takes traffic. */
export function isReady(pod: Pod): boolean {
  return (pod.status.conditions ?? []).some(
    ({ type, status }) => type === "Ready" && status === "True",
  );
}

/** Asks every half second until there is an answer. @throws Error when the time is over */
export async function eventually<T>(
  seconds: number,
  ask: () => Promise<T | undefined | false>,
  what = "an answer",
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(500);
  }
}

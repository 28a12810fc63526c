import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { ENDING_SIGNALS } from "../../common/signals";
import { PART_OF } from "../../components/names";
import { main } from "../main";
import { type Cluster, type ContainerStatus, checkNone, type Pod } from "../session/cluster";
import { openSession } from "../session/session";
import { requireCluster } from "../update/preflight";

const FLAGS = {
  follow: {
    type: "boolean",
    short: "f",
    help: "go on as new lines and new pods come, until Ctrl-C",
  },
  component: {
    type: "string",
    short: "c",
    help: "backend or frontend; both unless said",
    values: ["backend", "frontend"],
  },
  since: {
    type: "string",
    help: "how far back, such as 10m or 2h; the last 100 lines unless said",
  },
} as const;
const LINES = 100;
const POLL_MS = 1000;
const DURATION = /^(\d+(\.\d+)?(ms|s|m|h))+$/;
/** One run of a container: after a restart it is another one, with a log of its own. */
interface ContainerRun {
  /** Kubernetes' name for it. */
  id: string;
  pod: string;
  container: string;
  running: boolean;
}

/** Shows a log; gives how kubectl ended. */
type Show = (run: ContainerRun, flags: readonly string[]) => Promise<Ended>;

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

main("logs", "Shows what the pods say, each line with its pod.", FLAGS, async (invocation) => {
  const component = componentOf(invocation.option("component"));
  const since = sinceOf(invocation.option("since"));
  const { cluster, settings, tools, stack } = await openSession(invocation.stack, ["kubectl"]);
  await requireCluster(settings, cluster);
  const selector = [PART_OF, ...(component ? [`component=${component}`] : [])].join(",");
  const pods = (): Promise<Pod[]> => cluster.list<Pod>("pods", "--selector", selector);
  const found = await pods();
  if (found.length === 0) {
    await checkNone(cluster, "pods");
    throw new UserError({
      what: `stack "${stack}" has no ${component ? `${component} pods` : "pods"}`,
      why: `there are none in namespace ${cluster.namespace}`,
      next: `npm run up -- --stack ${stack}`,
    });
  }
  for (const line of found.flatMap(silentContainers)) say(line);
  const children = new Children(cluster, tools.env);
  const first = since === undefined ? `--tail=${LINES}` : `--since=${since}`;
  if (invocation.flag("follow")) return follow(pods, children, first);
  return showOnce(found, pods, children, first);
});

function componentOf(component: string | undefined): string | undefined {
  if (component === undefined || component === "backend" || component === "frontend")
    return component;
  throw new UserError({
    what: `"${component}" is no component`,
    why: "there are backend and frontend",
    next: "npm run logs -- --component backend",
    exitCode: 64,
  });
}

function sinceOf(since: string | undefined): string | undefined {
  if (since === undefined || DURATION.test(since)) return since;
  throw new UserError({
    what: `"${since}" is no duration`,
    why: "it has a number and a unit: s, m or h",
    next: "npm run logs -- --since 10m",
    exitCode: 64,
  });
}

/** Shows the logs that there are; gives kubectl's exit code where one that is there can't be shown. */
async function showOnce(
  found: readonly Pod[],
  pods: () => Promise<Pod[]>,
  children: Children,
  range: string,
): Promise<number> {
  const failed: { run: ContainerRun; code: number }[] = [];
  for (const run of found.flatMap(containerRuns)) {
    const code = (await children.show(run, [range])).code ?? 1;
    if (code !== 0) failed.push({ run, code });
  }
  if (failed.length === 0) return 0;
  // A pod that was on its way out has taken its log along.
  const left = new Set((await pods()).map(({ metadata }) => metadata.name));
  for (const pod of new Set(failed.map(({ run }) => run.pod)))
    if (!left.has(pod)) say(`${pod} has gone meanwhile`);
  return Math.max(0, ...failed.filter(({ run }) => left.has(run.pod)).map(({ code }) => code));
}

/** Shows logs until a signal comes: those of the containers that run, and of all that run later. */
async function follow(
  pods: () => Promise<Pod[]>,
  children: Children,
  first: string,
): Promise<number> {
  const follower = new Follower((run, flags) => children.show(run, ["--follow", ...flags]), first);
  const stop = (): void => {
    follower.stop();
    children.end();
  };
  for (const signal of ENDING_SIGNALS) process.on(signal, stop);
  try {
    await follower.run(pods);
    await children.ended();
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, stop);
  }
  return 0;
}

/** Follows the logs of all containers, also of those that a rollout or a restart starts later. */
class Follower {
  private readonly wake = new AbortController();
  /** When the log of a run ended; undefined while it is shown. */
  private readonly shown = new Map<string, Date | undefined>();

  constructor(
    private readonly show: Show,
    /** How far back the logs of the first containers go; later ones are shown from their beginning. */
    private readonly first: string,
  ) {}

  /** Follows until `stop` is called, or nobody reads any more. */
  async run(pods: () => Promise<Pod[]>): Promise<void> {
    let range = this.first;
    while (!this.wake.signal.aborted) {
      for (const run of (await pods()).flatMap(containerRuns)) this.take(run, range);
      range = "--tail=-1";
      await sleep(POLL_MS, undefined, { signal: this.wake.signal }).catch(() => undefined);
    }
  }

  stop(): void {
    this.wake.abort();
  }

  private take(run: ContainerRun, range: string): void {
    if (this.wake.signal.aborted) return;
    const ended = this.shown.get(run.id);
    if (!this.shown.has(run.id)) this.start(run, range);
    // Its log broke off, as when the API server restarts.
    else if (ended && run.running) this.start(run, `--since-time=${ended.toISOString()}`);
  }

  private start(run: ContainerRun, range: string): void {
    this.shown.set(run.id, undefined);
    void this.show(run, [range]).then(({ signal }) => {
      this.shown.set(run.id, new Date());
      if (signal === "SIGPIPE") this.stop(); // nobody reads, as after `| head`
    });
  }
}

/** The kubectl processes that write to this one's output. */
class Children {
  private readonly running = new Map<ReturnType<typeof spawn>, Promise<Ended>>();

  constructor(
    private readonly cluster: Cluster,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Shows the log of a container, each line with its pod. */
  show({ pod, container }: ContainerRun, flags: readonly string[]): Promise<Ended> {
    const args = ["logs", pod, "--container", container, "--prefix", ...flags];
    const child = spawn("kubectl", [...this.cluster.arguments, ...args], {
      env: this.env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const ended = new Promise<Ended>((resolve) => {
      child.once("error", () => resolve({ code: 127, signal: null }));
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
    this.running.set(child, ended);
    void ended.then(() => this.running.delete(child));
    return ended;
  }

  /** Asks all of them to end. */
  end(): void {
    for (const child of this.running.keys()) child.kill("SIGTERM");
  }

  /** Resolves when all have ended. */
  async ended(): Promise<void> {
    this.end();
    await Promise.all(this.running.values());
  }
}

/** A container's status with its ID, which it has from its first start on. */
type Started = ContainerStatus & { containerID?: string };

function statuses({ status }: Pod): Started[] {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
}

/** The containers of a pod that have a log. */
function containerRuns(pod: Pod): ContainerRun[] {
  return statuses(pod).flatMap(({ name, state, containerID }) =>
    containerID
      ? [
          {
            id: `${pod.metadata.name} ${containerID}`,
            pod: pod.metadata.name,
            container: name,
            running: state.running !== undefined,
          },
        ]
      : [],
  );
}

/** What to say of the containers that have no log yet. */
function silentContainers(pod: Pod): string[] {
  return statuses(pod)
    .filter(({ containerID }) => !containerID)
    .map(({ name, state }) => {
      const reason = state.waiting?.reason ?? "not started";
      return `${pod.metadata.name}/${name} has no log yet: ${reason}`;
    });
}

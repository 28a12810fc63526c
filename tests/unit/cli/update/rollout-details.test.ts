import type { Cluster, ContainerStatus, Pod } from "../../../../cli/session/cluster";
import { type PodFailure, RolloutWatch } from "../../../../cli/update/rollout-watch";

const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };
const container = (name: string, more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  ...{ name, image: "todo-backend:1", ready: false, restartCount: 0, state: running },
  ...more,
});
const pod = (name: string, status: Partial<Pod["status"]>, component = "backend"): Pod => ({
  metadata: {
    ...{ name, creationTimestamp: "2026-01-01T00:00:00Z" },
    labels: { "app.kubernetes.io/component": component },
  },
  status: { phase: "Running", ...status },
});
const fallen = (restartCount: number): Partial<Pod["status"]> => ({
  containerStatuses: [
    container("backend", {
      ...{ restartCount, state: { waiting: { reason: "CrashLoopBackOff" } } },
      lastState: { terminated: { exitCode: 3 } },
    }),
  ],
});

interface Play {
  pods: Pod[];
  events?: object[];
  /** What kubectl says of a container's last run, and of the one now. */
  previous?: { code: number; stdout: string };
  now?: string;
}

/** One look at these pods, with their events and logs. */
async function looked({ pods, events = [], previous, now = "" }: Play) {
  const asked: string[] = [];
  let first = true;
  const cluster = {
    namespace: "shop",
    pods: async () => {
      if (!first) return pods;
      first = false;
      return [];
    },
    list: async (kind: string, ...flags: string[]) => {
      asked.push([kind, ...flags].join(" "));
      return events;
    },
    try: async (args: string[]) => {
      asked.push(args.join(" "));
      const isPrevious = args.includes("--previous");
      return isPrevious
        ? { stderr: "", ...(previous ?? { code: 1, stdout: "" }) }
        : { code: 0, stdout: now, stderr: "" };
    },
  } as unknown as Cluster;
  const hopeless: PodFailure[] = [];
  const progress: string[] = [];
  const watch = await RolloutWatch.from(cluster, {
    ...{ isLoaded: true, grows: false, pollMs: 5 },
    onHopeless: (failure) => hopeless.push(failure),
    onProgress: (line) => progress.push(line),
  });
  asked.length = 0;
  const ends = watch.run();
  await new Promise((resolve) => setTimeout(resolve, 40));
  const { failure } = watch;
  watch.stop();
  await ends;
  return { watch, failure, hopeless, progress, asked: [...new Set(asked)] };
}

test("a pod's failure has its own last warnings, each once, and the last words of the run that failed", async () => {
  const event = (message: string, type = "Warning") => ({ type, reason: "BackOff", message });
  const { hopeless, asked } = await looked({
    pods: [pod("a", fallen(2))],
    events: [
      event("one"),
      event("two"),
      event("two "),
      event("three"),
      event("four"),
      event("fine", "Normal"),
    ],
    previous: { code: 0, stdout: `boom\n\n${"x".repeat(400)}\n` },
  });
  expect(hopeless).toEqual([
    {
      ...{ pod: "shop/a", reason: "CrashLoopBackOff, exit code 3", hopeless: true },
      details: [
        ...["event: BackOff: two", "event: BackOff: three", "event: BackOff: four"],
        ...["log:   boom", `log:   ${"x".repeat(300)}`],
      ],
    },
  ]);
  expect(asked).toEqual([
    "events --field-selector involvedObject.name=a",
    "logs a --container backend --tail=6 --previous",
  ]);
});

test("a container that has had one run is asked for that one's words", async () => {
  const { hopeless, asked } = await looked({ pods: [pod("a", fallen(2))], now: "now\n" });
  expect(hopeless[0]?.details).toEqual(["log:   now"]);
  expect(asked.at(-1)).toBe("logs a --container backend --tail=6");
});

test("a container without an image has no log to ask for, nor a pod without a node", async () => {
  const image = { waiting: { reason: "ErrImageNeverPull" } };
  const first = await looked({
    pods: [pod("a", { containerStatuses: [container("backend", { state: image })] })],
  });
  expect(first.asked).toEqual(["events --field-selector involvedObject.name=a"]);
  const conditions = [{ type: "PodScheduled", status: "False", message: "Insufficient cpu" }];
  const second = await looked({ pods: [pod("b", { conditions })] });
  expect(second.failure).toMatchObject({
    reason: "not scheduled: Insufficient cpu",
    hopeless: false,
  });
  expect(second.asked).toEqual(["events --field-selector involvedObject.name=b"]);
});

test("of several pods the one that is beyond hope is told", async () => {
  const { hopeless, progress } = await looked({ pods: [pod("a", fallen(0)), pod("b", fallen(2))] });
  expect(hopeless.map(({ pod }) => pod)).toEqual(["shop/b"]);
  expect(progress).toEqual([
    "backend: CrashLoopBackOff, exit code 3, backend: CrashLoopBackOff, exit code 3",
  ]);
});

test("each service is told how far it is, once; other pods aren't the rollout's", async () => {
  const migrating = { initContainerStatuses: [container("migrate")], containerStatuses: [] };
  const waits = { waiting: { reason: "PodInitializing" } };
  const pods = [
    pod("a", { containerStatuses: [container("backend", { ready: true })] }),
    pod("b", migrating, "frontend"),
    pod("c", { containerStatuses: [container("backend")] }),
    pod("d", { containerStatuses: [container("backend", { state: waits })] }),
    pod("smoke", fallen(2), "smoke-test"),
  ];
  const going = { ...pod("e", fallen(2)) };
  going.metadata = { ...going.metadata, deletionTimestamp: "x" };
  const { progress, hopeless, failure } = await looked({ pods: [...pods, going] });
  expect(progress).toEqual([
    "backend: ready, frontend: migrating the database, backend: starting, backend: waiting",
  ]);
  expect([hopeless, failure]).toEqual([[], undefined]);
});

test("a rollout that has ended well had no failure, whatever was seen on the way", async () => {
  const { watch } = await looked({ pods: [pod("a", fallen(0))] });
  expect(watch.failure).toMatchObject({ pod: "shop/a", hopeless: false });
  watch.succeeded();
  expect(watch.failure).toBeUndefined();
});

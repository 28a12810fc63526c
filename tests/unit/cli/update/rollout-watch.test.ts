import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster, Pod } from "../../../../cli/session/cluster";
import { type PodFailure, RolloutWatch } from "../../../../cli/update/rollout-watch";

/** A pod of the back end that waits for its image; its age is the cluster's affair. */
function waiting(name: string, reason: string, message: string, created: Date): Pod {
  return {
    metadata: {
      name,
      creationTimestamp: created.toISOString(),
      labels: { "app.kubernetes.io/component": "backend" },
    },
    status: {
      phase: "Pending",
      containerStatuses: [
        {
          ...{ name: "backend", image: "todo-backend:1", ready: false, restartCount: 0 },
          state: { waiting: { reason, message } },
        },
      ],
    },
  };
}

const NOW = new Date();
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000);
const POLL_MS = 10;
const busy = waiting("new", "ErrImagePull", "503 Service Unavailable", NOW);
const missing = waiting("new", "ErrImagePull", "todo-backend:1: not found", NOW);

/** Watches a cluster that shows these pods, first before the rollout, then look by look; the last stay. */
async function watched(
  options: { isLoaded?: boolean; forMs?: number },
  before: Pod[],
  ...looks: Pod[][]
): Promise<{ hopeless: PodFailure[]; progress: string[]; failure: PodFailure | undefined }> {
  let turn = -1;
  const shown = [before, ...looks];
  const cluster = {
    namespace: "todo-app",
    pods: async () => {
      turn = Math.min(turn + 1, shown.length - 1);
      return shown[turn] ?? [];
    },
    list: async () => [{ type: "Warning", reason: "Failed", message: "it was refused" }],
    try: async ([verb]: string[]) => ({ code: verb === "get" ? 0 : 1, stdout: "", stderr: "" }),
  } as unknown as Cluster;
  const hopeless: PodFailure[] = [];
  const progress: string[] = [];
  const watch = await RolloutWatch.from(cluster, {
    isLoaded: options.isLoaded ?? false,
    grows: true,
    pollMs: POLL_MS,
    onHopeless: (failure) => hopeless.push(failure),
    onProgress: (line) => progress.push(line),
  });
  const running = watch.run();
  await Promise.race([running, sleep(options.forMs ?? 20 * POLL_MS)]);
  watch.stop();
  await running;
  return { hopeless, progress, failure: watch.failure };
}

describe("a rollout is called off", () => {
  it("at once where the node should have had the image", async () => {
    const { hopeless } = await watched({ isLoaded: true }, [], [busy]);
    expect(hopeless).toEqual([
      {
        ...{ pod: "todo-app/new", reason: "ErrImagePull (todo-backend:1)", hopeless: true },
        details: ["event: Failed: it was refused"],
      },
    ]);
  });

  it("after a second look, some seconds later, where a registry has no such image", async () => {
    jest.useFakeTimers({ doNotFake: ["setTimeout", "setImmediate", "nextTick"] });
    try {
      const seen = watched({}, [], [missing]);
      await sleep(3 * POLL_MS);
      jest.setSystemTime(Date.now() + 4_000);
      expect((await seen).hopeless).toHaveLength(1);
    } finally {
      jest.useRealTimers();
    }
  });

  it("not for one pull that failed, and what went well after all is no failure", async () => {
    const well: Pod = {
      ...busy,
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    };
    const { hopeless, failure, progress } = await watched({}, [], [busy], [busy], [well]);
    expect(hopeless).toEqual([]);
    expect(failure).toBeUndefined();
    expect(progress[0]).toBe("backend: ErrImagePull (todo-backend:1)");
  });
});

describe("pods of a rollout are known", () => {
  it("where the cluster's clock is an hour behind this machine's", async () => {
    const late = waiting("new", "ErrImageNeverPull", "", AN_HOUR_AGO);
    const { hopeless } = await watched({}, [waiting("old", "", "", AN_HOUR_AGO)], [late]);
    expect(hopeless.map(({ pod }) => pod)).toEqual(["todo-app/new"]);
  });

  it("from those that were there before, where its clock is ahead", async () => {
    const old = waiting("old", "ErrImageNeverPull", "", new Date(Date.now() + 3_600_000));
    const { hopeless, progress } = await watched({}, [old], [old]);
    expect({ hopeless, progress }).toEqual({ hopeless: [], progress: [] });
  });
});

test("a cluster that doesn't say what is there is not watched: what was in trouble before isn't the rollout's", async () => {
  const cluster = {
    ...{ namespace: "todo-app", arguments: ["--context", "c", "--namespace", "todo-app"] },
    pods: async () => [],
    try: async () => ({ code: 124, stdout: "", stderr: "" }),
  } as unknown as Cluster;
  const ignore = (): void => undefined;
  await expect(
    RolloutWatch.from(cluster, { onProgress: ignore, onHopeless: ignore }),
  ).rejects.toMatchObject({
    what: "the cluster doesn't say which pods namespace todo-app has",
    why: "it took too long",
    next: "see that kubectl --context c --namespace todo-app auth can-i list pods says yes, then run this again",
  });
});

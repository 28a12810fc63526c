import type { ContainerStatus, Pod } from "../../../../cli/session/cluster";
import { troubleOf } from "../../../../cli/update/pod-trouble";

const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };

function container(name: string, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, image: "todo-backend:1", state: running, ready: false, restartCount: 0, ...more };
}

function pod(status: Partial<Pod["status"]>): Pod {
  const metadata = { name: "todo-app-backend-1", creationTimestamp: "2020-01-01T00:00:00Z" };
  return { metadata, status: { phase: "Pending", ...status } };
}

/** A pod whose back end waits for something. */
function waiting(reason: string, message = "", more: Partial<ContainerStatus> = {}): Pod {
  const state = { waiting: { reason, message } };
  return pod({ containerStatuses: [container("backend", { state, ...more })] });
}

const LONG = { seenMs: 30_000 };
const SHORT = { seenMs: 3_000 };
const EVER = Number.POSITIVE_INFINITY;

describe("a pod under way", () => {
  const migrating = pod({ initContainerStatuses: [container("migrate")] });
  const starting = pod({ containerStatuses: [container("backend")] });

  it("has its time to migrate and to start, whatever the cluster's clock says of its age", () => {
    expect(troubleOf(migrating, SHORT)).toBeUndefined();
    expect(troubleOf(starting, SHORT)).toBeUndefined();
    expect(troubleOf(waiting("ContainerCreating"), LONG)).toBeUndefined();
  });

  it("is looked into after that, by the container that it waits for", () => {
    expect(troubleOf(migrating, LONG)).toEqual({
      ...{ container: "migrate", reason: "container migrate still runs", patienceMs: EVER },
    });
    expect(troubleOf(starting, LONG)).toEqual({
      ...{ container: "backend", reason: "runs but isn't ready", patienceMs: EVER },
    });
    const ready = pod({ containerStatuses: [container("backend", { ready: true })] });
    expect(troubleOf(ready, LONG)).toBeUndefined();
  });
});

describe("how long a trouble may last", () => {
  const patience = (found: Pod, circumstances = {}): number | undefined =>
    troubleOf(found, circumstances)?.patienceMs;

  test.each([
    ["is never pulled", waiting("ErrImageNeverPull"), 0],
    ["has no name that can be one", waiting("InvalidImageName"), 0],
    ["isn't in the registry", waiting("ErrImagePull", "todo-backend:1: not found"), 3_000],
    ["isn't for this cluster", waiting("ImagePullBackOff", "pull access denied"), 3_000],
    ["meets a busy registry", waiting("ErrImagePull", "503 Service Unavailable"), 45_000],
    ["meets a rate limit", waiting("ErrImagePull", "toomanyrequests"), 45_000],
    ["meets a lost name server", waiting("ImagePullBackOff", "no such host"), 45_000],
  ])("of an image that %s", (_, found, expected) => {
    expect(patience(found)).toBe(expected);
  });

  it("is nothing where the node should have had the image, and pulls it instead", () => {
    expect(patience(waiting("ErrImagePull", "no such host"), { isLoaded: true })).toBe(0);
  });

  test.each([
    ["a missing Secret", waiting("CreateContainerConfigError"), 3_000],
    ["a container that isn't made", waiting("CreateContainerError"), 15_000],
    ["a container that isn't started", waiting("RunContainerError"), 15_000],
  ])("of %s", (_, found, expected) => {
    expect(patience(found)).toBe(expected);
  });

  it("is without end after one fall, short after the second, and nothing after the third", () => {
    const fallen = (restartCount: number): Pod =>
      waiting("CrashLoopBackOff", "", { restartCount, lastState: { terminated: { exitCode: 3 } } });
    expect([0, 1, 2].map((times) => patience(fallen(times)))).toEqual([EVER, 3_000, 0]);
    const once = { terminated: { exitCode: 1, reason: "Error" } };
    const found = pod({ containerStatuses: [container("backend", { state: once })] });
    expect(troubleOf(found)).toMatchObject({
      ...{ reason: "container backend ended with exit code 1 (Error)", patienceMs: EVER },
    });
  });

  it("of a pod without a node ends where no node may come by itself", () => {
    const condition = { type: "PodScheduled", status: "False", message: "Insufficient cpu." };
    const found = pod({ conditions: [condition] });
    expect(troubleOf(found)).toMatchObject({
      ...{ reason: "not scheduled: Insufficient cpu.", patienceMs: 15_000 },
    });
    expect(patience(found, { grows: true })).toBe(EVER);
  });
});

test.each([
  ["an image, by its name", waiting("ImagePullBackOff"), "ImagePullBackOff (todo-backend:1)"],
  [
    "a container, by how it ended",
    waiting("CrashLoopBackOff", "", { lastState: { terminated: { exitCode: 3 } } }),
    "CrashLoopBackOff, exit code 3",
  ],
  [
    "a memory limit",
    waiting("CrashLoopBackOff", "", {
      lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
    }),
    "CrashLoopBackOff, exit code 137 (OOMKilled)",
  ],
])("a trouble is told: %s", (_, found, reason) => {
  expect(troubleOf(found)).toMatchObject({ container: "backend", reason });
});

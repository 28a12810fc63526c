import type { ContainerStatus, Pod } from "../../../../cli/session/cluster";
import { troubleOf } from "../../../../cli/update/rollout-watch";

const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };

function container(name: string, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, image: "example", state: running, ready: false, restartCount: 0, ...more };
}

/** A pod of some seconds, with the containers that it has. */
function pod(seconds: number, status: Partial<Pod["status"]>): Pod {
  const creationTimestamp = new Date(Date.now() - seconds * 1000).toISOString();
  return { metadata: { name: "todo-app-backend-1", creationTimestamp }, status } as Pod;
}

describe("a pod under way", () => {
  const migrating = { initContainerStatuses: [container("migrate")] };
  const starting = { containerStatuses: [container("backend")] };

  it("has its time to migrate and to start", () => {
    expect(troubleOf(pod(3, migrating))).toBeUndefined();
    expect(troubleOf(pod(3, starting))).toBeUndefined();
  });

  it("is looked into after that, by the container that it waits for", () => {
    expect(troubleOf(pod(30, migrating))).toEqual({
      ...{ container: "migrate", reason: "container migrate still runs", hopeless: false },
    });
    expect(troubleOf(pod(30, starting))).toEqual({
      ...{ container: "backend", reason: "runs but isn't ready", hopeless: false },
    });
    expect(
      troubleOf(pod(30, { containerStatuses: [container("backend", { ready: true })] })),
    ).toBeUndefined();
  });

  it("is given up at once where no patience helps", () => {
    const state = { waiting: { reason: "ErrImageNeverPull" } };
    expect(troubleOf(pod(1, { containerStatuses: [container("backend", { state })] }))).toEqual({
      ...{ container: "backend", reason: "ErrImageNeverPull (example)", hopeless: true },
    });
  });

  it("may fall once before a crash loop is one", () => {
    const state = { waiting: { reason: "CrashLoopBackOff" } };
    const lastState = { terminated: { exitCode: 2, reason: "Error" } };
    const of = (restartCount: number): boolean | undefined =>
      troubleOf(
        pod(5, {
          containerStatuses: [
            container("backend", { state, lastState, restartCount } as Partial<ContainerStatus>),
          ],
        }),
      )?.hopeless;
    expect([of(0), of(1)]).toEqual([false, true]);
  });
});

/** Story 4: what the probes see, and what Kubernetes makes of it. */
import { run } from "../../../common/run";
import { databaseContainer } from "../support/database";
import { figure, timed } from "../support/figures";
import { eventually, isReady } from "../support/namespace";
import { kubectl, namespace } from "../support/stack";

jest.setTimeout(4 * 60_000);

const BACKEND = "todo-app-backend";
const FRONTEND = "todo-app-frontend";

/** The answer of a pod to a GET, as the API server's proxy relays it. */
async function ask(component: "backend" | "frontend", path: string): Promise<unknown> {
  const [pod] = await namespace.pods(component);
  const port = component === "backend" ? 7860 : 3000;
  const proxy = `/api/v1/namespaces/${namespace.name}/pods/${pod?.metadata.name}:${port}/proxy`;
  return JSON.parse(await kubectl("get", "--raw", `${proxy}${path}`));
}

async function backendTakesTraffic(): Promise<boolean> {
  return ((await namespace.readyAddresses())[BACKEND] ?? 0) > 0;
}

test("the liveness endpoint says that the process is alive (story 4.1, FR-025, story 1.6)", async () => {
  const { seconds, result } = await timed(() => ask("backend", "/health"));
  expect(result).toEqual({ status: "healthy", service: "todo-backend", version: "0.1.0" });
  expect(seconds).toBeLessThan(2);
});

test("the readiness endpoint says that the database answers (story 4.2, FR-026)", async () => {
  expect(await ask("backend", "/ready")).toEqual({ status: "ready", checks: { database: "ok" } });
});

test("the front end's endpoint says that it serves (story 4.5, FR-028)", async () => {
  expect(await ask("frontend", "/api/health")).toMatchObject({ service: "todo-frontend" });
});

test("probes are what the chart's values say (story 4.7, FR-025, FR-026, FR-027, FR-053)", async () => {
  const deployment = await namespace.get<{
    spec: { template: { spec: { containers: Record<string, Probe>[] } } };
  }>("deployment", BACKEND);
  const container = deployment.spec.template.spec.containers[0] ?? {};
  expect(container.livenessProbe).toMatchObject({
    periodSeconds: 10,
    failureThreshold: 3,
    httpGet: { path: "/health" },
  });
  expect(container.readinessProbe).toMatchObject({ periodSeconds: 5, httpGet: { path: "/ready" } });
  const { periodSeconds = 0, failureThreshold = 0 } = container.startupProbe ?? {};
  expect(periodSeconds * failureThreshold).toBe(30);
});

interface Probe {
  periodSeconds: number;
  failureThreshold: number;
  httpGet: { path: string };
}

test.each([
  ["hangs", "pause", "unpause"],
  ["is gone", "stop", "start"],
])(
  "the back end takes no traffic while the database %s, and comes back by itself (story 4.3, SC-009, edge case: database unreachable)",
  async (how, away, back) => {
    const [pod] = await namespace.pods("backend");
    const database = databaseContainer();
    const stop = [away, ...(away === "stop" ? ["--time=2"] : []), database];
    const gone = await (async () => {
      try {
        await run("docker", stop);
        const outage = await timed(() =>
          eventually(20, async () => !(await backendTakesTraffic())),
        );
        const refused = await fetch(`${process.env.E2E_BASE_URL}/api/auth/get-session`, {
          headers: { cookie: "better-auth.session_token=none.none" },
          signal: AbortSignal.timeout(20_000),
        });
        await refused.body?.cancel();
        return outage.seconds;
      } finally {
        await run("docker", [back, database]);
      }
    })();
    const returned = await timed(() => eventually(30, backendTakesTraffic));
    figure("SC-009", `database ${how}: endpoint gone after`, gone, "s");
    figure("SC-009", `database ${how}: endpoint back after`, returned.seconds, "s");
    expect(gone).toBeLessThan(15);
    expect(returned.seconds).toBeLessThan(15);
    const log = await kubectl(
      "logs",
      pod?.metadata.name ?? "",
      "--container=backend",
      "--since=60s",
    );
    expect(log).toMatch(/database/i);
    // The same pods: nothing was restarted for a fault that isn't theirs.
    expect(await namespace.podNames("backend")).toEqual([pod?.metadata.name]);
    for (const { status } of await namespace.pods()) {
      expect(status.containerStatuses?.[0]?.restartCount).toBe(0);
    }
    await eventually(30, async () => (await namespace.pods("frontend")).every(isReady));
  },
);

test("a back end that doesn't answer any more is restarted after three failures, and the event is kept (story 4.6, FR-025)", async () => {
  const [pod] = await namespace.pods("backend");
  const name = pod?.metadata.name ?? "";
  await namespace.signal(name, "STOP");
  const { seconds } = await timed(() =>
    eventually(120, async () => {
      const { status } = await namespace.get<NonNullable<typeof pod>>("pod", name);
      return (status.containerStatuses?.[0]?.restartCount ?? 0) > 0;
    }),
  );
  figure("story 4.6", "frozen process to restart", seconds, "s");
  const events = (await namespace.events(name)).join("\n");
  expect(events).toMatch(/Liveness probe failed/);
  expect(events).toMatch(/failed liveness probe, will be restarted/);
  await eventually(60, backendTakesTraffic);
});

test("a pod that is ended leaves within 8 s, its requests finished (SC-011, FR-034)", async () => {
  for (const component of ["backend", "frontend"]) {
    const [pod] = await namespace.pods(component);
    const name = pod?.metadata.name ?? "";
    const { seconds } = await timed(() => kubectl("delete", "pod", name, "--wait=true"));
    figure("SC-011", `${component}: deletion to gone`, seconds, "s");
    expect(seconds).toBeLessThan(10);
  }
  await namespace.rolledOut(BACKEND);
  await namespace.rolledOut(FRONTEND);
});

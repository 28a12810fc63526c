/** Story 4: what the probes see, and what Kubernetes makes of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../../common/run";
import { answer, newUser } from "../support/client";
import { databaseContainer } from "../support/database";
import { figure, timed } from "../support/figures";
import { eventually, isReady } from "../support/namespace";
import { baseUrl, kubectl, namespace, onNode } from "../support/stack";

jest.setTimeout(4 * 60_000);

const BACKEND = "todo-app-backend";

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

/** Seconds within which /ready answers whatever the database does, with one for the way there. */
const READY_LIMIT = 3;

/**
 * The status and the checks that the back end's only pod answers at /ready. What is asked in vain is
 * asked once more, and told in the report: the way there, through the engine and the node, is long.
 */
async function readiness(
  again = true,
): Promise<{ status: number; checks: Record<string, string> }> {
  const [pod] = await namespace.pods("backend");
  // By the node: the API server's proxy hides the status of what it relays.
  const ask = ["curl", "--silent", "--show-error", "--write-out", "\n%{http_code} %{time_total}"];
  const limit = ["--connect-timeout", "5", "--max-time", "10"];
  const asked = await onNode(...ask, ...limit, `http://${pod?.status.podIP}:7860/ready`);
  const [body = "", figures = ""] = asked.stdout.split("\n");
  if (asked.code !== 0 || body === "") {
    const reason = `${pod?.metadata.name} at ${pod?.status.podIP}: ${JSON.stringify(asked)}`;
    if (!again) throw new Error(reason);
    figure("SC-009", `readiness asked in vain: ${reason}`, 1, "requests");
    return readiness(false);
  }
  const [status = 0, seconds = Number.NaN] = figures.split(" ").map(Number);
  expect(seconds).toBeLessThan(READY_LIMIT);
  const { checks } = JSON.parse(body) as { checks: Record<string, string> };
  return { status, checks };
}

const restarts = async (): Promise<unknown> =>
  (await namespace.pods()).map(({ metadata, status }) => [
    metadata.name,
    status.containerStatuses?.[0]?.restartCount,
  ]);

test.each([
  ["hangs", "pause", "unpause"],
  ["is gone", "stop", "start"],
])(
  "while the database %s readiness answers 503, no traffic comes, and it comes back by itself (story 4.3, SC-009, edge case: database unreachable)",
  async (how, away, back) => {
    const user = await newUser(baseUrl);
    const before = await restarts();
    const [pod] = await namespace.podNames("backend");
    const since = new Date().toISOString();
    const database = databaseContainer();
    const stop = [away, ...(away === "stop" ? ["--time=2"] : []), database];
    const gone = await (async () => {
      try {
        await run("docker", stop);
        const outage = await timed(() =>
          eventually(20, async () => !(await backendTakesTraffic())),
        );
        const { status, checks } = await readiness();
        expect(status).toBe(503);
        expect(checks.database).not.toBe("ok");
        // The front end can't look the session up either, and says so instead of waiting for ever.
        const refused = await user.request("/api/backend/api/tasks");
        expect([refused.status, refused.headers.get("content-type")]).toEqual([
          503,
          expect.stringContaining("application/problem+json"),
        ]);
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
    const flags = ["--container=backend", `--since-time=${since}`];
    expect(await kubectl("logs", pod ?? "", ...flags)).toMatch(/"event": ?"database\.away"/);
    // The same processes: nothing was restarted for a fault that isn't theirs.
    expect(await restarts()).toEqual(before);
    await eventually(30, async () => (await namespace.pods("frontend")).every(isReady));
    // The node's routes follow, later on a busy one.
    const tasks = await eventually(15, () => user.tasks().catch(() => undefined), "the tasks");
    expect(tasks).toEqual([]);
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

test("a pod that is ended leaves within 10 s, and answers what it was asked, chat streams too (SC-011, FR-034)", async () => {
  const talkers = await Promise.all(Array.from({ length: 3 }, () => newUser(baseUrl)));
  const said: string[] = [];
  let active = true;
  const talking = talkers.map(async (user) => {
    for (let number = 1; active; number += 1) {
      said.push(answer(await user.chat(`add errand ${number}`)));
      await sleep(1000);
    }
  });
  try {
    for (const component of ["backend", "frontend"]) {
      const [old] = await namespace.pods(component);
      const name = old?.metadata.name ?? "";
      await kubectl("rollout", "restart", `deployment/todo-app-${component}`);
      const isTold = async (): Promise<boolean> =>
        (await kubectl("get", "pod", name, "--output=jsonpath={.metadata.deletionTimestamp}")) !==
        "";
      await eventually(90, isTold);
      const { seconds } = await timed(() =>
        kubectl("wait", "--for=delete", `pod/${name}`, "--timeout=30s"),
      );
      figure("SC-011", `${component}, while it is asked: told to end to gone`, seconds, "s");
      expect(seconds).toBeLessThan(10);
      await namespace.rolledOut(`todo-app-${component}`);
    }
  } finally {
    active = false;
  }
  await Promise.all(talking); // a stream that broke throws here
  expect(said.length).toBeGreaterThan(10);
  for (const text of said) expect(text).toMatch(/errand/i);
});

/**
 * Under load: what users notice of planned operations, which must be nothing, and of faults.
 *
 * LOAD_REQUESTS  requests during the rolling restarts; 10,000 unless said, which two cores serve in six minutes
 */
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../common/run";
import { TESTS_PROFILE } from "../support/profile";
import { databaseContainer } from "./support/database";
import { figure, timed } from "./support/figures";
import { Ledger } from "./support/ledger";
import { failures, KINDS, Load, type Outcome, percentile } from "./support/load";
import { type ContainerStatus, eventually, type Pod } from "./support/namespace";
import { baseUrl, configure, kubectl, namespace, npmOk, onNode } from "./support/stack";

const USERS = 12;
const REQUESTS = Number(process.env.LOAD_REQUESTS ?? 10_000);
const SLOWEST_PER_SECOND = 8;
/** Restarts of both services meanwhile, at most: a pod of which little was asked proves little. */
const RESTARTS = 20;
const COMPONENTS = ["backend", "frontend"];
const SERVICES = COMPONENTS.map((component) => `todo-app-${component}`);
jest.setTimeout(6 * 60_000 + (REQUESTS / SLOWEST_PER_SECOND) * 1000);

/** What was under way when a pod was killed may be lost, and what was sent until the endpoint was gone. */
const DETECTION_MS = 12_000;
const PAUSE_MS = 5000;
/** Until a dead pod of several gets no new connections. */
const LEFT_ASIDE_MS = 4000;
/** From a pod's readiness, told in whole seconds, until every connection finds it. */
const ROUTED_MS = 3000;

let load: Load;
let ledger: Ledger;

beforeAll(async () => {
  [load, ledger] = await Promise.all([
    Load.start(baseUrl, USERS),
    Ledger.start(baseUrl, "under load and faults"),
  ]);
});

afterAll(() => Promise.all([load.stop(), ledger.stop()]));

/** Runs an operation under the load and gives the requests that were under way meanwhile. */
async function during(work: () => Promise<unknown>, settleMs = 2000) {
  const from = Date.now();
  const { seconds } = await timed(work);
  await sleep(settleMs);
  return { from, seconds, outcomes: await load.within(from, Date.now()) };
}

/** Expects that an operation replaces every pod of both services, and that no request fails meanwhile. */
async function expectNothingLost(what: string, work: () => Promise<unknown>): Promise<void> {
  const before = await namespace.podNames();
  const { outcomes, seconds } = await during(work);
  const after = await namespace.podNames();
  expect(after.filter((name) => before.includes(name))).toEqual([]);
  for (const component of COMPONENTS) expect(await namespace.podNames(component)).not.toEqual([]);
  figure("SC-013", `${what}: requests meanwhile`, outcomes.length, "requests");
  figure(
    "SC-013",
    `${what}: requests that failed`,
    outcomes.filter(({ failure }) => failure).length,
    "requests",
  );
  figure("SC-013", `${what}: took under load`, seconds, "s");
  expect(failures(outcomes)).toEqual({});
  for (const kind of KINDS)
    expect(outcomes.filter((outcome) => outcome.kind === kind).length).toBeGreaterThan(10);
}

test("a rolling update of both services costs no request (SC-013, FR-019)", async () => {
  await configure("logLevel", "warning");
  await expectNothingLost("rolling update by up", () => npmOk("up"));
});

test("a rollback costs no request (SC-005, SC-013)", async () => {
  await configure("logLevel", undefined);
  await expectNothingLost("rollback", () => npmOk("rollback"));
});

test(`${REQUESTS} requests while both services roll again and again: none fails (SC-013)`, async () => {
  let rounds = 0;
  await expectNothingLost("rolling restarts", async () => {
    const goal = load.outcomes.length + REQUESTS;
    while (load.outcomes.length < goal) {
      const next = load.outcomes.length + REQUESTS / RESTARTS;
      await kubectl("rollout", "restart", ...SERVICES.map((name) => `deployment/${name}`));
      for (const name of SERVICES) await namespace.rolledOut(name);
      rounds += 1;
      await load.reach(next);
    }
  });
  figure("SC-013", "rolling restarts of both services", rounds, "restarts");
  const steady = load.outcomes.slice(-2000);
  figure("SC-013", "request under load, p95", percentile(steady, 0.95), "ms");
});

/** Kills a pod's process under the load and waits until it runs again. */
async function kill(pod: string): Promise<{ at: number; outcomes: Outcome[] }> {
  const container = async (): Promise<ContainerStatus | undefined> =>
    (await namespace.get<Pod>("pod", pod)).status.containerStatuses?.[0];
  const restarts = (await container())?.restartCount ?? 0; // it may have been killed before
  let at = 0;
  const { outcomes } = await during(async () => {
    await namespace.kill(pod);
    at = Date.now();
    await eventually(60, async () => {
      const now = await container();
      return now !== undefined && now.restartCount > restarts && now.ready;
    });
  }, 1000);
  return { at, outcomes };
}

/** Keeps how many requests failed, and for how long, and gives those that did. */
function failedOf(what: string, { at, outcomes }: { at: number; outcomes: Outcome[] }): Outcome[] {
  const failed = outcomes.filter(({ failure }) => failure);
  const last = Math.max(at, ...failed.map(({ startedAt }) => startedAt));
  figure("SC-006", `${what}: requests that failed`, failed.length, "requests");
  const seconds = Math.round((last - at) / 100) / 10;
  figure("SC-006", `${what}: last request that failed, after`, seconds, "s");
  for (const { failure } of failed) {
    expect(failure).toMatch(/50[234]|fetch failed|terminated|without an answer|aborted/);
  }
  return failed;
}

describe.each(COMPONENTS)("the %s's one process killed (SIGKILL)", (component) => {
  it("costs requests only until Kubernetes has it running again", async () => {
    const [pod = ""] = await namespace.podNames(component);
    const failed = failedOf(`${component} killed`, await kill(pod));
    // One replica: until it is back, users are told so; nothing may fail after that.
    const { status } = await namespace.get<Pod>("pod", pod);
    const ready = status.conditions?.find(({ type }) => type === "Ready");
    const backAt = Date.parse(ready?.lastTransitionTime ?? "") + ROUTED_MS;
    expect(failures(failed.filter(({ startedAt }) => startedAt > backAt))).toEqual({});
  });
});

describe("with two pods of each", () => {
  beforeAll(async () => {
    await configure("replicas", "2");
    await npmOk("up");
  });
  afterAll(async () => {
    await configure("replicas", undefined);
    await npmOk("up");
  });

  test("one of the back end's killed (SIGKILL) costs only the answers that it was giving", async () => {
    const [pod = ""] = await namespace.podNames("backend");
    const killed = await kill(pod);
    const failed = failedOf("backend, one of two killed", killed);
    expect(failures(failed.filter(({ startedAt }) => startedAt > killed.at))).toEqual({});
    // Questions are asked again.
    expect(failures(failed.filter(({ kind }) => kind === "read" || kind === "page"))).toEqual({});
  });

  test("one of the front end's killed (SIGKILL) costs its answers, and connections until it is left aside", async () => {
    const [pod = ""] = await namespace.podNames("frontend");
    const killed = await kill(pod);
    const failed = failedOf("frontend, one of two killed", killed);
    const later = failed.filter(({ startedAt }) => startedAt > killed.at);
    for (const { failure } of later) expect(failure).toMatch(/ECONNREFUSED|ECONNRESET|other side/);
    expect(
      failures(later.filter(({ startedAt }) => startedAt > killed.at + LEFT_ASIDE_MS)),
    ).toEqual({});
  });
});

test("the node paused for 5 s: requests wait, and none is lost but by its own time limit", async () => {
  const { outcomes } = await during(async () => {
    await run("docker", ["pause", TESTS_PROFILE]);
    await sleep(PAUSE_MS);
    await run("docker", ["unpause", TESTS_PROFILE]);
    await eventually(60, async () => (await onNode("true")).code === 0);
  }, 5000);
  const failed = outcomes.filter(({ failure }) => failure);
  figure("SC-006", "node paused for 5 s: requests that failed", failed.length, "requests");
  const impatient = failed.filter(({ startedAt, endedAt }) => endedAt - startedAt < PAUSE_MS);
  expect(failures(impatient)).toEqual({});
});

test("the database restarted: requests fail with a reason while it is away, and succeed again by themselves", async () => {
  const { outcomes } = await during(async () => {
    await run("docker", ["restart", "--time", "5", databaseContainer()]);
    await eventually(60, async () => {
      const ready = await namespace.readyAddresses();
      return SERVICES.every((name) => (ready[name] ?? 0) > 0);
    });
  }, DETECTION_MS);
  const failed = outcomes.filter(({ failure }) => failure);
  figure("SC-009", "database restarted: requests that failed", failed.length, "requests");
  for (const { failure } of failed) expect(failure).toMatch(/50[034]|without an answer/);
  const since = Date.now() - 3000;
  expect(failures(await load.within(since, Date.now()))).toEqual({});
});

test("each write that was acknowledged under load and faults is there, once (SC-006)", async () => {
  await load.stop();
  await ledger.expectBalanced();
});

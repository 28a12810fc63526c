import { healthOf, openDesk } from "../../../../cli/health/health";
import { openSession } from "../../../../cli/session/session";
import { tryRun } from "../../../../common/run";
import type { Desk } from "../../../../ops/desk";
import { findingsOf } from "../../../../ops/health/findings";
import { takeSnapshot } from "../../../../ops/health/snapshot";
import { Redactor } from "../../../../ops/redact";
import { processTerminal } from "../../../../ops/terminal";
import { healthy, scope } from "../../ops/health/samples";

jest.mock("../../../../cli/session/session", () => ({ openSession: jest.fn() }));
jest.mock("../../../../common/run", () => ({
  ...jest.requireActual<object>("../../../../common/run"),
  tryRun: jest.fn(),
}));
jest.mock("../../../../ops/health/snapshot", () => ({ takeSnapshot: jest.fn() }));
jest.mock("../../../../ops/health/findings", () => ({ findingsOf: jest.fn() }));

const finding = (severity: "problem" | "warning", what = "is ill") => ({
  ...{ severity, object: "Pod/a", what, recommendation: "mend it" },
});
const desk = { scope, run: jest.fn(), redactor: new Redactor(["xyzzy-plugh"]) } as unknown as Desk;

describe("a stack's health", () => {
  beforeEach(() => {
    jest.mocked(takeSnapshot).mockReset().mockResolvedValue(healthy);
    jest.mocked(findingsOf).mockReset().mockReturnValue([]);
  });

  test("is for people and for programs, of one look at the stack's own cluster", async () => {
    expect(await healthOf(desk)).toEqual({
      healthy: true,
      text: expect.stringContaining("✓ healthy"),
      data: {
        ...{ healthy: true, release: healthy.release, usage: healthy.usage },
        ...{ nodes: 1, findings: [] },
      },
    });
    expect(takeSnapshot).toHaveBeenCalledWith(scope, desk.run);
    expect(findingsOf).toHaveBeenCalledWith(healthy);
  });

  test("names the commands that mend it for its stack and its cluster", async () => {
    const recommendation = "npm run up, or kubectl scale deployment/a --replicas=1";
    jest.mocked(findingsOf).mockReturnValue([{ ...finding("problem"), recommendation }]);
    const { data } = await healthOf({ ...desk, stack: "staging" });
    const target = `--context ${scope.kubeContext} --namespace ${scope.namespace}`;
    expect(data.findings).toMatchObject([
      {
        recommendation: `npm run up -- --stack staging, or kubectl ${target} scale deployment/a --replicas=1`,
      },
    ]);
  });

  test("is broken by a problem, not by a warning, and tells neither's secrets", async () => {
    jest.mocked(findingsOf).mockReturnValue([finding("warning")]);
    expect((await healthOf(desk)).healthy).toBe(true);
    jest
      .mocked(findingsOf)
      .mockReturnValue([finding("warning"), finding("problem", "xyzzy-plugh")]);
    const { healthy: isHealthy, text, data } = await healthOf(desk);
    expect([isHealthy, data.healthy]).toEqual([false, false]);
    expect(text).toContain("✗ Pod/a: [redacted]");
    expect(JSON.stringify(data)).not.toContain("xyzzy");
  });
});

test("a desk is of the stack's own cluster, and knows its secrets", async () => {
  const settings = { namespace: "shop", kubeContext: "far" };
  const tools = { env: { ONLY: "this" } };
  jest.mocked(openSession).mockResolvedValue({ settings, tools } as never);
  const data = { KEY: Buffer.from("xyzzy-plugh").toString("base64") };
  const stdout = JSON.stringify({ items: [{ data }] });
  jest.mocked(tryRun).mockResolvedValue({ code: 0, stdout, stderr: "" });
  const opened = await openDesk("live");
  expect(openSession).toHaveBeenCalledWith("live", ["kubectl", "helm"]);
  expect(opened).toMatchObject({
    ...{ stack: "live", env: { ONLY: "this" }, terminal: processTerminal },
    scope: { namespace: "shop", release: "todo-app", kubeContext: "far" },
  });
  expect(opened.redactor.text("a xyzzy-plugh")).toBe("a [redacted]");
  expect(jest.mocked(tryRun).mock.calls[0]?.slice(0, 2)).toEqual([
    "kubectl",
    expect.arrayContaining(["--context", "far", "--namespace", "shop", "secrets"]),
  ]);
  // A program runs in the stack's environment, unless it is given another.
  await opened.run("helm", ["list"]);
  expect(jest.mocked(tryRun).mock.lastCall).toEqual(["helm", ["list"], { env: { ONLY: "this" } }]);
  await opened.run("helm", ["list"], { env: { B: "2" }, timeoutMs: 1 });
  expect(jest.mocked(tryRun).mock.lastCall?.[2]).toEqual({ env: { B: "2" }, timeoutMs: 1 });
});

import type { Cluster } from "../../../../cli/session/cluster";
import type { Session } from "../../../../cli/session/session";
import { deployedFindings, helmTests } from "../../../../cli/verify/deployed";
import { imageFindings, objectFindings } from "../../../../cli/verify/sources";
import { tryRun } from "../../../../common/run";

jest.mock("../../../../common/run", () => ({
  ...jest.requireActual<object>("../../../../common/run"),
  tryRun: jest.fn(),
}));
jest.mock("../../../../cli/verify/sources", () => ({
  ...{ imageFindings: jest.fn(), objectFindings: jest.fn() },
}));

const KINDS =
  "deployments,services,configmaps,serviceaccounts,poddisruptionbudgets,roles,rolebindings";
const deployment = (name: string, ...images: (string | undefined)[]) => ({
  ...{ kind: "Deployment", metadata: { name } },
  spec: { template: { spec: { containers: images.map((image) => ({ image })) } } },
});
const named = (kind: string, name: string) => ({ kind, metadata: { name } });

/** The stack in namespace shop, whose cluster has these objects. */
function stackWith(objects: object[], asked = { code: 0, stdout: "", stderr: "" }) {
  const list = jest.fn(async (kind: string) =>
    kind === "namespaces"
      ? [named("Namespace", "other"), named("Namespace", "shop"), { kind: "Namespace" }]
      : objects,
  );
  const cluster = {
    ...{ list, namespace: "shop", arguments: ["--context", "far", "--namespace", "shop"] },
    try: jest.fn(async () => asked),
  } as unknown as Cluster;
  const session = { cluster, tools: { env: { ONLY: "this" } } } as unknown as Session;
  return { list, session };
}

beforeEach(() => {
  jest
    .mocked(objectFindings)
    .mockReset()
    .mockReturnValue(["of objects"] as never);
  jest
    .mocked(imageFindings)
    .mockReset()
    .mockImplementation(async (image) => [`of ${image}`] as never);
  jest.mocked(tryRun).mockReset().mockResolvedValue({ code: 0, stdout: "", stderr: "" });
});

test("what runs is looked at: the stack's objects and its own namespace, not what the cluster puts there", async () => {
  const own = [deployment("web", "a:1"), named("ConfigMap", "web")];
  const clusters = [named("ConfigMap", "kube-root-ca.crt"), named("ServiceAccount", "default")];
  const { session, list } = stackWith([...own, ...clusters]);
  expect(await deployedFindings(session)).toEqual(["of objects", "of a:1"]);
  expect(list.mock.calls.map(([kind]) => kind)).toEqual([KINDS, "namespaces"]);
  expect(objectFindings).toHaveBeenCalledWith([...own, named("Namespace", "shop")]);
});

test("each image that is here is looked into once; one of another machine can't be", async () => {
  jest.mocked(tryRun).mockImplementation(async (_, args) => {
    return { code: args.includes("far:1") ? 1 : 0, stdout: "", stderr: "" };
  });
  const objects = [deployment("a", "a:1", "far:1", undefined), deployment("b", "a:1", "b:1")];
  expect(await deployedFindings(stackWith(objects).session)).toEqual([
    "of objects",
    "of a:1",
    "of b:1",
  ]);
  expect(jest.mocked(tryRun).mock.calls[0]).toEqual([
    ...["docker", ["image", "inspect", "a:1"], { env: { ONLY: "this" } }],
  ]);
});

test("a stack that isn't deployed is told as such", async () => {
  await expect(
    deployedFindings(stackWith([named("Service", "web")]).session),
  ).rejects.toMatchObject({
    what: "nothing runs in the namespace shop",
    next: "npm run up, or npm run doctor",
  });
});

test("a cluster that doesn't say what runs is told as that", async () => {
  const refused = { code: 1, stdout: "", stderr: "Forbidden\n" };
  await expect(deployedFindings(stackWith([], refused).session)).rejects.toMatchObject({
    what: expect.stringContaining("the cluster doesn't say which deployments"),
    why: "Forbidden",
  });
});

describe("helm test", () => {
  const SUITE = "TEST SUITE:     health\nLast Started:   Sun\nPhase:          Succeeded\n";
  const tested = async (result: object) => {
    jest.mocked(tryRun).mockResolvedValue({ code: 0, stdout: "", stderr: "", ...result });
    return helmTests(stackWith([]).session);
  };

  test("runs on the stack's own cluster and namespace, for five minutes at most", async () => {
    expect(await tested({ stdout: SUITE })).toEqual([{ name: "health", passed: true }]);
    expect(jest.mocked(tryRun).mock.lastCall).toEqual([
      "helm",
      ["test", "todo-app", "--kube-context", "far", "--namespace", "shop"],
      { env: { ONLY: "this" }, timeoutMs: 300_000 },
    ]);
  });

  test.each([
    [
      { code: 1, stderr: "not found\n" },
      [{ name: "helm test", passed: false, reason: "not found" }],
    ],
    [
      { code: 124, stderr: "killed" },
      [{ name: "helm test", passed: false, reason: "it took more than 5 min" }],
    ],
    [
      { code: 1, stdout: SUITE, stderr: "x" },
      [
        { name: "health", passed: true },
        { name: "helm test", passed: false, reason: "x" },
      ],
    ],
    [{ code: 0 }, [{ name: "helm test", passed: true }]],
  ])("that ends with %j is told", async (result, runs) => {
    expect(await tested(result)).toEqual(runs);
  });
});

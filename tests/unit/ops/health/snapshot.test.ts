import type { RunResult } from "../../../../common/run";
import { takeSnapshot } from "../../../../ops/health/snapshot";
import { FakeRunner } from "../support";
import { deployment, event, healthy, MEBI, pod } from "./samples";

const SCOPE = { namespace: "shop", release: "shop-app", kubeContext: "far" };
type Answer = readonly [RegExp, Partial<RunResult>];
const json = (value: unknown): Partial<RunResult> => ({ stdout: JSON.stringify(value) });
const OBJECTS: Answer = [/ get pods,/, json({ items: [] })];
const NODES: Answer = [/ get nodes /, json({ items: [] })];
const METRICS: Answer = [/ get --raw \/apis\/metrics/, json({ items: [] })];
const RELEASE: Answer = [/^helm /, json([])];
const DEFAULTS = [OBJECTS, NODES, METRICS, RELEASE];

async function taken(...answers: Answer[]) {
  const runner = new FakeRunner([...answers, ...DEFAULTS]);
  return { runner, snapshot: await takeSnapshot(SCOPE, runner.run) };
}

test("everything is asked of the stack's own cluster, namespace and release", async () => {
  const { runner } = await taken();
  const target = "--context far --namespace shop";
  expect(runner.lines).toEqual([
    `kubectl ${target} get pods,deployments,services,endpointslices,events --output json --request-timeout=20s`,
    `kubectl ${target} get nodes --output json --request-timeout=20s`,
    "helm history shop-app --max 1 --output json --kube-context far --namespace shop",
    `kubectl ${target} get --raw /apis/metrics.k8s.io/v1beta1/namespaces/shop/pods`,
  ]);
});

test("each kind of object is told apart", async () => {
  const service = { metadata: { name: "s" }, spec: {} };
  const slice = { metadata: {} };
  const { snapshot } = await taken([
    / get pods,/,
    json({
      items: [
        { ...event(), kind: "Event" },
        { ...slice, kind: "EndpointSlice" },
        { ...service, kind: "Service" },
        { ...deployment(), kind: "Deployment" },
        { ...pod(), kind: "Pod" },
      ],
    }),
  ]);
  expect(snapshot).toEqual({
    namespace: "shop",
    pods: [{ ...pod(), kind: "Pod" }],
    deployments: [{ ...deployment(), kind: "Deployment" }],
    services: [{ ...service, kind: "Service" }],
    endpointSlices: [{ ...slice, kind: "EndpointSlice" }],
    events: [{ ...event(), kind: "Event" }],
    nodes: [],
    usage: [],
    release: undefined,
  });
});

test("an engineer who may not look at nodes has the rest", async () => {
  const refused: Answer = [/ get nodes /, { code: 1, stderr: "Forbidden" }];
  const { snapshot } = await taken(
    [/ get pods,/, json({ items: [{ ...pod(), kind: "Pod" }] })],
    refused,
  );
  expect(snapshot.nodes).toEqual([]);
  expect(snapshot.pods).toHaveLength(1);
});

test("the release is the last revision; where Helm knows of none, or fails, there is none", async () => {
  const revision = { revision: 4, status: "failed", chart: "todo-app-1", app_version: "1" };
  const { snapshot } = await taken([/^helm /, json([{ ...revision, revision: 3 }, revision])]);
  expect(snapshot.release).toEqual({ name: "shop-app", ...revision });
  const failed = await taken([/^helm /, { code: 1, stderr: "release: not found" }]);
  expect(failed.snapshot.release).toBeUndefined();
});

describe("what is used", () => {
  test("is 0 where the metrics server gives no figure", async () => {
    const usage = { cpu: "?", memory: "?" };
    const items = [{ metadata: { name: "p" }, containers: [{ name: "c", usage }] }];
    const { snapshot } = await taken([/ get --raw \/apis\/metrics/, json({ items })]);
    expect(snapshot.usage).toEqual([{ pod: "p", container: "c", cpu: 0, memory: 0 }]);
  });

  test("is asked of each node's kubelet where there is no metrics server; one that doesn't answer is left out", async () => {
    const [node] = healthy.nodes;
    const nodes = ["a", "b"].map((name) => ({ ...node, metadata: { name } }));
    const podRef = { name: "p", namespace: "shop" };
    const summary = {
      pods: [
        { podRef, containers: [{ name: "c" }, { name: "d", memory: { workingSetBytes: MEBI } }] },
        { podRef: { name: "just made", namespace: "shop" } },
      ],
    };
    const { snapshot, runner } = await taken(
      [/ get nodes /, json({ items: nodes })],
      [/ get --raw \/apis\/metrics/, { code: 1 }],
      [/nodes\/a\/proxy/, { code: 1, stderr: "gone" }],
      [/nodes\/b\/proxy/, json(summary)],
    );
    expect(runner.lines.slice(-2).map((line) => line.split(" ").at(-1))).toEqual([
      "/api/v1/nodes/a/proxy/stats/summary",
      "/api/v1/nodes/b/proxy/stats/summary",
    ]);
    expect(snapshot.usage).toEqual([
      { pod: "p", container: "c", cpu: 0, memory: 0 },
      { pod: "p", container: "d", cpu: 0, memory: MEBI },
    ]);
  });
});

test("a cluster that doesn't answer is told by the last of its words, or by having none", async () => {
  const stderr = "1\nE: memcache\nE: again\nThe connection was refused\n";
  await expect(taken([/ get pods,/, { code: 1, stderr }])).rejects.toMatchObject({
    what: "the health of the stack can't be told",
    why: "E: memcache\nE: again\nThe connection was refused",
    next: "npm run doctor",
  });
  await expect(taken([/ get pods,/, { code: 124 }])).rejects.toMatchObject({
    why: "the cluster took too long",
  });
});

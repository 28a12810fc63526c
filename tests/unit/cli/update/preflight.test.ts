import type { Cluster } from "../../../../cli/session/cluster";
import type { Pulumi } from "../../../../cli/session/pulumi";
import { nodesRun, preflight, requireCluster } from "../../../../cli/update/preflight";
import { findTunnel, listNodes } from "../../../../components/minikube/profile";
import { type RawConfig, readSettings, UNREADABLE } from "../../../../components/settings/settings";

jest.mock("../../../../components/minikube/profile", () => ({
  ...jest.requireActual<object>("../../../../components/minikube/profile"),
  ...{ findTunnel: jest.fn(), listNodes: jest.fn() },
}));
jest.mock("../../../../common/run", () => ({
  ...jest.requireActual<object>("../../../../common/run"),
  tryRun: async () => ({ code: 1, stdout: "", stderr: "" }),
}));

const FAR = {
  ...{ imageDelivery: "registry", registry: "registry.example.com/team", kubeContext: "far" },
  ...{ publicUrl: "https://todo.example.com", databaseUrl: UNREADABLE },
};
const settings = (config: RawConfig = {}) =>
  readSettings(config, "unit", "databaseUrl" in config ? ["databaseUrl"] : []);

interface Service {
  metadata: { name: string; namespace: string };
  spec: { clusterIP?: string; ports?: { nodePort?: number }[] };
}
const service = (name: string, spec: Service["spec"], namespace = "todo-app"): Service => ({
  ...{ metadata: { name, namespace }, spec },
});

let there: { services: Service[]; namespace: string; answers: boolean };
let state: { resources?: { type: string }[] } | undefined;
let asked: string[];
let said: string[];
const cluster = {
  answers: async () => there.answers,
  list: async (...args: string[]) => {
    asked.push(args.join(" "));
    return there.services;
  },
  try: async (args: readonly string[]) => {
    asked.push(args.join(" "));
    if (!there.answers) return { code: 1, stdout: "", stderr: "connection refused\n" };
    return { code: 0, stdout: there.namespace, stderr: "" };
  },
} as unknown as Cluster;
const pulumi = (isLocal = true) =>
  ({ isLocal, stack: "unit", env: {}, state: async () => state }) as unknown as Pulumi;
const check = (config: RawConfig = {}, isLocal = true): Promise<void> =>
  preflight(settings(config), cluster, pulumi(isLocal));

beforeEach(() => {
  there = { services: [], namespace: "", answers: true };
  [state, asked, said] = [undefined, [], []];
  jest.mocked(findTunnel).mockReturnValue(undefined);
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.push(String(text).trim());
    return true;
  });
});
afterEach(() => jest.restoreAllMocks());

test("an update begins where nothing stands in its way", async () => {
  await expect(check()).resolves.toBeUndefined();
  expect(said).toEqual([]);
});

describe("the node port", () => {
  test("of another Service is refused, with whose it is", async () => {
    there.services = [
      service("other", {}, "shop"),
      service("web", { ports: [{}, { nodePort: 30_000 }] }, "shop"),
    ];
    await expect(check()).rejects.toMatchObject({
      ...{ what: "port 30000 is taken", why: "Service shop/web has it as its node port" },
    });
    expect(asked).toContain("services --all-namespaces");
  });

  test.each([
    ["this stack's own", service("todo-app-frontend", { ports: [{ nodePort: 30_000 }] })],
    ["at another port", service("web", { ports: [{ nodePort: 30_001 }] }, "shop")],
  ])("of a Service %s is none's business", async (_, one) => {
    there.services = [one];
    await expect(check()).resolves.toBeUndefined();
  });

  test.each([
    ["of this namespace, but no part of the release", "web", "todo-app"],
    ["of this name in another namespace", "todo-app-frontend", "shop"],
  ])("of a Service %s is taken", async (_, name, namespace) => {
    there.services = [service(name, { ports: [{ nodePort: 30_000 }] }, namespace)];
    await expect(check()).rejects.toMatchObject({ what: "port 30000 is taken" });
  });

  test("matters to no LoadBalancer", async () => {
    jest.mocked(findTunnel).mockReturnValue("ssh");
    there.services = [service("web", { ports: [{ nodePort: 30_000 }] }, "shop")];
    await expect(check({ serviceType: "LoadBalancer" })).resolves.toBeUndefined();
  });
});

describe("a LoadBalancer on Minikube", () => {
  test("needs a tunnel: Helm would wait in vain", async () => {
    await expect(check({ serviceType: "LoadBalancer" })).rejects.toMatchObject({
      ...{ what: "no tunnel runs", next: "in another terminal: minikube tunnel -p minikube" },
    });
  });

  test("elsewhere has the cluster's own", async () => {
    await expect(check({ ...FAR, serviceType: "LoadBalancer" })).resolves.toBeUndefined();
  });

  test("can't take another address in place", async () => {
    jest.mocked(findTunnel).mockReturnValue("route");
    there.services = [service("todo-app-frontend", { clusterIP: "10.96.0.9" })];
    const config = { serviceType: "LoadBalancer", loadBalancerIp: "10.96.0.50" };
    await expect(check(config)).rejects.toMatchObject({
      ...{ what: "Service todo-app-frontend can't take the address 10.96.0.50" },
      why: "it has 10.96.0.9, and Kubernetes changes no address in place",
    });
    there.services = [service("todo-app-frontend", { clusterIP: "10.96.0.50" })];
    await expect(check(config)).resolves.toBeUndefined();
  });

  test("can't take another Service's address", async () => {
    jest.mocked(findTunnel).mockReturnValue("route");
    there.services = [
      service("near", { clusterIP: "10.96.0.51" }, "shop"),
      service("todo-app-frontend", { clusterIP: "10.96.0.50" }, "shop"),
    ];
    const config = { serviceType: "LoadBalancer", loadBalancerIp: "10.96.0.50" };
    await expect(check(config)).rejects.toMatchObject({
      ...{ what: "the address 10.96.0.50 is taken", why: "Service shop/todo-app-frontend has it" },
    });
  });
});

describe("a namespace that is there", () => {
  beforeEach(() => {
    there.namespace = "namespace/todo-app\n";
  });

  test("and wasn't made by this stack is somebody else's", async () => {
    await expect(check()).rejects.toMatchObject({ what: "namespace todo-app is there already" });
    expect(asked).toContain("get namespace todo-app --ignore-not-found --output name");
    state = { resources: [{ type: "kubernetes:core/v1:Secret" }] };
    await expect(check()).rejects.toMatchObject({ what: "namespace todo-app is there already" });
  });

  test("and was made by this stack is its own", async () => {
    state = { resources: [{ type: "a" }, { type: "kubernetes:core/v1:Namespace" }] };
    await expect(check()).resolves.toBeUndefined();
  });

  test("is Pulumi's to ask about where the state is elsewhere", async () => {
    await expect(check({}, false)).resolves.toBeUndefined();
  });
});

describe("more connections than the local database has", () => {
  const many = { replicas: "20", databasePoolSize: "10" };
  test("are told, with what would fit", async () => {
    await check(many);
    expect(said).toEqual([
      "! 20 replicas with pools of 10 may open 441 connections, and the local database has 97: databasePoolSize 1 would fit",
    ]);
  });

  test("are no word where they fit", async () => {
    await check({ replicas: "2", databasePoolSize: "5" });
    expect(said).toEqual([]);
  });
});

describe("a cluster that has to be there", () => {
  test("is, where it answers", async () => {
    await expect(requireCluster(settings(), cluster)).resolves.toBeUndefined();
    expect(asked).toEqual([]);
  });

  test.each([
    [
      "Minikube's",
      {},
      'the cluster of context "minikube" doesn\'t answer',
      /^minikube status -p minikube; /,
    ],
    [
      "another",
      FAR,
      'the cluster of context "far" doesn\'t answer',
      /kubectl --context far get nodes/,
    ],
  ])("is told with what to do: %s", async (_, config, what, next) => {
    there.answers = false;
    await expect(requireCluster(settings(config), cluster)).rejects.toMatchObject({
      ...{ what, why: "connection refused", next: expect.stringMatching(next) },
    });
  });
});

describe("a profile's nodes run", () => {
  const node = (running: boolean) => ({ container: "minikube", running });
  test.each([
    [true, [node(true), node(true)]],
    [false, [node(true), node(false)]],
    [false, []],
  ])("%s: %j", async (expected, nodes) => {
    jest.mocked(listNodes).mockResolvedValue(nodes as never);
    expect(await nodesRun("minikube")).toBe(expected);
  });

  test("not where Docker can't be asked", async () => {
    jest.mocked(listNodes).mockRejectedValue(new Error("no docker"));
    expect(await nodesRun("minikube")).toBe(false);
  });
});

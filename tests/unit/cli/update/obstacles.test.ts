import type { Cluster } from "../../../../cli/session/cluster";
import type { Pulumi } from "../../../../cli/session/pulumi";
import { freeBytes, nodesRun, preflight, requireCluster } from "../../../../cli/update/preflight";
import { tryRun } from "../../../../common/run";
import { findTunnel, listNodes } from "../../../../components/minikube/profile";
import { readSettings } from "../../../../components/settings/settings";
import { written } from "../commands/support";

jest.mock("../../../../common/run", () => ({
  ...jest.requireActual<object>("../../../../common/run"),
  tryRun: jest.fn(),
}));
jest.mock("../../../../components/minikube/profile", () => ({
  ...jest.requireActual<object>("../../../../components/minikube/profile"),
  ...{ findTunnel: jest.fn(), listNodes: jest.fn() },
}));
jest.mock("node:fs/promises", () => ({
  ...jest.requireActual<object>("node:fs/promises"),
  statfs: jest.fn(async () => ({ bavail: 1024 ** 3, bsize: 4096 })),
}));

type Given = Readonly<Record<string, string>>;
const settings = (config: Given) =>
  readSettings(config, "dev", "databaseUrl" in config ? ["databaseUrl"] : []);
/** A stack on a cluster that isn't Minikube's. */
const ELSEWHERE = {
  ...{ imageDelivery: "registry", registry: "registry.example/team", kubeContext: "far" },
  ...{ publicUrl: "https://todo.example", databaseUrl: "postgresql://todo:hunter22@db/todo" },
};

interface Machine {
  services?: object[];
  /** What the state holds; undefined where it is elsewhere. */
  resources?: { type: string }[] | undefined;
  isLocal?: boolean;
  namespaces?: string;
}

/** The obstacles that an update finds. */
async function looked(config: Given, machine: Machine = {}) {
  const { services = [], resources, isLocal = true, namespaces = "" } = machine;
  const list = jest.fn(async () => services);
  const tried = jest.fn(async () => ({ code: 0, stdout: namespaces, stderr: "" }));
  const state = jest.fn(async () => (resources ? { resources } : undefined));
  const cluster = { list, try: tried } as unknown as Cluster;
  const pulumi = { env: { ONLY: "this" }, stack: "dev", isLocal, state } as unknown as Pulumi;
  const ended = await preflight(settings(config), cluster, pulumi).catch((error) => error);
  return { ended, list, tried, state };
}
const service = (namespace: string, name: string, nodePort?: number, clusterIP?: string) => ({
  metadata: { namespace, name },
  spec: { ...(nodePort ? { ports: [{}, { nodePort }] } : {}), ...(clusterIP ? { clusterIP } : {}) },
});

let err: string[];
beforeEach(() => {
  err = written("stderr");
  jest.mocked(tryRun).mockReset().mockResolvedValue({ code: 0, stdout: "", stderr: "" });
  jest.mocked(findTunnel).mockReset().mockReturnValue(undefined);
});
afterEach(() => jest.restoreAllMocks());

test("an update without obstacles says nothing, and asks the engine in Pulumi's environment", async () => {
  const { ended, list } = await looked({});
  expect([ended, err]).toEqual([undefined, []]);
  expect(jest.mocked(tryRun).mock.calls[0]?.slice(1)).toEqual([
    ["info", "--format", "{{.DockerRootDir}}"],
    { env: { ONLY: "this" } },
  ]);
  expect(list).toHaveBeenCalledWith("services", "--all-namespaces");
});

describe("a node port", () => {
  test("that another Service has is told with its owner", async () => {
    const services = [service("a", "free", 30_999), service("shop", "web", 30_001)];
    expect((await looked({ nodePort: "30001" }, { services })).ended).toMatchObject({
      what: "port 30001 is taken",
      why: "Service shop/web has it as its node port",
      next: expect.stringContaining("--stack dev"),
    });
  });

  test("of the stack's own Service is no obstacle", async () => {
    const services = [service("todo-app", "todo-app-frontend", 30_001)];
    expect((await looked({ nodePort: "30001" }, { services })).ended).toBeUndefined();
  });

  test.each([
    ["another namespace", service("shop", "todo-app-frontend", 30_001)],
    ["another name", service("todo-app", "web", 30_001)],
  ])("of a Service of %s is one", async (_, other) => {
    expect((await looked({ nodePort: "30001" }, { services: [other] })).ended).toMatchObject({
      what: "port 30001 is taken",
    });
  });

  test("is nobody's question where there is none", async () => {
    const { list, ended } = await looked({
      serviceType: "ClusterIP",
      publicUrl: "https://todo.example",
    });
    expect(ended).toBeUndefined();
    expect(list).not.toHaveBeenCalled();
  });
});

describe("an address that is asked for", () => {
  const ADDRESS = "10.96.0.50";
  const asked = (...services: object[]) => {
    jest.mocked(findTunnel).mockReturnValue("route");
    return looked({ serviceType: "LoadBalancer", loadBalancerIp: ADDRESS }, { services });
  };

  test("may be free, or the stack's own already", async () => {
    expect((await asked(service("shop", "web", undefined, "10.96.0.51"))).ended).toBeUndefined();
    const own = service("todo-app", "todo-app-frontend", undefined, ADDRESS);
    expect((await asked(own)).ended).toBeUndefined();
  });

  test("that another has is told with its owner", async () => {
    for (const other of [
      service("shop", "todo-app-frontend", undefined, ADDRESS),
      service("todo-app", "todo-app-backend", undefined, ADDRESS),
    ])
      expect((await asked(other)).ended).toMatchObject({
        what: `the address ${ADDRESS} is taken`,
        why: `Service ${other.metadata.namespace}/${other.metadata.name} has it`,
      });
  });

  test("is none that the stack's own Service can take while it has another", async () => {
    const own = service("todo-app", "todo-app-frontend", undefined, "10.96.0.7");
    expect((await asked(own)).ended).toMatchObject({
      what: `Service todo-app-frontend can't take the address ${ADDRESS}`,
      why: "it has 10.96.0.7, and Kubernetes changes no address in place",
      next: expect.stringContaining(
        "kubectl --context minikube --namespace todo-app delete service todo-app-frontend",
      ),
    });
  });
});

describe("a LoadBalancer on Minikube", () => {
  test("needs a tunnel of its own profile", async () => {
    expect((await looked({ serviceType: "LoadBalancer" })).ended).toMatchObject({
      what: "no tunnel runs",
      next: "in another terminal: minikube tunnel -p minikube",
    });
    expect(findTunnel).toHaveBeenCalledWith("minikube");
    jest.mocked(findTunnel).mockReturnValue("ssh");
    expect((await looked({ serviceType: "LoadBalancer" })).ended).toBeUndefined();
  });

  test("a node port, or another cluster, needs none", async () => {
    expect((await looked({})).ended).toBeUndefined();
    expect((await looked({ ...ELSEWHERE, serviceType: "LoadBalancer" })).ended).toBeUndefined();
  });
});

describe("connections of the local database", () => {
  test("that may be too many are told with a pool that fits, and the update goes on", async () => {
    const { ended } = await looked({ replicas: "10", databasePoolSize: "20" });
    expect(ended).toBeUndefined();
    expect(err.join("")).toMatch(
      /^! 10 replicas with pools of 20 may open \d+ connections, and the local database has 97: databasePoolSize \d+ would fit\n$/,
    );
  });

  test("of another server are that server's", async () => {
    const databaseUrl = "postgresql://todo:hunter22@db.example:5432/todo";
    await looked({ replicas: "10", databasePoolSize: "20", databaseUrl });
    expect(err).toEqual([]);
  });
});

describe("a namespace that is there", () => {
  const NAMESPACE = { type: "kubernetes:core/v1:Namespace" };
  const there = { namespaces: "namespace/todo-app\n" };

  test("and that this stack hasn't made is left alone", async () => {
    for (const resources of [undefined, [], [{ type: "kubernetes:core/v1:Secret" }]])
      expect((await looked({}, { ...there, resources })).ended).toMatchObject({
        what: "namespace todo-app is there already",
        why: expect.stringContaining('stack "dev" of this clone hasn\'t made it'),
        next: expect.stringContaining("kubectl --context minikube delete namespace todo-app"),
      });
  });

  test("and that this stack has made is no obstacle", async () => {
    const resources = [{ type: "kubernetes:core/v1:Secret" }, NAMESPACE];
    const { ended, tried } = await looked({}, { ...there, resources });
    expect(ended).toBeUndefined();
    expect(tried).not.toHaveBeenCalled();
  });

  test("isn't asked about where the state is in another backend", async () => {
    const { ended, state, tried } = await looked({}, { ...there, isLocal: false });
    expect(ended).toBeUndefined();
    expect(state).not.toHaveBeenCalled();
    expect(tried).not.toHaveBeenCalled();
  });

  test("is asked for by the stack's own name", async () => {
    const { tried } = await looked({ namespace: "shop" });
    expect(tried).toHaveBeenCalledWith([
      ...["get", "namespace", "shop", "--ignore-not-found", "--output", "name"],
    ]);
  });
});

describe("the profile's nodes", () => {
  const node = (running: boolean) => ({ container: "n", running });
  test.each([
    [[node(true), node(true)], true],
    [[node(true), node(false)], false],
    [[], false],
  ])("%j run: %s", async (nodes, run) => {
    jest.mocked(listNodes).mockResolvedValue(nodes);
    expect(await nodesRun("team")).toBe(run);
    expect(listNodes).toHaveBeenLastCalledWith("team");
  });

  test("that Docker doesn't tell of don't run", async () => {
    jest.mocked(listNodes).mockRejectedValue(new Error("no engine"));
    expect(await nodesRun("team")).toBe(false);
  });
});

describe("a cluster that doesn't answer", () => {
  const cluster = (stderr: string) => {
    const refused = { code: 1, stdout: "", stderr };
    return { answers: async () => false, try: async () => refused } as unknown as Cluster;
  };

  test("is told by kubectl's words, and what repairs a Minikube", async () => {
    await expect(requireCluster(settings({}), cluster("refused\n"))).rejects.toMatchObject({
      what: 'the cluster of context "minikube" doesn\'t answer',
      why: "refused",
      next: "minikube status -p minikube; minikube start -p minikube repairs most",
    });
  });

  test("and isn't Minikube's is somebody else's to repair", async () => {
    const far = settings(ELSEWHERE);
    await expect(requireCluster(far, cluster(""))).rejects.toMatchObject({
      what: 'the cluster of context "far" doesn\'t answer',
      next: "see that kubectl --context far get nodes works",
    });
  });

  test("is asked why within five seconds", async () => {
    const tried = jest.fn(async () => ({ code: 1, stdout: "", stderr: "refused" }));
    const silent = { answers: async () => false, try: tried } as unknown as Cluster;
    await expect(requireCluster(settings({}), silent)).rejects.toThrow("refused");
    expect(tried).toHaveBeenCalledWith(["version", "--request-timeout=5s"]);
  });

  test("one that does is asked nothing more", async () => {
    const answering = { answers: async () => true } as unknown as Cluster;
    await expect(requireCluster(settings({}), answering)).resolves.toBeUndefined();
  });
});

test("free room is what this user may write, in bytes", async () => {
  expect(await freeBytes("/")).toBe(1024 ** 3 * 4096);
});

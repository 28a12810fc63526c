import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { main } from "../../../../cli/main";
import type { ContainerStatus, Pod } from "../../../../cli/session/cluster";
import type { RunOptions, RunResult } from "../../../../common/run";
import { contentTag } from "../../../../components/images/build-context";
import { databaseName } from "../../../../components/names";
import type { KeptDeployment } from "../../../../components/record/deployment";
import { type RawConfig, readSettings, UNREADABLE } from "../../../../components/settings/settings";
import "../../../../cli/commands/doctor";
import { examine } from "../../../../cli/doctor/examine";
import { type Finding, line } from "../../../../cli/doctor/finding";
import { findNode } from "../../../../cli/doctor/toolchain";
import type { Damage } from "../../../../cli/update/repair";
import { version } from "../../../../package.json";
import type { ToolReport } from "../../../../tools";
import { folderWith } from "../../support/folder";

const STACK = "unit";
const NAMESPACE = "todo-app";
const FAR = {
  imageDelivery: "registry",
  registry: "registry.example.com/team",
  kubeContext: "far",
  publicUrl: "https://todo.example.com",
  databaseUrl: UNREADABLE,
};
const GOOD: RunResult = { code: 0, stdout: "", stderr: "" };

/** What commands say, by how their lines begin. */
type Answers = Readonly<Record<string, Partial<RunResult>>>;

interface Machine {
  config: RawConfig;
  reports: ToolReport[];
  /** What is answered otherwise than where all is well. */
  answers: Answers;
  profile: object | undefined;
  deployments: Pick<KeptDeployment, "tags">[];
  damage: Damage;
  free: number;
  clients: string[];
  /** What is told of the shell's Docker. */
  notes: string[];
}

const NO_DAMAGE: Damage = {
  ...{ staleLocks: [], liveLocks: [], pendingRelease: undefined, pendingOperations: 0 },
  vanished: [],
};
const PROFILE = {
  ...{ Driver: "docker", CPUs: 2, Memory: 4096 },
  KubernetesConfig: { ContainerRuntime: "containerd" },
  Nodes: [{ Name: "", IP: "192.168.49.2" }],
};
const DEPLOYED = { tags: { backend: "1", frontend: "2" } };
let machine: Machine;
let commands: string[];

const run = (command: string, args: readonly string[]): RunResult => {
  const text = [command, ...args].join(" ").replace(/ --context \S+ --namespace \S+/, "");
  commands.push(text);
  for (const answers of [machine.answers, WELL]) {
    const [, answer] = Object.entries(answers).find(([start]) => text.startsWith(start)) ?? [];
    if (answer) return { ...GOOD, ...answer };
  }
  return GOOD;
};
jest.mock("../../../../common/run", () => {
  const { CommandError } =
    jest.requireActual<typeof import("../../../../common/run")>("../../../../common/run");
  return {
    CommandError,
    tryRun: async (command: string, args: readonly string[]) => run(command, args),
    run: async (command: string, args: readonly string[], _?: RunOptions) => {
      const result = run(command, args);
      if (result.code !== 0) throw new CommandError([command, ...args].join(" "), result);
      return result.stdout.trim();
    },
  };
});
jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../tools", () => ({
  inspectTools: async () => machine.reports,
  ensureTools: () => Promise.reject(new Error("doctor installs nothing")),
  toolEnvironment: async () => ({ env: process.env, notes: machine.notes }),
  TOOL_VARIABLES: [],
}));
jest.mock("../../../../tools/engine", () => ({
  ...jest.requireActual<object>("../../../../tools/engine"),
  dockerClientFolder: async () => undefined,
}));
jest.mock("../../../../tools/install", () => ({
  ...jest.requireActual<object>("../../../../tools/install"),
  which: (name: string) => machine.clients.find((client) => client === name),
}));
jest.mock("../../../../cli/rollback/history", () => ({
  recordedBy: async () => ({ deployments: machine.deployments }),
}));
jest.mock("../../../../cli/update/preflight", () => ({
  freeBytes: async () => {
    if (Number.isNaN(machine.free)) throw new Error("no such folder");
    return machine.free;
  },
}));
jest.mock("../../../../cli/update/repair", () => ({ inspectDamage: async () => machine.damage }));
jest.mock("../../../../cli/session/workspace", () => ({
  ...jest.requireActual<object>("../../../../cli/session/workspace"),
  stackSettings: (stack: string) =>
    readSettings(machine.config, stack, "databaseUrl" in machine.config ? ["databaseUrl"] : []),
  checkPassphrase: async () => undefined,
}));

const list = (...items: object[]): Partial<RunResult> => ({ stdout: JSON.stringify({ items }) });

function container(name: string, state: ContainerStatus["state"], ready = false): ContainerStatus {
  return { name, ready, restartCount: 0, image: `todo-${name}:1`, state };
}

const RUNS = { running: { startedAt: "" } };

function pod(component: string, status: Partial<Pod["status"]> = {}): Pod {
  return {
    metadata: { name: `${component}-1`, creationTimestamp: "", labels: { component } },
    status: {
      phase: "Running",
      containerStatuses: [container(component, RUNS, true)],
      ...status,
    },
  };
}

const service = (name: string, nodePort: number, release?: string): object => ({
  metadata: {
    ...{ name, namespace: NAMESPACE },
    ...(release ? { annotations: { "meta.helm.sh/release-name": release } } : {}),
  },
  spec: { ports: [{ nodePort }] },
});

const databaseContainer = (status: string, port = 55_432): Partial<RunResult> => ({
  stdout: JSON.stringify([
    {
      State: { Running: status === "running", Status: status },
      HostConfig: {
        PortBindings: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] },
      },
      Config: { Labels: {} },
      NetworkSettings: { Networks: { minikube: {} } },
    },
  ]),
});

const nodeImages = (...names: string[]): Partial<RunResult> => ({
  stdout: JSON.stringify({
    images: names.map((name) => ({ id: "sha256:1", repoTags: [`docker.io/library/${name}`] })),
  }),
});

/** A machine where all is well. */
const WELL: Answers = {
  "docker --version": { stdout: "Docker version 28.2.2, build e6534b4" },
  "docker version": { stdout: "20.10.24+dfsg1\n" },
  "docker info --format {{.DockerRootDir}}": { stdout: "/var/lib/docker" },
  "docker info --format {{.NCPU}} {{.MemTotal}}": { stdout: "4 8000000000" },
  "docker info --format {{json .RegistryConfig": { stdout: "{}" },
  "docker ps --all": { stdout: "minikube\trunning" },
  "docker container inspect": databaseContainer("running"),
  "docker volume inspect": { stdout: JSON.stringify([{ Labels: {} }]) },
  "docker exec minikube crictl": nodeImages("todo-backend:1", "todo-frontend:2"),
  "docker image inspect": { stdout: "sha256:1" },
  "kubectl get pods": list(pod("backend"), pod("frontend")),
  "kubectl get endpointslices": list({ endpoints: [{ conditions: { ready: true } }] }),
  "kubectl get services": list(service("todo-app-frontend", 30_000, "todo-app")),
  "kubectl exec": { stdout: '{"status":"ready","checks":{"database":"ok"}}' },
};

const TOOLS = ["pulumi", "kubectl", "helm", "minikube"];
const tool = (name: string, source: ToolReport["source"] = "cache"): ToolReport => ({
  ...{ name, needed: "1.0.0", source },
  ...(source === "missing"
    ? { remedy: "npm run up installs it" }
    : { found: "1.0.0", path: `/tools/${name}` }),
});

async function examined(changes: Partial<Machine> = {}): Promise<Finding[]> {
  machine = {
    ...{ config: {}, answers: {}, profile: PROFILE, deployments: [DEPLOYED], damage: NO_DAMAGE },
    ...{ reports: TOOLS.map((name) => tool(name)), free: 1e11, clients: ["docker"] },
    notes: [],
    ...changes,
  };
  commands = [];
  const file = ".minikube/profiles/minikube/config.json";
  process.env.MINIKUBE_HOME = folderWith(
    machine.profile ? { [file]: JSON.stringify(machine.profile) } : {},
  );
  const findings: Finding[] = [];
  for await (const finding of examine(STACK)) findings.push(finding);
  return findings;
}

/** The findings about a subject, as they are printed. */
async function about(subject: string, changes: Partial<Machine> = {}): Promise<string> {
  const findings = (await examined(changes)).filter((finding) =>
    finding.subject.startsWith(subject),
  );
  return findings.map(line).join("\n");
}

const bad = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ level }) => level !== "ok");

const environment = { ...process.env };
const folder = process.cwd();
beforeEach(() => {
  for (const name of ["DOCKER_HOST", "PULUMI_BACKEND_URL"]) delete process.env[name];
  process.env.DOCKER_CONFIG = folderWith({});
});
afterEach(() => {
  process.env = { ...environment };
  process.chdir(folder);
});

describe("the whole list", () => {
  it("has no fault where all is well", async () => {
    expect(bad(await examined()).map(line)).toEqual([]);
  });

  it("installs nothing and starts nothing", async () => {
    await examined({ answers: { "docker version": { code: 1 } }, reports: [] });
    const reading =
      /^(docker (--version|version|info|ps|container inspect|network inspect|image inspect)|kubectl (get|exec)|pulumi stack output)/;
    expect(commands.filter((command) => !reading.test(command))).toEqual([]);
  });

  const SUBJECTS = [
    ...["Node.js", "Docker client", "Docker engine", "passphrase", "disk at"],
    ...["this machine", "Minikube profile", "Minikube's nodes", "cluster", "pods", "cluster DNS"],
    ...["node port", "(local database's )?port", "local database|todo-app-unit-database"],
    ...["database from inside", "images on|todo-backend", "images in Docker|todo-backend"],
    "locks",
  ];
  const BROKEN: [name: string, changes: Partial<Machine>][] = [
    ["Docker is missing", { clients: [] }],
    ["Docker is silent", { answers: { "docker version": { code: 1, stderr: "no daemon" } } }],
    ["no tool is installed", { reports: TOOLS.map((name) => tool(name, "missing")) }],
    ["the configuration is wrong", { config: { nodePort: "1", replicas: "0" } }],
    ["there is no Minikube profile", { profile: undefined }],
    ["the cluster is away", { answers: { "kubectl get": { code: 1, stderr: "refused" } } }],
  ];
  it.each(BROKEN)("is whole, and each fault has its remedy, where %s", async (_, changes) => {
    const findings = await examined(changes);
    const missing = SUBJECTS.filter(
      (subject) => !findings.some((finding) => new RegExp(`^(${subject})`).test(finding.subject)),
    );
    expect(missing).toEqual([]);
    expect(findings.some(({ level }) => level === "problem")).toBe(true);
    for (const finding of bad(findings)) expect(line(finding)).toMatch(/\n {4}remedy: \S/);
  });

  it("says of nothing that it is well, where the cluster is away", async () => {
    const away = { "kubectl get --raw": { code: 1, stderr: "refused" } };
    const findings = await examined({ answers: away });
    const unknown = findings.filter(({ found }) => found.startsWith("not checked: the cluster"));
    expect(unknown.map(({ level, subject }) => `${level} ${subject}`)).toEqual(
      [
        ...["pods", "cluster DNS", "node port", "URL", "database from inside the cluster"],
        ...["database connections", "images on the nodes", "locks and pending operations"],
      ].map((subject) => `warning ${subject}`),
    );
  });
});

describe("the programs that Docker asks for credentials", () => {
  it("are missed where they aren't there, as Docker Desktop's on WSL", async () => {
    process.env.DOCKER_CONFIG = folderWith({
      "config.json": JSON.stringify({
        credsStore: "desktop.exe",
        credHelpers: { "a.example": "docker", "b.example": "desktop.exe" },
      }),
    });
    const clients = ["docker", "docker-credential-docker"];
    const found = (await examined({ clients })).filter(({ subject }) =>
      subject.startsWith("docker-credential"),
    );
    expect(found.map(line)).toEqual([
      expect.stringMatching(/^! docker-credential-desktop\.exe: isn't on PATH.*\n {4}remedy: /),
    ]);
  });
});

describe("the database's connections", () => {
  const limit = (stdout: string): Answers => ({
    "kubectl exec backend-1 --container backend -- python -c \nimport os\nimport psycopg": {
      stdout,
    },
  });

  it("are enough for all pods, one more of each service included", async () => {
    expect(await about("database connections", { answers: limit("97\n") })).toBe(
      "✓ database connections: up to 22 of the server's 97",
    );
  });

  it("may be too few, and then a pool that fits is named", async () => {
    const changes = { config: { replicas: "5" }, answers: limit("47\n") };
    expect(await about("database connections", changes)).toMatch(
      /^! database connections: up to 66 of the server's 47\n {4}remedy: pulumi config set databasePoolSize 3 --stack unit/,
    );
  });

  it("aren't told by a pooler that doesn't say", async () => {
    expect(await about("database connections", { answers: limit("") })).toBe("");
  });
});

describe("the URL", () => {
  const URL = "http://localhost:9"; // nothing listens there
  const deployed = (url: string): Answers => ({ "pulumi stack output url": { stdout: url } });
  let server: HttpServer;

  beforeAll(async () => {
    server = createHttpServer((_, response) => void response.end("{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => void server.close());

  it("is well where it answers", async () => {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    expect(await about("URL", { answers: deployed(url) })).toBe(`✓ URL: ${url} answers`);
  });

  it("is to be mended where this machine doesn't reach it, and says how it is reached", async () => {
    expect(await about("URL", { answers: deployed(URL) })).toMatch(
      /^✗ URL: http:\/\/localhost:9 can't be reached from this machine \(.+\)\n {4}remedy: npm run open -- --stack unit/,
    );
  });

  it("may be for others, where the cluster is elsewhere", async () => {
    const found = await about("URL", { config: FAR, answers: deployed(URL) });
    expect(found).toMatch(/^! URL: /);
  });

  it("that isn't known is none", async () => {
    const answers = { "pulumi stack output url": { code: 255, stderr: "no stack" } };
    expect(await about("URL", { answers })).toBe("");
  });

  it("isn't asked before there is one", async () => {
    expect(await about("URL")).toBe("");
  });
});

describe("npm run doctor", () => {
  const printed = jest.spyOn(process.stdout, "write");
  beforeEach(() => {
    printed.mockReset();
    printed.mockReturnValue(true);
  });
  afterAll(() => printed.mockRestore());

  /** Its exit code, and the last line of what it prints. */
  async function doctor(changes: Partial<Machine>): Promise<[code: number | undefined, string]> {
    await examined(changes); // the same machine
    const [, , , work] = jest.mocked(main).mock.lastCall ?? [];
    const code = await work?.({
      stack: STACK,
      option: () => undefined,
      flag: () => false,
      words: [],
    });
    return [code, String(printed.mock.lastCall?.[0])];
  }

  it("fails where something must be mended, and only there", async () => {
    expect(await doctor({})).toEqual([0, "all is well\n"]);
    expect(await doctor({ answers: { "docker image inspect": { code: 1 } } })).toEqual([
      ...[0, "all is well, but for 2 warning(s)\n"],
    ]);
    expect(await doctor({ free: 0 })).toEqual([1, "2 to mend\n"]);
  });
});

describe("Node.js", () => {
  it.each([
    ["22.12.0", "ok"],
    ["24.4.1", "ok"],
    ["26.12.1", "ok"],
    ["22.11.0", "problem"],
    ["20.20.2", "problem"],
    ["18.20.0", "problem"],
  ])("%s is %s", (version, level) => {
    expect(findNode(version)).toMatchObject({ level, found: `${version} (needed: >=22.12)` });
  });
});

describe("tools", () => {
  it("are told with what was found and what is needed", async () => {
    expect(await about("helm")).toBe("✓ helm: 1.0.0 (needed: 1.0.0; cache)");
    const reports = [tool("helm", "missing")];
    expect(await about("helm", { reports })).toBe(
      "✗ helm: missing (needed: 1.0.0)\n    remedy: npm run up installs it",
    );
  });

  it("without kubectl, nothing is said about the cluster", async () => {
    const reports = TOOLS.map((name) => tool(name, name === "kubectl" ? "missing" : "cache"));
    expect(await about("pods", { reports })).toMatch(/^! pods: not checked: kubectl is missing\n/);
    expect(commands.filter((command) => command.startsWith("kubectl"))).toEqual([]);
  });
});

describe("Docker", () => {
  it("has a client and an engine, found and needed", async () => {
    expect(await about("Docker client")).toBe("✓ Docker client: 28.2.2 (needed: ≥ 20.10.0)");
    expect(await about("Docker engine")).toBe("✓ Docker engine: 20.10.24 (needed: ≥ 20.10.0)");
  });

  it.each([
    ["client", "docker --version", "Docker version 19.03.5, build 633a0ea"],
    ["engine", "docker version", "19.03.5"],
  ])("may have a %s that is too old", async (part, command, stdout) => {
    expect(await about(`Docker ${part}`, { answers: { [command]: { stdout } } })).toBe(
      `✗ Docker ${part}: 19.03.5 (needed: ≥ 20.10.0)\n    remedy: bring Docker up to date`,
    );
  });

  it.each([
    ["client", { "docker --version": { stdout: "podman version 5.4.2" } }],
    [
      "engine",
      {
        "docker version": { stdout: '{"Version":"5.4.2","Components":[{"Name":"Podman Engine"}]}' },
      },
    ],
  ])("may have a %s that is Podman's, which is named and refused", async (part, answers) => {
    expect(await about(`Docker ${part}`, { answers })).toMatch(
      /^✗ Docker \w+: .*5\.4\.2, which is not Docker\n.*install Docker/i,
    );
  });

  it.each([
    ["27.4.1", "✗"],
    ["27.5.0", "✓"],
  ])(
    "%s with images in containerd is %s: older ones take no build by the API",
    async (version, mark) => {
      const status = '[["driver-type","io.containerd.snapshotter.v1"]]';
      const answers = {
        "docker version": { stdout: `{"Version":"${version}"}` },
        "docker info --format {{json .DriverStatus}}": { stdout: status },
      };
      expect((await about("Docker engine", { answers }))[0]).toBe(mark);
    },
  );

  it("is told to be inside a node, after minikube docker-env", async () => {
    const notes = ["note: this shell's docker is the one inside Minikube's \"minikube\""];
    expect(await about("this shell", { notes })).toMatch(
      /^! this shell: this shell's docker .*\n.*--unset/,
    );
  });

  it("says why its engine doesn't answer, and where it is meant to", async () => {
    const answers = { "docker version": { code: 1, stderr: "Client: x\npermission denied\n" } };
    expect(await about("Docker engine", { answers })).toMatch(/permission denied\n.*start Docker/);
    process.env.DOCKER_HOST = "tcp://build:2375";
    expect(await about("Docker engine", { answers })).toMatch(/remedy: .*DOCKER_HOST \(tcp:/);
  });
});

describe("the configuration", () => {
  it("has each of its mistakes told", async () => {
    const found = await about("Pulumi.unit.yaml", { config: { nodePort: "1", replicas: "0" } });
    expect(found).toMatch(/^✗ Pulumi.unit.yaml: nodePort .*\n.*remedy: .*\n✗ .*: replicas /);
  });
});

describe("resources", () => {
  it("are those of Docker's machine, and beside them the profile's own", async () => {
    expect(await about("this machine")).toBe(
      "✓ this machine: 4 CPUs, 8.0 GB (needed: 2 CPUs, 4 GB)",
    );
    expect(await about("resources of")).toBe(
      '✓ resources of Minikube profile "minikube": 2 CPUs, 4096 MB (needed: 2 CPUs, 4 GB)',
    );
  });

  it.each([
    [{ Memory: 2200 }, /^! .*: 2 CPUs, 2200 MB .*\n.*remedy: .*minikube start .*--memory=4g/],
    [{ CPUs: 1 }, /^! .*: 1 CPUs, 4096 MB .*\n.*remedy: .*minikube delete -p minikube/],
    [{ CPUs: 0, Memory: 0 }, /^✓ .*: all CPUs, all memory /],
    [{ Memory: 4000 }, /^✓ .*: 2 CPUs, 4000 MB /],
  ])("of a profile with %j", async (share, expected) => {
    expect(await about("resources of", { profile: { ...PROFILE, ...share } })).toMatch(expected);
  });

  it("of a small machine are a warning", async () => {
    const answers = { "docker info --format {{.NCPU}}": { stdout: "1 2000000000" } };
    expect(await about("this machine", { answers })).toMatch(/^! .*1 CPUs, 2.0 GB.*\n.*remedy/);
  });

  it("are no matter of a cluster that isn't on this machine", async () => {
    expect(await about("this machine", { config: FAR })).toBe("");
    expect(await about("Minikube", { config: FAR })).toBe("");
  });

  it("of a machine are enough at 2 CPUs and 4 GB, each for itself", async () => {
    const of = (stdout: string) =>
      about("this machine", { answers: { "docker info --format {{.NCPU}}": { stdout } } });
    expect(await of("2 4000000000")).toMatch(/^✓ .*: 2 CPUs, 4\.0 GB/);
    expect(await of("1 4000000000")).toMatch(/^! /);
    expect(await of("2 3999999999")).toMatch(/^! /);
  });

  it("disk of five GiB isn't enough, more is; one inside Docker's own machine isn't looked at", async () => {
    const limit = 5 * 1024 ** 3;
    expect(await about("disk at /var", { free: limit })).toMatch(/^✗ .*: 5\.0 GiB free/);
    expect(await about("disk at /var", { free: limit + 1 })).toMatch(/^✓ .*: 5\.0 GiB free/);
    expect(await about("disk at /var", { free: Number.NaN })).toBe(
      "✓ disk at /var/lib/docker: not on this machine: inside Docker's own",
    );
  });

  it("disk is needed where the project and Docker are", async () => {
    const text = await about("disk at", { free: 2e9 });
    expect(text).toMatch(/✗ disk at .*: 1.9 GiB free \(needed: 5\)\n.*remedy: make room/);
    expect(text).toMatch(/✗ disk at \/var\/lib\/docker: .*\n.*remedy: docker system df/);
    expect(await about("Docker's disk", { clients: [] })).toMatch(/^! .*: not checked: no docker/);
  });
});

describe("the Minikube profile", () => {
  it("may be missing", async () => {
    expect(await about("Minikube profile", { profile: undefined })).toBe(
      '✗ Minikube profile "minikube": is missing\n    remedy: npm run up makes it',
    );
  });

  it("may have nodes that Docker doesn't know", async () => {
    const profile = { ...PROFILE, Driver: "kvm2" };
    expect(await about("Minikube's nodes", { profile })).toMatch(/^✓ .*: 1 of driver kvm2/);
  });

  it("has its nodes counted, and those that are stopped named", async () => {
    const profile = { ...PROFILE, Nodes: [{ Name: "" }, { Name: "m02" }, { Name: "m03" }] };
    const states = (...all: string[]) => ({
      "docker ps --all": {
        stdout: ["minikube", "minikube-m02", "minikube-m03"]
          .map((name, index) => `${name}\t${all[index]}`)
          .join("\n"),
      },
    });
    const of = (...all: string[]) =>
      about("Minikube's nodes", { profile, answers: states(...all) });
    expect(await of("running", "running", "running")).toBe("✓ Minikube's nodes: 3 of 3 run");
    expect(await of("exited", "running", "created")).toBe(
      "✗ Minikube's nodes: 1 of 3 run, not minikube, minikube-m03\n    remedy: npm run up starts them",
    );
    expect(await about("Minikube profile", { profile })).toBe(
      '✓ Minikube profile "minikube": docker, containerd, , 3 node(s)',
    );
  });

  it("may have nodes that are stopped", async () => {
    const answers = { "docker ps --all": { stdout: "minikube\texited" } };
    expect(await about("Minikube's nodes", { answers })).toMatch(
      /^✗ .*: 0 of 1 run, not minikube\n/,
    );
  });
});

describe("the cluster", () => {
  it("that is away is named by its context, with the reason", async () => {
    const answers = { "kubectl get --raw": { code: 1, stderr: "E1\nconnection refused\n" } };
    expect((await about("cluster", { answers })).split("\n")[0]).toBe(
      '✗ cluster: context "minikube" doesn\'t answer: connection refused',
    );
    const text = await about("locks", { answers });
    expect(text).toMatch(/^! .*: not checked: the cluster doesn't answer\n/);
  });

  it("has pods, each of which is to be ready", async () => {
    const waiting = { waiting: { reason: "ImagePullBackOff" } };
    const pending = pod("backend", { containerStatuses: [container("backend", waiting)] });
    const gone = { ...pod("frontend"), metadata: { ...pod("x").metadata, deletionTimestamp: "x" } };
    const answers = { "kubectl get pods": list(pending, pod("frontend"), gone) };
    expect(await about("pods", { answers })).toMatch(
      /^✗ pods: 1 of 2 ready; backend-1 ImagePullBackOff \(todo-backend:1\)\n.*npm run logs/,
    );
    expect(await about("pods", { answers: { "kubectl get pods": list() } })).toMatch(
      /^! pods: none in namespace todo-app\n.*npm run up -- --stack unit/,
    );
  });

  it("has pods of two services, and looks at no others: a test's, or one that ended", async () => {
    const failed = pod("smoke-test", { containerStatuses: [container("x", RUNS)] });
    const evicted = pod("backend", { phase: "Failed", containerStatuses: [] });
    const starting = pod("frontend");
    delete starting.status.containerStatuses;
    const answers = { "kubectl get pods": list(failed, evicted, pod("backend"), starting) };
    expect(await about("pods", { answers })).toMatch(
      /^✗ pods: 1 of 2 ready; frontend-1 is starting\n/,
    );
    const twice = [container("backend", RUNS, true), container("proxy", RUNS, false)];
    const half = { "kubectl get pods": list(pod("backend", { containerStatuses: twice })) };
    expect(await about("pods", { answers: half })).toMatch(/^✗ pods: 0 of 1 ready; /);
  });

  it("has DNS servers, of which one is enough", async () => {
    const of = (...ready: (boolean | undefined)[]) =>
      about("cluster DNS", {
        answers: {
          "kubectl get endpointslices": list(
            { endpoints: ready.map((each) => ({ conditions: { ready: each } })) },
            {},
          ),
        },
      });
    expect(await of(false, true, true)).toBe("✓ cluster DNS: 2 server(s) ready");
    expect(await of(false, undefined)).toMatch(
      /^✗ cluster DNS: no server is ready.*\n.*kubectl --context \S+ --namespace kube-system get pods .*; kubectl --context \S+ --namespace kube-system rollout restart/,
    );
    expect(commands).toContain(
      "kubectl get endpointslices --namespace kube-system --selector kubernetes.io/service-name=kube-dns --output json",
    );
  });

  it("names dev pods, as a killed terminal leaves them, and both ways out", async () => {
    const left = pod("backend");
    const metadata = {
      ...{ name: "backend-1", creationTimestamp: "2026-01-02T03:04:05Z" },
      labels: { component: "backend", "todo-app/dev": "true" },
    };
    const answers = { "kubectl get pods": list({ ...left, metadata }, pod("frontend")) };
    expect(await about("pods", { answers })).toMatch(/^✓ pods: 2 of 2 ready/);
    expect(await about("dev pods", { answers })).toMatch(
      /^! dev pods: the backend is a dev pod since 2026-01-02T03:04:05Z\n.*npm run dev -- --stack unit goes on.*npm run up -- --stack unit ends/,
    );
  });

  it("has DNS", async () => {
    const answers = { "kubectl get endpointslices": list({ endpoints: null }) };
    expect(await about("cluster DNS", { answers })).toMatch(/^✗ .*no server is ready.*\n.*coredns/);
  });

  it("that refuses to tell is not taken for empty", async () => {
    const refused = { code: 1, stderr: "Error: services is forbidden" };
    expect(await about("node port", { answers: { "kubectl get services": refused } })).toMatch(
      /^✗ node port: can't be told: Error: services is forbidden\n/,
    );
  });
});

describe("the node port", () => {
  it.each([
    [
      "is the release's own",
      service("todo-app-frontend", 30_000, "todo-app"),
      /^✓ .*is this stack/,
    ],
    ["is free", service("other", 30_001), /^✓ .*is free/],
    [
      "is another's in the same namespace",
      service("squatter", 30_000),
      /^✗ .*todo-app\/squatter\n/,
    ],
    [
      "is another release's",
      service("todo-app-x", 30_000, "x"),
      /^✗ .*todo-app\/todo-app-x\n.*set/,
    ],
  ])("%s", async (_, owner, expected) => {
    const answers = { "kubectl get services": list(owner) };
    expect(await about("node port", { answers })).toMatch(expected);
  });

  it("is no matter where the Service has none", async () => {
    const config = { serviceType: "ClusterIP", publicUrl: "http://todo.example.com" };
    expect(await about("node port", { config })).toBe("");
  });
});

describe("the local database's port", () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address ? address.port : 0;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it("is the stack's database's own", async () => {
    const config = { localDatabasePort: String(port) };
    const answers = { "docker container inspect": databaseContainer("running", port) };
    expect(await about("port", { config, answers })).toMatch(/^✓ port \d+ .*is this stack's/);
  });

  it("is taken by whatever else listens there", async () => {
    const config = { localDatabasePort: String(port) };
    const answers: Answers = {
      "docker container inspect": databaseContainer("exited", port),
      "docker ps --filter publish": { stdout: "other-database\n" },
    };
    expect(await about("port", { config, answers })).toMatch(
      /^✗ .*: is taken by container other-database\n.*set localDatabasePort/,
    );
    await new Promise((resolve) => server.close(resolve));
    expect(await about("port", { config, answers })).toMatch(/^✓ port \d+ .*: is free$/);
    server.listen(0);
  });

  it("is no matter of a stack that has a database elsewhere", async () => {
    expect(await about("port", { config: { databaseUrl: UNREADABLE } })).toBe("");
    expect(await about(databaseName(STACK), { config: { databaseUrl: UNREADABLE } })).toBe("");
  });
});

describe("the database", () => {
  const WITHOUT = pod("frontend");
  const BACKEND = "database from inside";

  it("has a container of its own, which runs", async () => {
    const answers = { "docker container inspect": databaseContainer("exited") };
    expect(await about(databaseName(STACK), { answers })).toMatch(/^✗ .*: exited\n.*npm run up/);
  });

  it("is asked for by the back end", async () => {
    expect(await about(BACKEND)).toBe(`✓ ${BACKEND} the cluster: reachable, says backend-1`);
    const stdout = '{"status":"unavailable","checks":{"database":"timeout"}}';
    const answers = {
      "kubectl exec": { code: 1, stdout, stderr: "command terminated with exit code 1" },
    };
    expect(await about(BACKEND, { answers })).toMatch(
      /^✗ .*: backend-1 isn't ready: database timeout\n.*remedy: .*the network of the nodes/,
    );
  });

  it("is asked for by a first deployment that hangs in its migration", async () => {
    const hanging = pod("backend", {
      phase: "Pending",
      initContainerStatuses: [container("migrate", RUNS)],
      containerStatuses: [container("backend", { waiting: { reason: "PodInitializing" } })],
    });
    const pods = { "kubectl get pods": list(hanging) };
    expect(await about(BACKEND, { answers: pods })).toMatch(/^✓ .*reachable from backend-1/);
    const answers = {
      ...pods,
      "kubectl exec": { code: 1, stderr: "timed out\ncommand terminated with exit code 1" },
    };
    const config = { databaseUrl: UNREADABLE };
    expect(await about(BACKEND, { answers, config })).toMatch(
      /^✗ .*: not reachable from backend-1: timed out\n.*remedy: see that databaseUrl/,
    );
    expect(commands.find((command) => command.startsWith("kubectl exec"))).toMatch(
      /^kubectl exec backend-1 --container migrate -- python -c /,
    );
  });

  it("is asked for by each back end that runs, and by none that goes", async () => {
    const named = (name: string, more: object = {}) => {
      const made = pod("backend");
      return { ...made, metadata: { ...made.metadata, name, ...more } };
    };
    const waits = { waiting: { reason: "PodInitializing" } };
    const starting = pod("backend", { containerStatuses: [container("backend", waits)] });
    const sidecar = { ...starting, status: { ...starting.status } };
    sidecar.status.containerStatuses = [container("backend", waits), container("proxy", RUNS)];
    const answers = {
      "kubectl get pods": list(
        ...[named("backend-a"), named("backend-b"), sidecar, pod("frontend")],
        named("backend-c", { deletionTimestamp: "x" }),
      ),
    };
    expect(await about(BACKEND, { answers })).toBe(
      ["a", "b"]
        .map((name) => `✓ ${BACKEND} the cluster: reachable, says backend-${name}`)
        .join("\n"),
    );
  });

  it("that the back end says nothing sensible of is told by its last words, or none", async () => {
    const of = (answer: Partial<RunResult>) =>
      about(BACKEND, { answers: { "kubectl exec": { code: 1, ...answer } } });
    expect(
      await of({
        stdout: "<html>",
        stderr: "a\nTraceback: x\ncommand terminated with exit code 1",
      }),
    ).toMatch(/^✗ .*: backend-1 isn't ready: Traceback: x\n/);
    expect(await of({ stderr: "command terminated with exit code 1" })).toMatch(
      /^✗ .*: backend-1 isn't ready: no answer\n/,
    );
    expect(await of({ stdout: '{"checks":{"database":"ok","migrations":"missing"}}' })).toMatch(
      /^✗ .*: backend-1 isn't ready: database ok, migrations missing\n/,
    );
  });

  it("that a migration failed on is told once, by exit code where there are no words", async () => {
    const failed = (name: string, state: object) => {
      const made = pod("backend", {
        phase: "Pending",
        initContainerStatuses: [container("migrate", state as never)],
        containerStatuses: [],
      });
      return { ...made, metadata: { ...made.metadata, name } };
    };
    const ended = (exitCode: number, message?: string) => ({
      terminated: { exitCode, ...(message ? { message } : {}) },
    });
    const of = (...pods: object[]) =>
      about(BACKEND, { answers: { "kubectl get pods": list(...pods) } });
    const text = await of(failed("a", ended(3)), failed("b", ended(4)));
    expect(text.match(/✗/g)).toHaveLength(1);
    expect(text).toMatch(/^✗ .*: a can't migrate it: exit code 3\n/);
    expect(await of(failed("a", ended(1, "x".repeat(400))))).toContain(`: ${"x".repeat(300)}\n`);
    expect(await of(failed("a", ended(0)))).not.toContain("can't migrate");
  });

  it("has the last words of a migration that has failed", async () => {
    const terminated = { exitCode: 1, message: "starting\npassword authentication failed\n" };
    const failed = pod("backend", {
      phase: "Pending",
      initContainerStatuses: [
        { ...container("migrate", { waiting: { reason: "CrashLoopBackOff" } }) },
      ].map((status) => ({ ...status, lastState: { terminated } })),
      containerStatuses: [container("backend", { waiting: { reason: "PodInitializing" } })],
    });
    expect(await about(BACKEND, { answers: { "kubectl get pods": list(failed) } })).toMatch(
      /^✗ .*: backend-1 can't migrate it: password authentication failed\n.*npm run logs/,
    );
  });

  it("is asked for by the nodes where no back end runs", async () => {
    const pods = { "kubectl get pods": list(WITHOUT) };
    expect(await about(BACKEND, { answers: pods })).toMatch(
      /^✓ .*: todo-app-unit-database:5432 answers node minikube/,
    );
    const stderr = "bash: connect: Connection refused\nbash: /dev/tcp/h/1: Connection refused";
    const answers = { ...pods, "docker exec minikube timeout": { code: 1, stderr } };
    expect(await about(BACKEND, { answers })).toMatch(
      /^✗ .*: node minikube doesn't reach .*: Connection refused\n.*remedy: .*the network of the nodes/,
    );
  });

  it("is not taken for reachable where nothing can ask", async () => {
    const changes = {
      answers: { "kubectl get pods": list() },
      config: { databaseUrl: UNREADABLE },
    };
    expect(await about(BACKEND, changes)).toMatch(
      /^! .*: not checked: no back-end pod runs.*\n.*remedy: .*npm run logs -- --component backend/,
    );
  });
});

describe("the images of what is deployed", () => {
  it("are on every node, and in Docker", async () => {
    const two = {
      profile: { ...PROFILE, Nodes: [{ Name: "" }, { Name: "m02" }] },
      answers: {
        "docker ps --all": { stdout: "minikube\trunning\nminikube-m02\trunning" },
        "docker exec minikube-m02 crictl": nodeImages("todo-frontend:2"),
      },
    };
    expect(await about("todo-backend:1", two)).toMatch(
      /✗ todo-backend:1: missing on 1 of 2 node\(s\)\n.*npm run up.*\n✓ todo-backend:1: in Docker/,
    );
    expect(await about("todo-frontend:2", two)).toMatch(/✓ .*: on 2 node\(s\)\n✓ .*: in Docker/);
  });

  it("that are what the folders hold are built again, others are of what was before", async () => {
    const lost = { answers: { "docker image inspect": { code: 1 } } };
    expect(await about("todo-backend:1", lost)).toContain(
      "remedy: npm run up -- --stack unit deploys what apps/backend is now: this image is of what it was before",
    );
    expect(await about("todo-frontend:2", lost)).toContain("deploys what apps/frontend is now");
    const tags = {
      backend: contentTag(version, "apps/backend"),
      frontend: contentTag(version, "apps/frontend"),
    };
    const now = { ...lost, deployments: [DEPLOYED, { tags }] };
    expect(await about(`todo-backend:${tags.backend}`, now)).toContain(
      "missing in Docker, where nodes that lose it get it from\n    remedy: npm run up -- --stack unit builds it again",
    );
    expect(await about("todo-backend:1", now)).toBe("");
  });

  it("that Docker has lost are a warning", async () => {
    const answers = { "docker image inspect": { code: 1 } };
    expect(await about("todo-backend:1", { answers })).toMatch(
      /! todo-backend:1: missing in Docker.*\n.*remedy: npm run up/,
    );
  });

  it.each<[string, Partial<RunResult>, RegExp]>([
    ["there", {}, /^✓ registry.example.com\/team\/todo-backend:1: in the registry/],
    ["missing", { code: 1, stderr: "no such manifest" }, /^✗ .*: missing.*\n.*npm run up/],
    ["denied", { code: 1, stderr: "denied: no" }, /^! .*denies.*\n.*docker login registry/],
    [
      "limited",
      { code: 1, stderr: "toomanyrequests: rate limit" },
      /^! .*asked too often.*\n.*docker login registry/,
    ],
    ["unknown", { code: 1, stderr: "x509: bad" }, /^! .*can't be told: .*x509: bad\n.*trusts it/],
  ])("may be %s in the registry", async (_, answer, expected) => {
    const changes = { config: FAR, answers: { "docker manifest inspect": answer } };
    expect(await about("registry.example.com/team/todo-backend", changes)).toMatch(expected);
  });

  it("are none before the first deployment", async () => {
    expect(await about("images on", { deployments: [] })).toMatch(/^✓ .*nothing has been deployed/);
  });
});

describe("the tunnel of a LoadBalancer", () => {
  it("is needed on Minikube", async () => {
    const config = { serviceType: "LoadBalancer" };
    expect(await about("tunnel", { config })).toBe(
      "✗ tunnel: doesn't run\n    remedy: in another terminal: minikube tunnel -p minikube",
    );
    expect(await about("tunnel")).toBe("");
    expect(await about("tunnel", { config: { ...FAR, ...config } })).toBe("");
  });
});

describe("what updates have left", () => {
  const LOCK = { pid: 7, username: "u", hostname: "h", timestamp: "t" };
  it.each<[string, Partial<Damage>, string]>([
    ["lock", { liveLocks: [LOCK] }, "! lock: an update (process 7) is under way since t\n"],
    ["lock", { staleLocks: [LOCK] }, "✗ lock: left by an update that was killed\n"],
    ["Helm release", { pendingRelease: "pending-upgrade" }, "✗ Helm release: pending-upgrade\n"],
    ["Pulumi's state", { pendingOperations: 2 }, "✗ Pulumi's state: 2 pending operation(s)\n"],
    ["Pulumi's state", { vanished: ["Secret x is gone"] }, "✗ Pulumi's state: Secret x is gone\n"],
  ])("%s: %j", async (subject, damage, expected) => {
    const text = await about(subject, { damage: { ...NO_DAMAGE, ...damage } });
    expect(text).toContain(expected);
    expect(text).toMatch(/remedy: (npm run (unlock|up) -- --stack unit|wait for it)/);
  });

  it("is said to be none only where it was looked at", async () => {
    expect(await about("locks")).toBe("✓ locks and pending operations: none");
    process.env.PULUMI_BACKEND_URL = "s3://states";
    expect(await about("locks")).toMatch(/: none here; the lock is where the state is$/);
  });
});

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { findEverything, toldOf } from "../../../../cli/destroy/everything";
import { openEverything } from "../../../../cli/destroy/open";
import { removeEverything } from "../../../../cli/destroy/remove";
import { destroyStack } from "../../../../cli/destroy/stack";
import { openSession, type Session, sessionWith } from "../../../../cli/session/session";
import { checkPassphrase } from "../../../../cli/session/workspace";
import { UserError } from "../../../../common/errors";
import type { RunResult } from "../../../../common/run";
import { readSettings } from "../../../../components/settings/settings";
import { ensureEngine, presentTools } from "../../../../tools";
import { engineLeft } from "../../../../tools/engine";
import { folderWith } from "../../support/folder";

/** What commands print, by how their lines begin; an Error where they fail, with its message. */
type Answers = Readonly<Record<string, string | Error>>;

let answers: Answers;
let commands: string[];
let order: string[];
/** Namespaces that stacks have made, as their states tell. */
let made: Record<string, string[]>;
const SETTINGS: Record<string, ReturnType<typeof readSettings>> = {
  dev: readSettings({}, "dev", []),
  staging: readSettings({ namespace: "todo-app-staging" }, "staging", []),
  lab: readSettings({ minikubeProfile: "lab" }, "lab", []),
};

jest.mock("../../../../common/run", () => ({
  tryRun: async (command: string, args: readonly string[]): Promise<RunResult> => {
    const line = [command, ...args].join(" ");
    commands.push(line);
    const found = Object.entries(answers).find(([start]) => line.startsWith(start))?.[1] ?? "";
    if (found instanceof Error) return { code: 1, stdout: "", stderr: found.message };
    return { code: 0, stdout: found, stderr: "" };
  },
}));
jest.mock("../../../../cli/session/workspace", () => {
  const ROOT = mockRoot();
  return {
    ROOT,
    stackFile: (stack: string) => join(ROOT, `Pulumi.${stack}.yaml`),
    stackSettings: (stack: string) => mockSettings(stack),
    settingsIn: () => mockSettings("dev"),
    stackConfig: (stack: string) => mockConfig(stack),
    isEncrypted: (value: unknown) => typeof value === "object",
    checkPassphrase: jest.fn(async () => undefined),
  };
});
jest.mock("../../../../cli/session/session", () => ({
  openSession: jest.fn(async (stack: string) => ({
    stack,
    settings: mockSettings(stack),
    tools: { env: {} },
    pulumi: {
      state: async () => ({
        resources: (made[stack] ?? []).map((name) => ({
          ...{ type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name } } },
        })),
      }),
    },
  })),
  sessionWith: jest.fn((stack: string) => ({ stack, tools: { env: {} } })),
}));
jest.mock("../../../../cli/destroy/stack", () => ({
  destroyStack: jest.fn(async ({ stack }: Session) => void order.push(stack)),
}));
jest.mock("../../../../tools", () => ({
  ensureEngine: jest.fn(async () => undefined),
  presentTools: jest.fn(async () => ({ env: {}, notes: [] })),
}));
jest.mock("../../../../tools/engine", () => ({ engineLeft: jest.fn() }));

function mockRoot(): string {
  const { mkdtempSync } = jest.requireActual<typeof import("node:fs")>("node:fs");
  return mkdtempSync("/tmp/everything-");
}

function mockSettings(stack: string): ReturnType<typeof readSettings> {
  const settings = SETTINGS[stack];
  if (!settings) throw new Error(`${stack} can't be read`);
  return settings;
}

/** Of staging's settings nothing else is right: it was never deployed. */
function mockConfig(stack: string): Record<string, unknown> {
  if (stack === "broken") throw new UserError({ what: "it can't be read", why: "x", next: "x" });
  return stack === "lab" ? { "todo-app:minikubeProfile": "lab" } : {};
}

const CLONE = jest.requireMock<{ ROOT: string }>("../../../../cli/session/workspace").ROOT;
const PASSPHRASE = join(CLONE, ".state/passphrase");
const PROFILE = {
  Driver: "docker",
  Nodes: [{ Name: "", IP: "192.168.49.2" }],
  ExposedPorts: ["127.0.0.1:30004:30004"],
};
const NAMESPACES = "kubectl --context minikube get namespaces";
const IN_DEFAULT = "kubectl --context minikube get all";
const EMPTY_DEFAULT = "service/kubernetes\nconfigmap/kube-root-ca.crt\nserviceaccount/default\n";
const OURS: Answers = {
  "docker volume ls": "todo-app-dev-database\n",
  "docker image ls":
    "todo-backend:0.1.0-1\ntodo-frontend:0.1.0-2\ntodo-backend-dev:0.1.0-3\ntodo-app/minikube-node:v1\npython:3.11-slim\n<none>:<none>\ntodo-backend:<none>\n",
  "docker network ls --filter label=created_by.minikube.sigs.k8s.io=true": "minikube\nlab\n",
  "docker network ls --filter label=com.docker.compose.project=todo-app-dev":
    "todo-app-dev_default\n",
  "docker ps --all --filter network=minikube":
    "minikube\ntodo-app-dev-database\nminikube-image-registry\n",
  "docker ps --all --format": "minikube\ttodo-app/minikube-node:v1\n",
  [NAMESPACES]:
    "namespace/default\nnamespace/kube-system\nnamespace/todo-app\nnamespace/todo-app-staging\n",
  [IN_DEFAULT]: EMPTY_DEFAULT,
};
const SILENT: Answers = { ...OURS, [NAMESPACES]: new Error("refused") };
const environment = { ...process.env };
let cache: string;

/** The session of any stack of this clone. */
function session(
  stacks: readonly { name: string; resourceCount?: number }[] = [
    { name: "dev", resourceCount: 9 },
    { name: "staging", resourceCount: 9 },
  ],
  isLocal = true,
): Session {
  return {
    pulumi: {
      isLocal,
      json: async () => stacks,
      env: { PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE },
    },
    tools: { env: {} },
  } as unknown as Session;
}

/** Puts files into the clone. */
function clone(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(CLONE, name)), { recursive: true });
    writeFileSync(join(CLONE, name), content);
  }
}

/** Minikube's profiles of these names, made by `npm run up` or by somebody else. */
function profiles(names: readonly string[], isOurs = true): void {
  const profile = JSON.stringify(isOurs ? PROFILE : { ...PROFILE, ExposedPorts: [] });
  process.env.MINIKUBE_HOME = folderWith(
    Object.fromEntries(names.map((name) => [`.minikube/profiles/${name}/config.json`, profile])),
  );
}

/** What was told of the profile. */
async function toldOfProfile(): Promise<string | undefined> {
  const told = toldOf(await findEverything(session()));
  return told.find((line) => /Minikube profile/.test(line));
}

beforeEach(() => {
  answers = OURS;
  [commands, order] = [[], []];
  made = { dev: ["todo-app"], staging: ["todo-app-staging"] };
  jest.mocked(destroyStack).mockClear();
  jest.mocked(engineLeft).mockResolvedValue({ told: [] });
  profiles(["minikube"]);
  process.env.XDG_CACHE_HOME = folderWith({
    "todo-app-minikube/pulumi/bin": "",
    "todo-app-minikube/runc-wrapper/1.0.0/runc-wrapper": "",
  });
  cache = join(process.env.XDG_CACHE_HOME, "todo-app-minikube");
  clone({
    ".state/.pulumi/stacks/todo-app/dev.json": "{}",
    ".state/passphrase": "secret",
    "Pulumi.staging.yaml": "config:\n  todo-app:replicas: 2\n",
  });
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  rmSync(CLONE, { recursive: true });
  process.env = { ...environment };
  jest.restoreAllMocks();
});

describe("destroy --everything", () => {
  it("tells what it would remove, and has removed nothing by then", async () => {
    expect(toldOf(await findEverything(session()))).toEqual([
      "to be removed:",
      "- stacks: dev, staging",
      "- data of local databases: todo-app-dev-database",
      "- Minikube profiles: minikube",
      "- Docker networks: minikube, todo-app-dev_default",
      "- images: todo-backend:0.1.0-1, todo-frontend:0.1.0-2, todo-backend-dev:0.1.0-3, todo-app/minikube-node:v1",
      `- folders: ${join(CLONE, ".state")}, ${cache} (tools of all your clones)`,
    ]);
    expect(commands.filter((line) => /delete| rm /.test(line))).toEqual([]);
    expect(commands[0]).toContain(`label=todo-app.folder=${CLONE}`);
    expect(commands[0]).toContain(`label=todo-app.user=${userInfo().username}`);
  });

  it("removes it: stacks with their data first, the tools last", async () => {
    const found = await findEverything(session());
    commands = [];
    await removeEverything(found);
    expect(order).toEqual(["dev", "staging"]);
    expect(jest.mocked(destroyStack).mock.calls[0]?.[1]).toEqual([
      ...["delete-data", "forget-stack", "forget-cluster"],
    ]);
    expect(commands).toEqual([
      "docker rm --force --volumes minikube-image-registry",
      "minikube delete --profile minikube",
      "docker rm --force todo-app-dev-database",
      "docker volume rm todo-app-dev-database",
      "docker network rm minikube",
      "docker network rm todo-app-dev_default",
      "docker image rm --force todo-backend:0.1.0-1",
      "docker image rm --force todo-frontend:0.1.0-2",
      "docker image rm --force todo-backend-dev:0.1.0-3",
      "docker image rm --force todo-app/minikube-node:v1",
    ]);
    expect([existsSync(cache), existsSync(join(CLONE, ".state"))]).toEqual([false, false]);
  });

  it.each<[string, Answers, RegExp]>([
    [
      "namespaces of others are in it",
      { [NAMESPACES]: "namespace/todo-app\nnamespace/shop\nnamespace/kube-prometheus\n" },
      /and images: it has namespaces that no stack of this clone has made \(shop, kube-prometheus\)/,
    ],
    [
      "somebody works in its namespace default",
      { [IN_DEFAULT]: `${EMPTY_DEFAULT}deployment.apps/shop\n` },
      /and images: somebody works in its namespace default \(deployment.apps\/shop\)/,
    ],
    [
      "nobody may see what is in its namespace default",
      { [IN_DEFAULT]: new Error("forbidden") },
      /and images: it doesn't tell what is in its namespace default/,
    ],
    [
      "another clone's database is on its network",
      {
        "docker ps --all --filter network=minikube":
          "minikube\ntodo-app-dev-database\ntodo-app-other-database\n",
      },
      /and images: containers of others are on its network \(todo-app-other-database\)/,
    ],
  ])("leaves a Minikube profile where %s", async (_, others, told) => {
    answers = { ...OURS, ...others };
    expect(await toldOfProfile()).toMatch(told);
    const found = await findEverything(session());
    commands = [];
    await removeEverything(found);
    expect(commands.filter((line) => /minikube delete|image rm|rm minikube/.test(line))).toEqual(
      [],
    );
    expect(jest.mocked(destroyStack).mock.calls[0]?.[1]).not.toContain("forget-cluster");
  });

  it("leaves a profile where another clone's stack has the namespace that a file here names too", async () => {
    made = { dev: ["todo-app"], staging: [] };
    expect(await toldOfProfile()).toMatch(/no stack of this clone has made \(todo-app-staging\)/);
  });

  it.each([
    ["runs", OURS],
    ["is stopped", SILENT],
  ])("leaves a profile that npm run up has not made, whether it %s", async (_, said) => {
    answers = said;
    profiles(["minikube"], false);
    expect(await toldOfProfile()).toBe(
      "kept: Minikube profile minikube: npm run up has not made it",
    );
  });

  it("removes a stopped profile that up has made for a stack of this clone, and says that nobody has looked into it", async () => {
    answers = SILENT;
    expect(await toldOfProfile()).toBe(
      "- Minikube profiles: minikube (it doesn't answer: whatever is in it goes too)",
    );
    made = {};
    expect(await toldOfProfile()).toMatch(/kept: .*minikube start --profile minikube, then run/);
  });

  it("finds the profiles of stacks that no state names any more, and one of a file that can't be read stays", async () => {
    profiles(["minikube", "lab"]);
    clone({ "Pulumi.lab.yaml": "", "Pulumi.broken.yaml": "" });
    rmSync(join(CLONE, ".state"), { recursive: true });
    answers = { ...OURS, [NAMESPACES]: "namespace/default\n" };
    const told = toldOf(await findEverything(session([])));
    expect(told).toContain("- Minikube profiles: minikube, lab");
    expect(told).toContain("- Docker networks: minikube, lab");
    expect(jest.mocked(process.stderr.write).mock.calls.join("")).toMatch(
      /Pulumi.broken.yaml can't be read/,
    );
  });

  it("finds the names under which images were on their way to the profile's registry", async () => {
    const name = "127.0.0.1:5999/library/todo-backend:0.1.0-1";
    answers = { ...OURS, "docker image ls": `${name}\n127.0.0.1:5999/library/shop:1\n` };
    expect((await findEverything(session())).images).toEqual([name]);
  });

  it("leaves images that a container of others was started from", async () => {
    answers = {
      ...OURS,
      "docker ps --all --format":
        "minikube\ttodo-app/minikube-node:v1\nother\ttodo-app/minikube-node:v1\n",
    };
    expect(toldOf(await findEverything(session()))).toContain(
      "- images: todo-backend:0.1.0-1, todo-frontend:0.1.0-2, todo-backend-dev:0.1.0-3",
    );
  });

  it("leaves all images where npm run up has made another profile, as for another clone, that is there", async () => {
    profiles(["minikube", "other"]);
    expect((await findEverything(session())).images).toHaveLength(4); // Minikube's files alone remember it
    answers = {
      ...OURS,
      "docker ps --all --format": "minikube\ttodo-app/minikube-node:v1\nother\tkicbase:v1\n",
    };
    const told = toldOf(await findEverything(session()));
    expect(told.at(-1)).toMatch(/^kept: images: Minikube profile other, .* may need them$/);
    expect(told.join()).not.toContain("- images");
  });

  it("leaves a network of the profile's name that Minikube has not made", async () => {
    answers = {
      ...OURS,
      "docker network ls --filter label=created_by.minikube.sigs.k8s.io=true": "",
      "docker network ls --format": "bridge\nminikube\n",
    };
    const { networks } = await findEverything(session());
    expect(networks).not.toContain("minikube");
  });

  it("refuses, before anything goes, where a stack that has something in a cluster has no file any more", async () => {
    await expect(
      findEverything(session([{ name: "gone", resourceCount: 5 }])),
    ).rejects.toMatchObject({
      what: 'stack "gone" has no file any more',
      next: expect.stringContaining("pulumi stack rm gone --force"),
    });
    const { stacks } = await findEverything(session([{ name: "gone", resourceCount: 0 }]));
    expect(stacks).toEqual([]);
  });

  it("keeps the state of a stack whose file is there, but can't be read", async () => {
    clone({ "Pulumi.gone.yaml": "<<<<<<< HEAD" });
    jest.mocked(openSession).mockRejectedValueOnce(new Error("it can't be read"));
    await expect(findEverything(session([{ name: "gone" }]))).rejects.toThrow("it can't be read");
  });

  it("takes out of stacks' files what nothing can read without this clone's passphrase", async () => {
    const salt = "encryptionsalt: v1:salt\n";
    clone({
      "Pulumi.staging.yaml": `config:\n  # two\n  todo-app:replicas: "2"\n  todo-app:databaseUrl:\n    secure: v1:x\n${salt}`,
      "Pulumi.dev.yaml": salt,
    });
    const found = await findEverything(session());
    expect(toldOf(found)).toContain(
      "- what only this clone's passphrase can read: encryptionsalt in Pulumi.dev.yaml, encryptionsalt and todo-app:databaseUrl in Pulumi.staging.yaml",
    );
    await removeEverything(found);
    expect(existsSync(join(CLONE, "Pulumi.dev.yaml"))).toBe(false);
    expect(readFileSync(join(CLONE, "Pulumi.staging.yaml"), "utf8")).toBe(
      'config:\n  # two\n  todo-app:replicas: "2"\n',
    );
  });

  it.each([
    ["the user's own passphrase", { PULUMI_CONFIG_PASSPHRASE: "x" }, true],
    ["a passphrase that lies elsewhere", { PULUMI_CONFIG_PASSPHRASE_FILE: "/else" }, true],
    ["another passphrase than this clone's", {}, false],
  ])("leaves what %s can read", async (_, env, fits) => {
    clone({ "Pulumi.dev.yaml": "encryptionsalt: v1:salt\n" });
    const here = session();
    Object.assign(here.pulumi.env, env);
    if (!fits) jest.mocked(checkPassphrase).mockRejectedValueOnce(new Error("wrong"));
    expect((await findEverything(here)).encrypted).toEqual([]);
  });

  it("keeps of the cache what an engine that goes on starts containers by, and says so", async () => {
    const told = ["goes on: the Docker engine", "kept: the wrapper"];
    jest.mocked(engineLeft).mockResolvedValue({ needs: "runc-wrapper", told });
    const found = await findEverything(session());
    expect(toldOf(found).slice(-2)).toEqual(told);
    await removeEverything(found);
    expect(existsSync(join(cache, "runc-wrapper/1.0.0/runc-wrapper"))).toBe(true);
    expect(existsSync(join(cache, "pulumi"))).toBe(false);
  });

  it("keeps the tools where something can't be removed, and names the command that failed", async () => {
    const found = await findEverything(session());
    answers = {
      ...OURS,
      "minikube delete": new Error("* refused"),
      "docker network rm minikube": new Error("network minikube not found"),
      "docker network rm todo-app-dev_default": new Error("network has active endpoints"),
      "docker image rm --force todo-backend": new Error("No such image: todo-backend"),
      "docker image rm --force todo-frontend": new Error("No such image: a\nconflict: it runs"),
    };
    await expect(removeEverything(found)).rejects.toMatchObject({
      what: "not everything is removed",
      why: [
        "minikube delete --profile minikube: * refused",
        "docker image rm --force todo-frontend:0.1.0-2: conflict: it runs",
      ].join("\n"),
    });
    expect(existsSync(cache)).toBe(true);
  });

  it("isn't for stacks whose state others may share", async () => {
    await expect(findEverything(session(undefined, false))).rejects.toMatchObject({
      what: "--everything is for stacks whose state is in this clone",
    });
  });
});

describe("the tools for it", () => {
  beforeEach(() => {
    for (const mock of [openSession, sessionWith, presentTools, ensureEngine])
      jest.mocked(mock).mockClear();
    process.env.PATH = "/nowhere";
  });

  it("are got where a stack has a state, or up has made a profile, that needs them to go", async () => {
    await openEverything();
    rmSync(join(CLONE, ".state"), { recursive: true });
    await openEverything();
    expect(jest.mocked(openSession)).toHaveBeenCalledTimes(2);
    expect(jest.mocked(ensureEngine)).toHaveBeenCalledTimes(2);
  });

  it("are those that are there, where nothing was deployed", async () => {
    rmSync(join(CLONE, ".state"), { recursive: true });
    profiles([]);
    await openEverything();
    expect(jest.mocked(openSession)).not.toHaveBeenCalled();
    expect(jest.mocked(presentTools)).toHaveBeenCalled();
    expect(jest.mocked(ensureEngine)).not.toHaveBeenCalled();
    expect(existsSync(join(CLONE, ".state"))).toBe(false);
  });
});

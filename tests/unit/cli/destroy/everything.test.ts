import { existsSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { findEverything, removeEverything, toldOf } from "../../../../cli/destroy/everything";
import { destroyStack } from "../../../../cli/destroy/stack";
import type { Session } from "../../../../cli/session/session";
import { UserError } from "../../../../common/errors";
import type { RunResult } from "../../../../common/run";
import { readSettings } from "../../../../components/settings/settings";
import { folderWith } from "../../support/folder";

/** What commands print, by how their lines begin; undefined where they fail. */
type Answers = Readonly<Record<string, string | undefined>>;

let answers: Answers;
let commands: string[];
let order: string[];
const SETTINGS = {
  dev: readSettings({}, "dev", []),
  staging: readSettings({ namespace: "todo-app-staging" }, "staging", []),
};

jest.mock("../../../../common/run", () => ({
  tryRun: async (command: string, args: readonly string[]): Promise<RunResult> => {
    const line = [command, ...args].join(" ");
    commands.push(line);
    const found = Object.entries(answers).find(([start]) => line.startsWith(start));
    if (found && found[1] === undefined) return { code: 1, stdout: "", stderr: "refused" };
    return { code: 0, stdout: found?.[1] ?? "", stderr: "" };
  },
}));
jest.mock("../../../../cli/session/workspace", () => ({ ROOT: mockRoot() }));
jest.mock("../../../../cli/session/session", () => ({
  openSession: async (stack: keyof typeof SETTINGS) => {
    if (!(stack in SETTINGS)) throw new UserError({ what: "x", why: "x", next: "x" });
    return { stack, settings: SETTINGS[stack] };
  },
}));
jest.mock("../../../../cli/destroy/stack", () => ({
  destroyStack: jest.fn(async ({ stack }: Session) => void order.push(stack)),
}));

function mockRoot(): string {
  const { mkdtempSync } = jest.requireActual<typeof import("node:fs")>("node:fs");
  return mkdtempSync("/tmp/everything-");
}

const CLONE = jest.requireMock<{ ROOT: string }>("../../../../cli/session/workspace").ROOT;
const PROFILE = {
  Driver: "docker",
  Nodes: [{ Name: "", IP: "192.168.49.2" }],
  ExposedPorts: ["127.0.0.1:30004:30004"],
};
const OURS: Answers = {
  "docker volume ls": "todo-app-dev-database\n",
  "docker image ls":
    "todo-backend:0.1.0-1\ntodo-frontend:0.1.0-2\ntodo-app/minikube-node:v1\npython:3.11-slim\n<none>:<none>\n",
  "docker network ls": "bridge\nminikube\ntodo-app-dev_default\nother_default\n",
  "docker ps": "minikube\ntodo-app-dev-database\n",
  "kubectl --context minikube get namespaces":
    "namespace/default\nnamespace/kube-system\nnamespace/todo-app\nnamespace/todo-app-staging\n",
};
const environment = { ...process.env };
let cache: string;

/** The session of any stack of this clone. */
function session(stacks: readonly string[] = ["dev", "staging"], isLocal = true): Session {
  return {
    pulumi: { isLocal, json: async () => stacks.map((name) => ({ name })) },
    tools: { env: {} },
  } as unknown as Session;
}

beforeEach(() => {
  answers = OURS;
  [commands, order] = [[], []];
  jest.mocked(destroyStack).mockClear();
  process.env.MINIKUBE_HOME = folderWith({
    ".minikube/profiles/minikube/config.json": JSON.stringify(PROFILE),
  });
  process.env.XDG_CACHE_HOME = folderWith({ "todo-app-minikube/pulumi/bin": "" });
  cache = join(process.env.XDG_CACHE_HOME, "todo-app-minikube");
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
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
      "- images: todo-backend:0.1.0-1, todo-frontend:0.1.0-2, todo-app/minikube-node:v1",
      `- folders: ${cache}`,
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
      "minikube delete --profile minikube",
      "docker volume rm todo-app-dev-database",
      "docker network rm minikube",
      "docker network rm todo-app-dev_default",
      "docker image rm --force todo-backend:0.1.0-1 todo-frontend:0.1.0-2 todo-app/minikube-node:v1",
    ]);
    expect(existsSync(cache)).toBe(false);
  });

  it.each<[string, Answers, RegExp]>([
    [
      "namespaces of others are in it",
      { "kubectl --context minikube get namespaces": "namespace/todo-app\nnamespace/shop\n" },
      /kept: Minikube profile minikube, and images: it has namespaces of others \(shop\)/,
    ],
    [
      "another clone's database is on its network",
      { "docker ps": "minikube\ntodo-app-dev-database\ntodo-app-other-database\n" },
      /kept: .*containers of others are on its network \(todo-app-other-database\)/,
    ],
  ])("leaves a Minikube profile where %s", async (_, others, told) => {
    answers = { ...OURS, ...others };
    const found = await findEverything(session());
    expect(toldOf(found).at(-1)).toMatch(told);
    commands = [];
    await removeEverything(found);
    expect(commands.filter((line) => /minikube delete|image rm|rm minikube/.test(line))).toEqual(
      [],
    );
    expect(jest.mocked(destroyStack).mock.calls[0]?.[1]).not.toContain("forget-cluster");
  });

  it("removes a stopped profile that up has made, and leaves one that others have", async () => {
    answers = { ...OURS, "kubectl --context minikube get namespaces": undefined };
    expect(toldOf(await findEverything(session()))).toContain("- Minikube profiles: minikube");
    process.env.MINIKUBE_HOME = folderWith({
      ".minikube/profiles/minikube/config.json": JSON.stringify({ ...PROFILE, ExposedPorts: [] }),
    });
    expect(toldOf(await findEverything(session())).at(-1)).toMatch(/kept: .*doesn't answer/);
  });

  it("names a stack that it can't destroy", async () => {
    const found = await findEverything(session(["gone"]));
    await removeEverything(found);
    expect(jest.mocked(destroyStack)).not.toHaveBeenCalled();
    expect(jest.mocked(process.stderr.write).mock.calls.join("")).toMatch(
      /stack "gone" has no file/,
    );
  });

  it("keeps the state of a stack whose file is there, but can't be read", async () => {
    writeFileSync(join(CLONE, "Pulumi.gone.yaml"), "<<<<<<< HEAD");
    try {
      await expect(findEverything(session(["gone"]))).rejects.toBeInstanceOf(UserError);
    } finally {
      rmSync(join(CLONE, "Pulumi.gone.yaml"));
    }
  });

  it("keeps the tools where something can't be removed, and names the command that failed", async () => {
    const found = await findEverything(session());
    answers = { ...OURS, "minikube delete": undefined };
    await expect(removeEverything(found)).rejects.toMatchObject({
      what: "not everything is removed",
      why: "minikube delete --profile minikube: refused",
    });
    expect(existsSync(cache)).toBe(true);
  });

  it("isn't for stacks whose state others may share", async () => {
    await expect(findEverything(session(["dev"], false))).rejects.toMatchObject({
      what: "--everything is for stacks whose state is in this clone",
    });
  });
});

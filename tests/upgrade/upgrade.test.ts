/** A stack that version 0.1.0 deployed, with people's tasks and three kept deployments, in the hands of today's program. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { run, tryRun } from "../../common/run";
import { databaseName } from "../../components/names";
import { ensureTools } from "../../tools";
import { Client, type Task } from "../cluster/support/client";
import { TestStack, type TestStackOptions } from "../run/test-stack";
import { FirstVersion, isKnown } from "./support/first-version";

const MINUTE = 60_000;
jest.setTimeout(40 * MINUTE);

const PROFILE = process.env.UPGRADE_TEST_PROFILE || "todo-upgrade";
const NAMESPACE = "todo-app";
const SMALL = { requests: { cpu: "50m", memory: "128Mi" } };
const VALUES = {
  ...{ minikubeProfile: PROFILE, nodePort: 30_013, localDatabasePort: 55_471 },
  ...{ backendResources: SMALL, frontendResources: SMALL },
};
const OPTIONS: TestStackOptions = {
  ...{ name: "upgrade", namespace: NAMESPACE, context: PROFILE },
  config: stringify({
    config: Object.fromEntries(
      Object.entries(VALUES).map(([key, value]) => [`todo-app:${key}`, value]),
    ),
  }),
};
const STACK = ["--stack", OPTIONS.name];
const TASKS = ["buy milk", "call mum", "file taxes"];

/** What tells one kept deployment from the others. */
interface Deployed {
  backend: string;
  frontend: string;
  logLevel: string;
  /** Of the chart, in seconds. */
  deadline: number;
}

/** A row of `npm run rollback -- --list --json`, as far as the test looks into it. */
interface Listed {
  number: number;
  result: string;
  kept: boolean;
  current: boolean;
  tags: { backend: string; frontend: string };
}

/** What no update may change. */
interface Lasting {
  namespace: string;
  /** Fingerprints by name; of the database's URL that of its password, as its host may move. */
  secrets: Record<string, string>;
  tasks: Pick<Task, "id" | "title" | "completed">[];
}

const environment = { ...process.env };
let old: FirstVersion;
let today: TestStack;
let user: Client;
const versions: Deployed[] = [];
let before: Lasting;

async function kubectl(...args: string[]): Promise<string> {
  return run("kubectl", ["--context", PROFILE, "--namespace", NAMESPACE, ...args]);
}

async function get<T>(...what: string[]): Promise<T> {
  return JSON.parse(await kubectl("get", ...what, "--output", "json")) as T;
}

async function deployed(): Promise<Deployed> {
  interface Deployment {
    spec: {
      progressDeadlineSeconds: number;
      template: { spec: { containers: [{ image: string }] } };
    };
  }
  const [backend, frontend] = await Promise.all(
    ["backend", "frontend"].map((name) => get<Deployment>("deployment", `todo-app-${name}`)),
  );
  const { data } = await get<{ data: Record<string, string> }>("configmap", "todo-app-config");
  return {
    backend: backend?.spec.template.spec.containers[0].image ?? "",
    frontend: frontend?.spec.template.spec.containers[0].image ?? "",
    logLevel: data.LOG_LEVEL ?? "",
    deadline: backend?.spec.progressDeadlineSeconds ?? 0,
  };
}

async function lasting(): Promise<Lasting> {
  const { metadata } = await get<{ metadata: { uid: string } }>("namespace", NAMESPACE);
  const { data } = await get<{ data: Record<string, string> }>("secret", "todo-app-secrets");
  const secrets = Object.entries(data).map(([name, value]) => {
    const text = Buffer.from(value, "base64").toString();
    const secret = name === "DATABASE_URL" ? new URL(text).password : text;
    return [name, createHash("sha256").update(secret).digest("hex")];
  });
  await user.signIn();
  const tasks = await user.tasks();
  return {
    namespace: metadata.uid,
    secrets: Object.fromEntries(secrets) as Record<string, string>,
    tasks: tasks.map(({ id, title, completed }) => ({ id, title, completed })),
  };
}

/** What an interrupted run has left. */
async function clear(): Promise<void> {
  await tryRun("minikube", ["delete", "--profile", PROFILE]);
  await tryRun("docker", ["rm", "--force", PROFILE, databaseName(OPTIONS.name)]);
  await tryRun("docker", ["volume", "rm", PROFILE, databaseName(OPTIONS.name)]);
  await tryRun("docker", ["network", "rm", PROFILE]);
}

/** A clone is brought up to date: the files of today in the place of its own. */
async function pull(folder: string): Promise<TestStack> {
  const copy = await TestStack.make(OPTIONS);
  const stackFile = `Pulumi.${OPTIONS.name}.yaml`;
  const kept = [stackFile, ".state"];
  for (const name of readdirSync(folder))
    if (!kept.includes(name)) rmSync(join(folder, name), { recursive: true });
  for (const name of readdirSync(copy.folder))
    if (!kept.includes(name)) renameSync(join(copy.folder, name), join(folder, name));
  copy.forget();
  return TestStack.at(folder, OPTIONS);
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
  writeFileSync(file, text.replaceAll(from, to));
}

/** What 0.1.0 deploys is noted. @returns its URL */
async function up(): Promise<string> {
  const { code, stdout, stderr } = await old.npm("up", ...STACK);
  if (code !== 0) throw new Error(`version 0.1.0 isn't deployed: ${stderr.slice(-2000)}`);
  versions.push(await deployed());
  return stdout.trim().split("\n").at(-1) ?? "";
}

const isThere = isKnown();
const left = isThere
  ? ""
  : " (left out: this clone lacks that commit; git fetch --unshallow brings it)";

(isThere ? describe : describe.skip)(`a stack that version 0.1.0 deployed${left}`, () => {
  beforeAll(async () => {
    const { env } = await ensureTools();
    const home = mkdtempSync(join(tmpdir(), "todo-app-upgrade-minikube-"));
    const own = { MINIKUBE_HOME: home, KUBECONFIG: join(home, "kubeconfig") };
    Object.assign(process.env, { ...own, PATH: env.PATH });
    await clear();
    old = await FirstVersion.install();
    writeFileSync(join(old.folder, `Pulumi.${OPTIONS.name}.yaml`), OPTIONS.config);
    user = new Client(await up());
    await user.signUp();
    for (const title of TASKS) await user.addTask(title);
    const [first] = await user.tasks();
    await user.completeTask(first?.id ?? "");
    const stackFile = join(old.folder, `Pulumi.${OPTIONS.name}.yaml`);
    edit(stackFile, "config:\n", "config:\n  todo-app:logLevel: debug\n");
    await up();
    edit(stackFile, "logLevel: debug", "logLevel: warning");
    const chart = join(old.folder, "helm/todo-app/values.yaml");
    edit(chart, "progressDeadlineSeconds: 180", "progressDeadlineSeconds: 170");
    await up();
    before = await lasting();
    today = await pull(old.folder);
  });
  afterAll(async () => {
    await clear();
    for (const { backend, frontend } of versions)
      await tryRun("docker", ["image", "rm", backend, frontend]);
    old?.forget();
    rmSync(process.env.MINIKUBE_HOME ?? "", { recursive: true, force: true });
    process.env = environment;
  });

  it("was deployed three times, each time another", () => {
    expect(versions.map(({ logLevel, deadline }) => [logLevel, deadline])).toEqual([
      ["info", 180],
      ["debug", 180],
      ["warning", 170],
    ]);
    expect(before.tasks.map(({ title }) => title)).toEqual(TASKS);
  });

  it("is updated by today's program: same secrets, same rows, same namespace", async () => {
    const { code, stderr } = await today.npm("up");
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    const now = await deployed();
    expect(now.logLevel).toBe("warning");
    expect(versions.map(({ backend }) => backend)).not.toContain(now.backend);
    expect(await lasting()).toEqual(before);
  });

  it("has its three kept deployments in the list, below today's", async () => {
    const { code, stdout } = await today.npm("rollback", "--list", "--json");
    expect(code).toBe(0);
    const listed = JSON.parse(stdout) as Listed[];
    const tagOf = (image: string): string => image.slice(image.lastIndexOf(":") + 1);
    expect(listed.slice(0, -1)).toMatchObject(
      versions.map(({ backend, frontend }, index) => ({
        ...{ number: index + 1, result: "succeeded", kept: true, current: false },
        tags: { backend: tagOf(backend), frontend: tagOf(frontend) },
      })),
    );
    expect(listed).toHaveLength(4);
  });

  it.each([3, 2, 1])("goes back to version %i: same secrets, same rows", async (version) => {
    const { code, stderr } = await today.npm("rollback", "--to", `${version}`);
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    expect(await deployed()).toEqual(versions[version - 1]);
    expect(await lasting()).toEqual(before);
  });

  it("goes forward again, and away without a trace", async () => {
    expect((await today.npm("up")).code).toBe(0);
    expect(await lasting()).toEqual(before);
    expect(await today.remove()).toBe(true);
  });
});

/** What one would rely on at work: each behaviour by the real commands, on the tests' own stack. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, tryRun } from "../../common/run";
import { answer, newUser } from "./support/client";
import { figure, timed } from "./support/figures";
import { eventually } from "./support/namespace";
import {
  baseUrl,
  commandLine,
  configure,
  edit,
  folder,
  helm,
  kubectl,
  NAMESPACE,
  npm,
  npmOk,
  onNode,
  plainEnvironment,
  pulumi,
  STACK,
  watchService,
  withDescendants,
} from "./support/stack";

const MINUTE = 60_000;
const MISSING_DATABASE = "postgresql://todo:wrong@host.minikube.internal:1/none";
jest.setTimeout(6 * MINUTE);

interface Revision {
  revision: number;
  status: string;
}

async function revisions(): Promise<Revision[]> {
  return JSON.parse(await helm("history", "todo-app", "--output", "json")) as Revision[];
}

async function output(name: string): Promise<string> {
  return (await pulumi("stack", "output", name)).stdout.trim();
}

function podNames(): Promise<string> {
  return kubectl(
    "get",
    "pods",
    "--selector",
    "component in (backend,frontend)",
    "--output",
    "name",
  );
}

async function logLevel(): Promise<string> {
  return kubectl("get", "configmap", "todo-app-config", "--output", "jsonpath={.data.LOG_LEVEL}");
}

async function expectNoChanges(): Promise<void> {
  const result = await npm("preview");
  expect([result.code, result.stdout.trim()]).toEqual([0, "no changes"]);
}

describe("an unchanged tree", () => {
  test("previews nothing three times, and a second up touches no pod", async () => {
    const pods = await podNames();
    const before = await revisions();
    for (let round = 0; round < 3; round++) await expectNoChanges();
    await npmOk("up");
    expect(await podNames()).toBe(pods);
    expect(await revisions()).toEqual(before);
  });

  test("previews nothing in a subfolder, and in another clone of it", async () => {
    const env = await plainEnvironment();
    const preview = ["preview", "--stack", STACK, "--non-interactive", "--expect-no-changes"];
    expect(await tryRun("pulumi", preview, { cwd: join(folder, "helm"), env })).toMatchObject({
      code: 0,
    });
    const clone = mkdtempSync(join(tmpdir(), "todo-app-clone-"));
    try {
      const filter = (path: string): boolean => !path.endsWith("/node_modules");
      cpSync(folder, clone, { recursive: true, filter });
      symlinkSync(join(folder, "node_modules"), join(clone, "node_modules"));
      const moved = Object.fromEntries(
        Object.entries(env).map(([key, value]) => [key, value?.replaceAll(folder, clone)]),
      );
      expect(await tryRun("pulumi", preview, { cwd: clone, env: moved })).toMatchObject({
        code: 0,
      });
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  });
});

test("a change of a template alone is shown, rolled out, and rolled back without a rebuild", async () => {
  const image = await output("backendImage");
  const level = await logLevel();
  const undo = edit(
    "helm/todo-app/values.yaml",
    "progressDeadlineSeconds: 180",
    "progressDeadlineSeconds: 170",
  );
  try {
    await configure("logLevel", "debug");
    const preview = await npm("preview");
    expect(preview.code).toBe(2);
    expect(preview.stdout).toMatch(
      /~ Deployment\/todo-app-backend\s+spec\.progressDeadlineSeconds: 180 => 170/,
    );
    expect(preview.stdout).toMatch(
      /~ ConfigMap\/todo-app-config\s+data\.LOG_LEVEL: "info" => "debug"/,
    );
    await npmOk("up");
    expect(await logLevel()).toBe("debug");

    await npmOk("rollback");
    expect(await logLevel()).toBe(level);
    expect(await output("backendImage")).toBe(image);
    expect((await revisions()).at(-1)?.status).toBe("deployed");
    const forward = await npm("preview");
    expect(forward.code).toBe(2);
    expect(forward.stdout).toBe(preview.stdout);
  } finally {
    undo();
    await configure("logLevel", undefined);
  }
  await npmOk("up");
  await expectNoChanges();
});

test("a rollout that can't become ready is undone by itself, names the pod and the reason, and costs no request", async () => {
  const watch = await watchService();
  const secret = await kubectl("get", "secret", "todo-app-secrets", "--output=jsonpath={.data}");
  await configure("databaseUrl", MISSING_DATABASE, "--secret");
  await configure("rolloutTimeoutSeconds", "60"); // a pod waits for a database that may come
  const failed = await npm("up");
  const { answered, failed: lost } = await watch.stop();
  for (const key of ["databaseUrl", "rolloutTimeoutSeconds"]) await configure(key, undefined);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(new RegExp(`pod ${NAMESPACE}/todo-app-backend-\\S+: `));
  expect(failed.stderr).toMatch(/log: .*port 1 failed/);
  expect(failed.stderr).not.toContain("todo:wrong");
  expect((await revisions()).at(-1)?.status).toBe("deployed");
  expect(lost).toEqual([]);
  // A pod of the old release that starts now has the old values.
  expect(await kubectl("get", "secret", "todo-app-secrets", "--output=jsonpath={.data}")).toBe(
    secret,
  );
  expect(answered).toBeGreaterThan(50);

  const [header = "", ...versions] = (await npmOk("rollback", "--list")).trim().split("\n");
  expect(header).toMatch(/^version +time \(UTC\) +result /);
  expect(versions.findLast((line) => / failed /.test(line))).toMatch(
    / databaseUrl,rolloutTimeoutSeconds$/,
  );
  // The version before the failed one is the one that serves: nothing to roll out, but the state to put right.
  const back = await npm("rollback");
  expect([back.code, back.stderr]).toEqual([
    0,
    expect.stringMatching(/is back at version \d+; the next up goes forward again/),
  ]);
  await expectNoChanges();
});

test("drift is named by a refreshing preview, and put right by up", async () => {
  await kubectl("scale", "deployment/todo-app-frontend", "--replicas=2");
  await kubectl("delete", "configmap", "todo-app-config");
  const preview = await npm("preview", "--refresh");
  expect(preview.code).toBe(2);
  expect(preview.stdout).toMatch(/\+ ConfigMap\/todo-app-config/);
  expect(preview.stdout).toMatch(/~ Deployment\/todo-app-frontend\s+spec\.replicas: 2 => 1/);
  await npmOk("up");
  expect(
    await kubectl("get", "deployment/todo-app-frontend", "--output", "jsonpath={.spec.replicas}"),
  ).toBe("1");
  expect(await logLevel()).toBe("info");
  await expectNoChanges();
});

test("what somebody has added to an object goes too, even where the release changes that object", async () => {
  await kubectl("set", "env", "deployment/todo-app-frontend", "EXTRA=1");
  await kubectl("patch", "configmap", "todo-app-config", "--patch", '{"data":{"EXTRA":"1"}}');
  const preview = await npm("preview", "--refresh");
  expect(preview.stdout).toMatch(/- ConfigMap\/todo-app-config\s+data\.EXTRA: "1"/);
  expect(preview.stdout).toMatch(/- Deployment\/todo-app-frontend\s+\S+\.env\.\d+: .*"EXTRA"/);
  await configure("logLevel", "warning");
  await npmOk("up");
  for (const object of ["deployment/todo-app-frontend", "configmap/todo-app-config"])
    expect(await kubectl("get", object, "--output", "yaml")).not.toContain("EXTRA");
  expect(await logLevel()).toBe("warning");
  await configure("logLevel", undefined);
  await npmOk("up");
  await expectNoChanges();
});

test.each([
  ["Secret", () => kubectl("delete", "secret", "todo-app-secrets"), "Secret todo-app-secrets is"],
  ["value of the Secret", spoilSecret, "Secret todo-app-secrets has other values"],
  ["release", () => helm("uninstall", "todo-app", "--wait"), "Helm release todo-app is gone"],
  ["namespace", () => kubectl("delete", "namespace", NAMESPACE), "Helm release todo-app is gone"],
])(
  "a %s that somebody has taken away is noticed by up, and back afterwards",
  async (_, take, told) => {
    const user = await newUser(baseUrl);
    await user.addTask("still there");
    await take();
    const up = await npm("up");
    expect([up.code, up.stderr]).toEqual([0, expect.stringContaining(told)]);
    expect(await user.tasks()).toHaveLength(1);
    await expectNoChanges();
  },
);

/** As a hand would: pods that start from now on can't verify what those before them signed. */
async function spoilSecret(): Promise<void> {
  const patch = JSON.stringify({ stringData: { JWT_SECRET: "spoilt".repeat(8) } });
  await kubectl("patch", "secret", "todo-app-secrets", "--patch", patch);
}

test.each(["the node", "Docker", "both the node and Docker"])(
  "an image that is gone from %s is brought back",
  async (where) => {
    const image = await output("frontendImage");
    if (where.includes("node"))
      await onNode("ctr", "--namespace", "k8s.io", "images", "rm", `docker.io/library/${image}`);
    if (where.includes("Docker")) await run("docker", ["image", "rm", "--force", image]);
    expect((await npm("preview")).code).toBe(2);
    expect((await pulumi("up", "--yes", "--skip-preview")).code).toBe(0);
    expect((await onNode("crictl", "images")).stdout).toContain(image.split(":")[1]);
    expect((await tryRun("docker", ["image", "inspect", image])).code).toBe(0);
    await expectNoChanges();
  },
);

test("a new jwtSecret reaches the pods without a failed request", async () => {
  const before = await podNames();
  const watch = await watchService();
  await npmOk("up", "--rotate", "jwtSecret");
  expect((await watch.stop()).failed).toEqual([]);
  expect(await podNames()).not.toBe(before);
  await expectNoChanges();
});

test("a new betterAuthSecret signs everyone out, and costs nothing else: no request, no data, no manual step", async () => {
  const user = await newUser(baseUrl);
  await user.addTask("from before");
  const watch = await watchService(["/sign-in"]);
  await npmOk("up", "--rotate", "betterAuthSecret");
  expect((await watch.stop()).failed).toEqual([]);
  expect(await user.session()).toBeUndefined();
  await user.signIn();
  expect(await user.tasks()).toHaveLength(1);
  expect(answer(await user.chat("add another one"))).toMatch(/another one/i);
  await expectNoChanges();
});

/** Starts an update of the release by plain Pulumi, and gives its process once Helm is at work. */
async function startUpdate(): Promise<{ pid: number; ended: Promise<unknown> }> {
  const env = await plainEnvironment();
  const child = spawn("pulumi", ["up", "--yes", "--skip-preview", "--stack", STACK], {
    cwd: folder,
    env,
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  while (!/Release todo-app updating/.test(text) && child.exitCode === null) await sleep(200);
  await sleep(2000);
  return { pid: child.pid ?? 0, ended };
}

test("a killed update is repaired by the next one (goal: repair)", async () => {
  await configure("logLevel", "warning");
  const { pid, ended } = await startUpdate();
  // Its plugins too: they would finish the work otherwise.
  for (const each of await withDescendants(pid)) process.kill(each, "SIGKILL");
  await ended;
  const doctor = await npm("doctor");
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(/npm run unlock/);
  const { seconds } = await timed(() => npmOk("up"));
  figure("goal: repair", "up after SIGKILL of an update, repair included", seconds, "s");
  expect(await logLevel()).toBe("warning");
  expect((await revisions()).at(-1)?.status).toBe("deployed");
  await expectNoChanges();
});

test("an update of which only Pulumi was killed ends by itself, and unlock repairs the rest (goal: repair)", async () => {
  await configure("logLevel", "debug");
  const { pid, ended } = await startUpdate();
  process.kill(pid, "SIGKILL");
  await ended;
  const { seconds, result } = await timed(() => npm("unlock"));
  figure("goal: repair", "unlock after SIGKILL of Pulumi alone", seconds, "s");
  expect([result.code, result.stderr]).toEqual([
    0,
    expect.stringMatching(/comes to its end[\s\S]*lock is released[\s\S]*ready for the next up/),
  ]);
  expect((await revisions()).at(-1)?.status).toBe("deployed");
  await npmOk("up");
  expect(await logLevel()).toBe("debug");
  await expectNoChanges();
});

test("an update that is stopped by a signal says so, leaves the old release serving, and goes on with the next", async () => {
  await configure("logLevel", "error");
  const child = spawn(process.execPath, commandLine("up"), { cwd: folder });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  while (!/Release todo-app updating/.test(text) && child.exitCode === null) await sleep(100);
  child.kill("SIGTERM");
  expect([await ended, text]).toEqual([130, expect.stringMatching(/was stopped[\s\S]*npm run up/)]);
  expect((await revisions()).at(-1)?.status).toBe("deployed");
  await npmOk("up");
  expect(await logLevel()).toBe("error");
  await expectNoChanges();
});

test("of two updates at once one is refused, with the reason", async () => {
  await configure("logLevel", "warning");
  const first = npm("up");
  const locks = join(folder, ".state/.pulumi/locks/organization/todo-app", STACK);
  await eventually(60, async () => existsSync(locks) && readdirSync(locks).length > 0);
  const second = await npm("up");
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringMatching(/is being updated|is locked/),
  ]);
  expect((await first).code).toBe(0);
  expect(await logLevel()).toBe("warning");
  await configure("logLevel", undefined);
  await npmOk("up");
  await expectNoChanges();
});

test("logs shows every pod's lines, or one component's, and refuses another word", async () => {
  const all = await npmOk("logs");
  expect(all).toMatch(/todo-app-backend-\S+/);
  expect(all).toMatch(/todo-app-frontend-\S+/);
  const one = await npmOk("logs", "--component", "backend");
  expect(one).toMatch(/todo-app-backend-\S+/);
  expect(one).not.toMatch(/todo-app-frontend-\S+/);
  expect((await npm("logs", "--component", "database")).code).toBe(64);
});

test("doctor finds nothing to mend", async () => {
  const result = await npm("doctor");
  expect(result.stdout).toMatch(/all is well/);
  expect(result.code).toBe(0);
});

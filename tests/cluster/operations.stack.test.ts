/** What one would rely on at work: each behaviour by the real commands, on the tests' own stack. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, tryRun } from "../../common/run";
import {
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

test("no secret stands in clear: state, configuration, Helm, ConfigMap, logs, images", async () => {
  const data = JSON.parse(
    await kubectl("get", "secret", "todo-app-secrets", "--output", "jsonpath={.data}"),
  ) as Record<string, string>;
  const secrets = Object.values(data)
    .map((value) => Buffer.from(value, "base64").toString())
    .filter(Boolean);
  const password = /:\/\/[^:]+:([^@]+)@/.exec(
    secrets.find((value) => value.startsWith("postgresql")) ?? "",
  )?.[1];
  expect(password).toBeTruthy();
  const places: Record<string, string> = {
    state: (await pulumi("stack", "export")).stdout,
    configuration: readFileSync(join(folder, `Pulumi.${STACK}.yaml`), "utf8"),
    values: await helm("get", "values", "todo-app", "--all"),
    manifest: await helm("get", "manifest", "todo-app"),
    record: (
      await kubectl(
        "get",
        "secrets",
        "--selector",
        "owner=helm",
        "--output",
        "jsonpath={.items[*].data.release}",
      )
    )
      .split(" ")
      .map((text) => Buffer.from(Buffer.from(text, "base64").toString(), "base64"))
      .map((gzipped) => require("node:zlib").gunzipSync(gzipped).toString() as string)
      .join("\n"),
    configMap: await kubectl("get", "configmap", "todo-app-config", "--output", "json"),
    deployments: await kubectl("get", "deployments", "--output", "json"),
    logs: await kubectl("logs", "--selector", "app=todo-app", "--all-containers", "--tail=-1"),
    image: await run("docker", ["history", "--no-trunc", await output("backendImage")]),
    kept: await run("grep", ["-r", "", join(folder, ".state/stacks", STACK, "deployments")]),
  };
  for (const secret of [...secrets, password ?? ""]) {
    for (const [place, text] of Object.entries(places)) {
      if (text.includes(secret)) throw new Error(`a secret stands in clear in ${place}`);
    }
  }
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

    const started = Date.now();
    await npmOk("rollback");
    const seconds = (Date.now() - started) / 1000;
    console.log(`rollback: ${seconds.toFixed(1)} s`); // 30 s is the aim, on a machine with nothing else to do
    expect(seconds).toBeLessThan(60);
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
  const watch = watchService();
  const secret = await kubectl("get", "secret", "todo-app-secrets", "--output=jsonpath={.data}");
  await configure("databaseUrl", MISSING_DATABASE, "--secret");
  const failed = await npm("up");
  const { answered, failed: lost } = await watch.stop();
  await configure("databaseUrl", undefined);
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

  const refused = (await npmOk("rollback", "--list")) || "";
  expect(refused).toBe("");
  await npmOk("up"); // good input again: no manual step
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

test.each(["the node", "both the node and Docker"])(
  "an image that is gone from %s is brought back",
  async (where) => {
    const image = await output("frontendImage");
    await onNode("ctr", "--namespace", "k8s.io", "images", "rm", `docker.io/library/${image}`);
    if (where.startsWith("both")) await run("docker", ["image", "rm", "--force", image]);
    expect((await npm("preview")).code).toBe(2);
    expect((await pulumi("up", "--yes", "--skip-preview")).code).toBe(0);
    expect((await onNode("crictl", "images")).stdout).toContain(image.split(":")[1]);
    await expectNoChanges();
  },
);

test("a killed update is repaired by the next one", async () => {
  await configure("logLevel", "warning");
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
  // Its plugins too: they would finish the work otherwise.
  for (const pid of await withDescendants(child.pid ?? 0)) process.kill(pid, "SIGKILL");
  await ended;
  const doctor = await npm("doctor");
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(/npm run unlock/);
  await npmOk("up");
  expect(await logLevel()).toBe("warning");
  expect((await revisions()).at(-1)?.status).toBe("deployed");
  await expectNoChanges();
  await configure("logLevel", undefined);
  await npmOk("up");
});

test("of two updates at once one is refused, with the reason", async () => {
  await configure("logLevel", "warning");
  const results = await Promise.all([npm("up"), sleep(3000).then(() => npm("up"))]);
  const refused = results.filter(({ code }) => code !== 0);
  for (const { stderr } of refused) expect(stderr).toMatch(/is being updated|is locked/);
  expect(refused.length).toBeLessThan(2);
  await configure("logLevel", undefined);
  await npmOk("up");
  await expectNoChanges();
});

test("doctor finds nothing to mend", async () => {
  const result = await npm("doctor");
  expect(result.stdout).toMatch(/all is well/);
  expect(result.code).toBe(0);
});

/** Figures, each beside what it is compared with, in the same run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, tryRun } from "../../common/run";
import { TESTS_PROFILE } from "../support/profile";
import { ChartRelease } from "./support/chart-release";
import { answer, type Client, newUser } from "./support/client";
import { figure, timed } from "./support/figures";
import { eventually, type Namespace } from "./support/namespace";
import {
  baseUrl,
  edit,
  folder,
  namespace,
  npmOk,
  npmWatched,
  output,
  plainEnvironment,
  pulumi,
  STACK,
  watchService,
} from "./support/stack";
import { type Usage, UsageWatch } from "./support/usage";

jest.setTimeout(8 * 60_000);

const ROUNDS = 3;
const USERS = 20;
const TURNS = 5;
const THINK_MS = 3000;
const SOURCE = "apps/backend/app/api/routes/health.py";

/** The median of some runs, in seconds. */
async function median(work: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) seconds.push((await timed(work)).seconds);
  return seconds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}

/** Seconds until the back end's pods were Ready, at most: Kubernetes notes the second in which they became so. */
async function secondsUntilReady(where: Namespace, began: number): Promise<number> {
  const ready = (await where.pods("backend")).map(({ status }) =>
    status.conditions?.find(({ type, status }) => type === "Ready" && status === "True"),
  );
  const times = ready.map((condition) => Date.parse(condition?.lastTransitionTime ?? ""));
  const seconds = (Math.max(...times) + 1000 - began) / 1000;
  expect(seconds).toBeGreaterThan(0); // a pod that is there and Ready
  return seconds;
}

async function ok(work: Promise<{ code: number; stdout: string; stderr: string }>): Promise<void> {
  const result = await work;
  if (result.code !== 0) throw new Error(result.stdout + result.stderr);
}

describe("an unchanged stack (goal: no-op)", () => {
  let empty: string;
  let emptySeconds: number;

  /** Runs plain `pulumi` on a program that has nothing in it, with a state of its own. */
  const pulumiEmpty = async (...args: string[]): Promise<void> => {
    const env = {
      ...(await plainEnvironment()),
      PULUMI_BACKEND_URL: `file://${empty}`,
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "1",
    };
    await run("pulumi", [...args, "--non-interactive"], { cwd: empty, env });
  };
  const previewEmpty = (): Promise<void> => pulumiEmpty("preview", "--stack", "empty");

  beforeAll(async () => {
    empty = mkdtempSync(join(tmpdir(), "empty-program-"));
    writeFileSync(join(empty, "Pulumi.yaml"), "name: empty\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(join(empty, "index.js"), 'require("@pulumi/pulumi");\n');
    writeFileSync(
      join(empty, "package.json"),
      '{"name":"empty","version":"0.0.0","main":"index.js"}\n',
    );
    await run("ln", ["-s", join(folder, "node_modules"), join(empty, "node_modules")]);
    await pulumiEmpty("stack", "init", "empty");
    await previewEmpty();
    emptySeconds = await median(previewEmpty);
    figure("goal: no-op", "preview of an empty program", emptySeconds, "s");
  });
  afterAll(() => rmSync(empty, { recursive: true }));

  it("previews nothing in less than three times the time of an empty program", async () => {
    const seconds = await median(() => ok(pulumi("preview", "--expect-no-changes")));
    figure("goal: no-op", "pulumi preview", seconds, "s");
    figure(
      "goal: no-op",
      "pulumi preview against the empty program's",
      ratio(seconds, emptySeconds),
      "×",
    );
    expect(seconds / emptySeconds).toBeLessThan(3);
  });

  it("goes up in less than four times that time, all checks included", async () => {
    const plain = await median(() =>
      ok(pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")),
    );
    figure("goal: no-op", "pulumi up", plain, "s");
    figure(
      "goal: no-op",
      "pulumi up against the empty program's preview",
      ratio(plain, emptySeconds),
      "×",
    );
    const whole = await median(() => npmOk("up"));
    figure("goal: no-op", "npm run up, all checks included", whole, "s");
    figure(
      "goal: no-op",
      "npm run up against the empty program's preview",
      ratio(whole, emptySeconds),
      "×",
    );
    expect(whole / emptySeconds).toBeLessThan(4);
  });
});

test("a line of the back end reaches a ready pod sooner than by the usual script, its image sooner than by minikube image load, and a rollback takes it away within 60 s (goal: inner loop, goal: image delivery, goal: rollback)", async () => {
  const env = await plainEnvironment();
  const release = new ChartRelease("chart-test-script");
  await release.create();
  try {
    await release.deploy("install");
    const change = (text: string): (() => void) =>
      edit(
        SOURCE,
        '"""Probes for Kubernetes and for people."""',
        `"""Probes for Kubernetes and for people. ${text}"""`,
      );

    // An edit follows another: the first one also makes the registry by which images travel.
    const undoEarlier = change("An earlier one.");
    await npmOk("up");
    undoEarlier();
    // What is on its way there has a name in Docker, and would take the processor from what is measured.
    const earlier = await output("backendImage");
    await eventually(120, async () => {
      const list = ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"];
      return !(await run("docker", list, { env })).includes(`/library/${earlier}\n`);
    });

    // The usual script: docker build, minikube image load, helm upgrade --wait.
    const undoFirst = change("The script's.");
    const image = `todo-backend:script-${Date.now()}`;
    const scriptBegan = Date.now();
    let loading = 0;
    const script = await timed(async () => {
      const build = { ...env, DOCKER_BUILDKIT: "1" };
      await run("docker", ["build", "--quiet", "--tag", image, join(folder, "apps/backend")], {
        env: build,
      });
      loading = (
        await timed(() =>
          run("minikube", ["--profile", TESTS_PROFILE, "image", "load", image], { env }),
        )
      ).seconds;
      await release.deploy("upgrade", {
        values: { backend: { image: { tag: image.split(":")[1] } } },
      });
    });
    undoFirst();
    const scriptReady = await secondsUntilReady(release.namespace, scriptBegan);

    const undo = change("This project's.");
    const before = await output("backendImage");
    const delivery = new Span(
      /MinikubeImage\s+todo-backend-in-minikube updating /,
      /MinikubeImage\s+todo-backend-in-minikube updated /,
    );
    const began = Date.now();
    const ours = await timed(async () => {
      const flags = ["up", "--yes", "--skip-preview", "--stack", STACK, "--non-interactive"];
      const onLine = (line: string): void => delivery.see(line);
      const result = await tryRun("pulumi", flags, { cwd: folder, env, onLine });
      expect(result.code).toBe(0);
    });
    const delivered = delivery.seconds;
    expect(await output("backendImage")).not.toBe(before);
    const [pod] = await namespace.pods("backend");
    expect(pod?.spec.containers[0]?.image).toBe(await output("backendImage"));
    undo();

    const ready = await secondsUntilReady(namespace, began);
    const scripted = "docker build, minikube image load, helm upgrade --wait";
    figure("goal: inner loop", `${scripted}: to its end`, script.seconds, "s");
    figure("goal: inner loop", `${scripted}: to a ready pod`, scriptReady, "s");
    figure("goal: inner loop", "pulumi up: to its end", ours.seconds, "s");
    figure("goal: inner loop", "pulumi up: to a ready pod", ready, "s");
    figure("goal: inner loop", "share of the script's time", ratio(ready, scriptReady), "×");
    figure("goal: image delivery", "minikube image load", loading, "s");
    figure("goal: image delivery", "this project's delivery", delivered, "s");
    expect(ours.seconds).toBeLessThan(script.seconds);
    expect(delivered).toBeLessThan(loading / 4);

    // The new release looks good; all the same the one before is wanted.
    const back = await timed(() => npmOk("rollback"));
    figure("goal: rollback", "npm run rollback", back.seconds, "s");
    expect(back.seconds).toBeLessThan(60);
    expect(await output("backendImage")).toBe(before);
  } finally {
    await release.remove();
  }
});

test("an image that can't start is given up, and the old one serves alone, within 60 s of its build and without a failed request (goal: bad image, story 5.2)", async () => {
  const undo = edit(
    "apps/backend/app/__main__.py",
    readFileSync(join(folder, "apps/backend/app/__main__.py"), "utf8"),
    "raise SystemExit('broken')\n",
  );
  const before = await namespace.podNames("backend");
  const watch = await watchService();
  try {
    const built = new Span(/./, /docker:index:Image backend updated /);
    const { seconds, result } = await timed(() => npmWatched("up", [], (line) => built.see(line)));
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/pod todo-app-test\/todo-app-backend-\S+: /);
    const since = Math.round((seconds - built.seconds) * 10) / 10;
    figure("goal: bad image", "broken image built to the old one alone", since, "s");
    expect(since).toBeLessThan(60);
  } finally {
    undo();
    const { failed, answered } = await watch.stop();
    figure("goal: bad image", "requests meanwhile that failed", failed.length, "requests");
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(20);
  }
  expect(await namespace.podNames("backend")).toEqual(before);
  await npmOk("up");
});

test("a chat turn stays short with 20 users at once, nothing fails, and the pods keep within their limits (goal: chat turn, SC-008)", async () => {
  const users = await Promise.all(Array.from({ length: USERS }, () => newUser(baseUrl)));
  const usage = new UsageWatch(namespace);
  const milliseconds: number[] = [];
  const talk = async (user: Client, index: number): Promise<void> => {
    await sleep((index * THINK_MS) / USERS);
    for (let turn = 0; turn < TURNS; turn += 1) {
      const started = performance.now();
      expect(answer(await user.chat(`add errand ${turn}`))).toMatch(
        new RegExp(`errand ${turn}`, "i"),
      );
      milliseconds.push(performance.now() - started);
      await sleep(THINK_MS);
    }
  };
  let used: Record<string, Usage>;
  try {
    await Promise.all(users.map(talk));
  } finally {
    used = await usage.stop();
  }
  milliseconds.sort((a, b) => a - b);
  const share = (part: number): number =>
    Math.round(milliseconds[Math.floor(milliseconds.length * part)] ?? 0);
  figure("goal: chat turn", "20 users, 3 s between turns: p50", share(0.5), "ms");
  figure("goal: chat turn", "20 users, 3 s between turns: p95", share(0.95), "ms");
  expect(milliseconds).toHaveLength(USERS * TURNS);
  expect(share(0.95)).toBeLessThan(600);
  for (const [component, { milliCores, megabytes }] of Object.entries(used)) {
    figure("SC-008", `${component} with 20 users: most CPU`, milliCores, "m");
    figure("SC-008", `${component} with 20 users: most memory`, megabytes, "MB");
    expect(milliCores).toBeLessThanOrEqual(500);
    expect(megabytes).toBeLessThan(512);
  }
});

/** Seconds between the first lines of a command's output that match. */
class Span {
  private from: number | undefined;
  private to: number | undefined;

  constructor(
    private readonly begins: RegExp,
    private readonly ends: RegExp,
  ) {}

  see(line: string): void {
    if (this.begins.test(line)) this.from ??= performance.now();
    if (this.ends.test(line)) this.to ??= performance.now();
  }

  /** @throws Error where one of them never came */
  get seconds(): number {
    if (this.from === undefined || this.to === undefined)
      throw new Error(`no line between ${this.begins} and ${this.ends}`);
    return Math.round((this.to - this.from) / 100) / 10;
  }
}

function ratio(part: number, whole: number): number {
  return Math.round((part / whole) * 100) / 100;
}

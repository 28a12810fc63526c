/** `npm run dev` on the deployed stack: from the save to the served byte, through the node port. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, newUser } from "./support/client";
import { figure } from "./support/figures";
import { eventually, isReady } from "./support/namespace";
import {
  baseUrl,
  commandLine,
  configure,
  folder,
  namespace,
  npm,
  npmOk,
  output,
  STACK,
  watchService,
  withDescendants,
} from "./support/stack";

jest.setTimeout(5 * 60_000);

const EDITS = 10;
/** Of them while requests come, one as soon as the other is served. */
const EDITS_UNDER_LOAD = 50;
const POLL_MS = 20;
const PAUSE_MS = 200;
const UPDATE_SECONDS = 240;
const SERVED_SECONDS = 60;
const SERVICE = "apps/backend/app/services/tasks.py";
const PAGE = "apps/frontend/src/components/auth/sign-in-page.tsx";

type Component = "backend" | "frontend";

/** The command in a terminal of its own, and what it has said. */
class Dev {
  readonly lines: string[] = [];
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor() {
    const stdio: ("ignore" | "pipe")[] = ["ignore", "pipe", "pipe"];
    this.child = spawn(process.execPath, commandLine("dev"), { cwd: folder, stdio });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.lines.push(...text.split("\n"));
      });
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
  }

  /** Until both components' pods are in step with the folders. */
  async isInStep(): Promise<void> {
    await this.says(/are served from now on/, UPDATE_SECONDS);
    for (const name of ["backend", "frontend"])
      await this.says(new RegExp(`^${name} [0-9a-f]{12} (is what|served)`), SERVED_SECONDS);
  }

  /** Until it has said something since the given line. */
  async says(pattern: RegExp, seconds: number, since = 0): Promise<string> {
    return eventually(
      seconds,
      async () => this.lines.slice(since).find((line) => pattern.test(line)),
      `${pattern} in\n${this.lines.slice(-20).join("\n")}`,
    );
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Sleeps as with a laptop's lid closed, with all that it has started. Returns how to wake it. */
  async asleep(): Promise<() => void> {
    const pids = await withDescendants(this.child.pid ?? 0);
    signalAll(pids, "SIGSTOP");
    return () => signalAll(pids.reverse(), "SIGCONT");
  }
}

/** Some of them may have ended meanwhile. */
function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
}

/** The files that the tests edit, as they were. */
const before = new Map(
  [SERVICE, PAGE].map((file) => [file, readFileSync(join(folder, file), "utf8")]),
);
const save = (file: string, text: string): void => writeFileSync(join(folder, file), text);
const restore = (): void => {
  for (const [file, text] of before) save(file, text);
};

/** What each component says that an edit changes. */
const words = {
  backend: [SERVICE, "There is no such task"],
  frontend: [PAGE, "Welcome back"],
} as const;

function edit(name: Component, number: number): void {
  const [file, said] = words[name];
  const text = before.get(file) ?? "";
  if (!text.includes(said)) throw new Error(`${file} says no more: ${said}`);
  save(file, text.replace(said, `${said} (edit ${number})`));
}

/** Seconds after which a pod takes a silent terminal for one that is gone, and some more. */
const GONE_SECONDS = 12;

const isDevPod = async (name: Component): Promise<boolean> =>
  (await namespace.pods(name)).some(
    ({ metadata }) => !metadata.deletionTimestamp && metadata.labels?.["todo-app/dev"] === "true",
  );
const images = (): Promise<string[]> =>
  Promise.all([output("backendImage"), output("frontendImage")]);
const versions = async (): Promise<string> => npmOk("rollback", "--list", "--json");

let dev: Dev;
let user: Client;
/** What the stack had before any loop. */
let deployed: { images: string[]; versions: string };

/** What a component says now, through the node port. */
async function answer(name: Component): Promise<string> {
  const response =
    name === "backend"
      ? await user.request(`/api/backend/api/tasks/${randomUUID()}`)
      : await fetch(`${baseUrl}/sign-in`);
  return response.text();
}

/** Seconds from the save of an edit until it is what the node port answers. */
async function served(name: Component, number: number): Promise<number> {
  const saved = performance.now();
  edit(name, number);
  for (;;) {
    const text = await answer(name);
    const seconds = (performance.now() - saved) / 1000;
    if (text.includes(`(edit ${number})`)) return seconds;
    if (seconds > SERVED_SECONDS)
      throw new Error(`edit ${number} is not served: ${text.slice(0, 200)}`);
    await sleep(POLL_MS);
  }
}

beforeAll(async () => {
  user = await newUser(baseUrl);
  deployed = { images: await images(), versions: await versions() };
  dev = new Dev();
  await dev.isInStep();
}, UPDATE_SECONDS * 1000);

afterAll(async () => {
  restore();
  dev.signal("SIGINT");
  await dev.ended;
}, UPDATE_SECONDS * 1000);

test.each(["backend", "frontend"] as const)(
  "an edit of the %s is served in time (goal: dev loop)",
  async (name) => {
    await served(name, 1); // what is asked for the first time is compiled then
    const times: number[] = [];
    for (let number = 2; number < EDITS + 2; number += 1) {
      times.push(await served(name, number));
      await sleep(PAUSE_MS);
    }
    times.sort((a, b) => a - b);
    const median = ((times[EDITS / 2 - 1] ?? 0) + (times[EDITS / 2] ?? 0)) / 2;
    const worst = times.at(-1) ?? 0;
    figure("goal: dev loop", `${name}: save to served byte, median of ${EDITS}`, median, "s");
    figure("goal: dev loop", `${name}: save to served byte, worst of ${EDITS}`, worst, "s");
    expect(median).toBeLessThan(3);
    expect(worst).toBeLessThan(6);
  },
);

test("no request fails while the back end is edited again and again (goal: dev loop)", async () => {
  const service = await watchService(["/api/backend/api/tasks", "/api/health"]);
  try {
    for (let number = 1; number <= EDITS_UNDER_LOAD; number += 1)
      await served("backend", 1000 + number);
  } finally {
    const { answered, failed } = await service.stop();
    const what = `failed requests in ${EDITS_UNDER_LOAD} edits`;
    figure("goal: dev loop", what, failed.length, "requests");
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(EDITS_UNDER_LOAD);
  }
});

test("a wrong edit is told with file and line, and what ran before goes on", async () => {
  await served("backend", 2001);
  const since = dev.lines.length;
  const text = readFileSync(join(folder, SERVICE), "utf8");
  save(SERVICE, `${text}\ndef broken(:\n`);
  const told = await dev.says(/^backend ✗/, 20, since);
  expect(told).toContain(`${SERVICE}:${text.split("\n").length + 1} SyntaxError`);
  expect(told).toContain("the one before goes on");
  expect(await answer("backend")).toContain("(edit 2001)");
  await served("backend", 2002);
});

test("edits are no drift, and the way back to images is a change", async () => {
  const { code, stdout } = await npm("preview", "--refresh");
  expect([code, stdout]).toEqual([2, expect.not.stringMatching(/drift|by hand/i)]);
});

test("two terminals don't undo each other's edits", async () => {
  const second = await npm("dev");
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringContaining("is being developed already"),
  ]);
});

test("pods serve on where the terminal was killed, and the next one goes on from there", async () => {
  await served("backend", 3001);
  const pods = await namespace.podNames("backend");
  dev.signal("SIGKILL");
  await dev.ended;
  expect(await answer("backend")).toContain("(edit 3001)");
  dev = new Dev();
  await dev.isInStep();
  expect(await namespace.podNames("backend")).toEqual(pods);
  await served("backend", 3002);
});

test("a pod that is replaced gets the whole tree by itself", async () => {
  await served("backend", 4001);
  const [pod = ""] = await namespace.podNames("backend");
  // Until it is gone: a pod that is about to go serves for a moment more.
  await namespace.kubectl(["delete", "pod", pod, "--wait", "--timeout=60s"]);
  await eventually(
    120,
    async () => {
      const pods = await namespace.pods("backend");
      if (!pods.some((each) => each.metadata.name !== pod && isReady(each))) return false;
      return (await answer("backend").catch(() => "")).includes("(edit 4001)");
    },
    "the edit from the new pod",
  );
});

test("a changed setting is an update that leaves the dev pods and the edits", async () => {
  await served("backend", 5001);
  const level = (): Promise<string> =>
    namespace
      .get<{ data: Record<string, string> }>("configmap", "todo-app-config")
      .then(({ data }) => data.LOG_LEVEL ?? "");
  let since = dev.lines.length;
  const updated = async (): Promise<void> => {
    await dev.says(new RegExp(`Pulumi\\.${STACK}\\.yaml changed`), 10, since);
    await dev.says(/^Resources:/, UPDATE_SECONDS, since);
    since = dev.lines.length;
  };
  await configure("logLevel", "warning");
  try {
    await updated();
    expect(await level()).toBe("warning");
    // The pod that the update has made gets the edit without a keystroke.
    await eventually(
      120,
      async () => (await answer("backend").catch(() => "")).includes("(edit 5001)"),
      "the edit from the new pod",
    );
    expect(await isDevPod("backend")).toBe(true);
  } finally {
    await configure("logLevel", undefined);
  }
  await updated();
  expect(await level()).toBe("info");
});

test("a laptop that slept goes on where it was", async () => {
  await served("backend", 6001);
  const wake = await dev.asleep();
  await sleep(GONE_SECONDS * 1000);
  wake();
  await served("backend", 6002);
});

test("who comes while another's laptop sleeps takes over, and the sleeper hears of it when it wakes", async () => {
  const sleeper = dev;
  const wake = await sleeper.asleep();
  try {
    await sleep(GONE_SECONDS * 1000);
    dev = new Dev();
    await dev.isInStep();
    await served("backend", 7001);
  } finally {
    wake();
  }
  expect(await sleeper.ended).toBe(1);
  expect(sleeper.lines.join("\n")).toContain("is being developed already");
  await served("backend", 7002);
});

test("leaving puts images in the place of the dev pods, and leaves no trace", async () => {
  restore();
  dev.signal("SIGINT");
  expect(await dev.ended).toBe(0);
  const pods = [...(await namespace.pods("backend")), ...(await namespace.pods("frontend"))];
  for (const { metadata } of pods)
    if (!metadata.deletionTimestamp) expect(metadata.labels).not.toHaveProperty("todo-app/dev");
  const preview = await npm("preview", "--refresh");
  expect([preview.code, preview.stdout.trim()]).toEqual([0, "no changes"]);
  // The loop is no version, and has pushed none out.
  expect({ images: await images(), versions: await versions() }).toEqual(deployed);
});

test("somebody's rollback goes to what served before the loop, and ends it", async () => {
  dev = new Dev();
  await dev.isInStep();
  expect(await versions()).toBe(deployed.versions);
  await npmOk("rollback");
  expect(await dev.ended).toBe(0);
  expect(dev.lines.join("\n")).toContain("its pod runs an image again: somebody has run an update");
  expect({ images: await images(), versions: await versions() }).toEqual(deployed);
  expect([await isDevPod("backend"), await isDevPod("frontend")]).toEqual([false, false]);
  // A rollback leaves the images as built last, the loop's, to the next update; nothing else is to be done.
  const preview = await npm("preview", "--refresh");
  expect([preview.code, preview.stdout]).toEqual([
    2,
    expect.not.stringMatching(/objects:|restarts:|config/),
  ]);
});

test("after a killed loop doctor names the dev pods, and an update leaves nothing of it", async () => {
  dev = new Dev();
  await dev.isInStep();
  dev.signal("SIGKILL");
  await dev.ended;
  const told = await npm("doctor");
  expect(told.stdout).toMatch(/the backend is a dev pod since \d{4}-\d\d-\d\dT/);
  expect(told.stdout).toContain(`npm run up -- --stack ${STACK} ends it`);
  await npmOk("up");
  expect([await isDevPod("backend"), await isDevPod("frontend")]).toEqual([false, false]);
  expect(await images()).toEqual(deployed.images);
  const preview = await npm("preview", "--refresh");
  expect([preview.code, preview.stdout.trim()]).toEqual([0, "no changes"]);
});

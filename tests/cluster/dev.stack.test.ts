/** `npm run dev` on the deployed stack: from the save to the served byte, through the node port. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, newUser } from "./support/client";
import { figure } from "./support/figures";
import { eventually, type Pod } from "./support/namespace";
import { baseUrl, commandLine, folder, namespace, npm, watchService } from "./support/stack";

jest.setTimeout(6 * 60_000);

const EDITS = 10;
/** Of them under load, one after the other. */
const EDITS_UNDER_LOAD = 50;
const POLL_MS = 20;
const UPDATE_SECONDS = 240;
const SERVICE = "apps/backend/app/services/tasks.py";
const PAGE = "apps/frontend/src/components/auth/sign-in-page.tsx";
const PATHS = { backend: `/api/backend/api/tasks/${randomUUID()}`, frontend: "/sign-in" } as const;

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
}

/** The files that the tests edit, as they were. */
const before = new Map(
  [SERVICE, PAGE].map((file) => [file, readFileSync(join(folder, file), "utf8")]),
);
const save = (file: string, text: string): void => writeFileSync(join(folder, file), text);
const restore = (): void => {
  for (const [file, text] of before) save(file, text);
};

/** An edit of each service: of what one says of a task that isn't there, and of the other's heading. */
const edits = {
  backend: (number: number): void =>
    save(SERVICE, changed(SERVICE, "There is no such task", number)),
  frontend: (number: number): void => save(PAGE, changed(PAGE, "Welcome back", number)),
} as const;

function changed(file: string, words: string, number: number): string {
  const text = before.get(file) ?? "";
  expect(text).toContain(words);
  return text.replace(words, `${words} (edit ${number})`);
}

let dev: Dev;
let user: Client;

/** Seconds from the save of an edit until it is what the node port answers. */
async function served(name: keyof typeof edits, number: number): Promise<number> {
  const saved = performance.now();
  edits[name](number);
  for (;;) {
    const response = await user.request(PATHS[name]);
    const text = await response.text();
    if (text.includes(`(edit ${number})`)) return (performance.now() - saved) / 1000;
    if (performance.now() - saved > 60_000)
      throw new Error(`edit ${number} is not served: ${response.status} ${text.slice(0, 200)}`);
    await sleep(POLL_MS);
  }
}

beforeAll(async () => {
  user = await newUser(baseUrl);
  dev = new Dev();
  await dev.says(/are served from now on/, UPDATE_SECONDS);
  await dev.says(/^backend [0-9a-f]{12} (is what|served)/, 30);
  await dev.says(/^frontend [0-9a-f]{12} (is what|served)/, 60);
}, UPDATE_SECONDS * 1000);

afterAll(async () => {
  restore();
  dev.signal("SIGINT");
  await dev.ended;
}, UPDATE_SECONDS * 1000);

test.each(["backend", "frontend"] as const)("an edit of the %s is served in time", async (name) => {
  await served(name, 1); // what is asked for the first time is compiled then
  const times: number[] = [];
  for (let edit = 2; edit < EDITS + 2; edit += 1) {
    times.push(await served(name, edit));
    await sleep(500);
  }
  times.sort((a, b) => a - b);
  const median = ((times[EDITS / 2 - 1] ?? 0) + (times[EDITS / 2] ?? 0)) / 2;
  const worst = times.at(-1) ?? 0;
  figure("goal: dev loop", `${name}: edit to served byte, median of ${EDITS}`, median, "s");
  figure("goal: dev loop", `${name}: edit to served byte, worst of ${EDITS}`, worst, "s");
  // The goals are 1 and 2 s on a machine that does nothing else; this one runs other tests beside.
  expect(median).toBeLessThan(3);
  expect(worst).toBeLessThan(6);
});

test("no request fails while the back end is edited again and again", async () => {
  const service = await watchService(["/api/backend/api/tasks", "/api/health"]);
  try {
    for (let edit = 1; edit <= EDITS_UNDER_LOAD; edit += 1) await served("backend", 1000 + edit);
  } finally {
    const { answered, failed } = await service.stop();
    figure(
      "goal: dev loop",
      `failed requests in ${EDITS_UNDER_LOAD} edits`,
      failed.length,
      "requests",
    );
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(EDITS_UNDER_LOAD);
  }
});

test("a wrong edit is told with file and line, and what ran before goes on", async () => {
  await served("backend", 2001);
  const since = dev.lines.length;
  const line = (before.get(SERVICE) ?? "").split("\n").length + 1;
  save(SERVICE, `${before.get(SERVICE)}\ndef broken(:\n`);
  const told = await dev.says(/^backend ✗/, 20, since);
  expect(told).toContain(`${SERVICE}:${line} SyntaxError`);
  expect(told).toContain("the one before goes on");
  expect(await (await user.request(PATHS.backend)).text()).toContain("(edit 2001)");
  await served("backend", 2002);
});

test("a pod that is replaced gets the whole tree by itself", async () => {
  await served("backend", 3001);
  const [pod] = await namespace.pods("backend");
  await namespace.kubectl(["delete", "pod", pod?.metadata.name ?? "", "--wait=false"]);
  await eventually(
    120,
    async () => {
      const names = await namespace.podNames("backend");
      if (names.includes(pod?.metadata.name ?? "")) return false;
      const response = await user.request(PATHS.backend).catch(() => undefined);
      return response !== undefined && (await response.text()).includes("(edit 3001)");
    },
    "the edit from the new pod",
  );
});

test("edits are no drift, and the way back to images is a change", async () => {
  await served("backend", 4001);
  const result = await npm("preview", "--refresh");
  expect(result.stdout).not.toMatch(/drift|by hand/i);
  expect(result.code).toBe(2);
});

test("two terminals don't undo each other's edits", async () => {
  const second = await npm("dev");
  expect(second.code).not.toBe(0);
  expect(second.stderr).toContain("is being developed already");
});

test("leaving puts images in the place of the dev pods", async () => {
  restore();
  dev.signal("SIGINT");
  expect(await dev.ended).toBe(0);
  const pods = [...(await namespace.pods("backend")), ...(await namespace.pods("frontend"))];
  for (const pod of pods as (Pod & { metadata: { labels?: Record<string, string> } })[])
    expect(pod.metadata.labels).not.toHaveProperty("todo-app/dev");
  const { code, stdout } = await npm("preview", "--refresh");
  expect([code, stdout.slice(-2000)]).toEqual([0, expect.any(String)]);
});

/** Runs of real parts: how they end, and that nothing is left of them. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tryRun } from "../../../common/run";
import { eventually } from "../../cluster/support/namespace";
import { runInGroup } from "../../run/group";
import { newMark } from "../../run/processes";
import type { TestResult } from "../../run/results";
import { START } from "../../run/runners";
import { folderWith } from "../support/folder";

jest.setTimeout(30_000);

const RUN = join(__dirname, "support/small-run.ts");

/** A run under way. */
interface Run {
  process: ChildProcess;
  /** Its exit code, and its rows by the names of their parts. */
  ended: Promise<{ code: number | null; rows: Record<string, TestResult>; said: string }>;
}

function start(commands: Record<string, string>, minutes = 1): Run {
  const args = [START, RUN, JSON.stringify(commands), `${minutes}`];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const texts = { out: "", said: "" };
  child.stdout.on("data", (text) => {
    texts.out += text;
  });
  child.stderr.on("data", (text) => {
    texts.said += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve)).then(
    (code) => {
      const results = JSON.parse(texts.out || "[]") as TestResult[];
      return { code, said: texts.said, rows: Object.fromEntries(results.map((r) => [r.part, r])) };
    },
  );
  return { process: child, ended };
}

/** A folder in which each part leaves the IDs of its processes. */
let folder: string;
beforeEach(() => {
  folder = folderWith({});
});

/** A shell command that writes its process's ID, or that of the last one that it has put aside. */
function noting(name: string, what: "$$" | "$!"): string {
  return `echo ${what} > ${folder}/${name}.new && mv ${folder}/${name}.new ${folder}/${name}`;
}

async function pidOf(name: string): Promise<number> {
  await eventually(20, async () => existsSync(join(folder, name)), `a process ID in ${name}`);
  return Number(readFileSync(join(folder, name), "utf8"));
}

/** Whether a process runs; one that has ended, and that nobody has asked about yet, doesn't. */
async function runs(pid: number): Promise<boolean> {
  const { stdout } = await tryRun("ps", ["-o", "stat=", "-p", `${pid}`]);
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}

/** A child in a session of its own, which lets nothing end it by asking. */
function stubborn(): string {
  return `setsid sh -c 'trap "" TERM; ${noting("child", "$$")}; while :; do sleep 1; done' & `;
}

describe("a part that hangs", () => {
  test("is ended at its limit, with all that it has started, and the next one runs", async () => {
    const hangs = `${stubborn()}${noting("part", "$$")}; sleep 600`;
    const { code, rows } = await start({ hangs, next: "true" }, 0.03).ended;
    expect(code).toBe(1);
    expect(rows.hangs).toMatchObject({
      passed: false,
      reason: expect.stringMatching(/^its limit of 0\.03 min is over; still ran: .*sleep/),
    });
    expect(rows.next).toMatchObject({ passed: true });
    for (const name of ["part", "child"]) expect(await runs(await pidOf(name))).toBe(false);
  });

  test("whose tests are done is ended soon, and that is its failure", async () => {
    const ended = await runInGroup("sh", ["-c", "sleep 600"], {
      ...{ mark: newMark(1), signal: new AbortController().signal },
      ...{ isDone: () => true, lingerMs: 200 },
    });
    expect(ended).toMatchObject({
      left: ["sleep 600"],
      reason: expect.stringMatching(/tests were done/),
    });
  });
});

describe("a part that leaves a child behind", () => {
  test.each([
    ["in its own group", ""],
    ["in a session of its own, that nobody waits for", "setsid "],
  ])("%s, with its output open, has passed; the child is named and gone", async (_, how) => {
    const leaves = `${how}sleep 601 & ${noting("child", "$!")}`;
    const started = Date.now();
    const { code, rows, said } = await start({ leaves }).ended;
    expect([code, rows.leaves?.passed]).toEqual([0, true]);
    expect(said).toContain("still ran, and was ended: sleep 601");
    expect(await runs(await pidOf("child"))).toBe(false);
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});

test("a part that is killed has failed, and tells by what", async () => {
  const { code, rows } = await start({ killed: "kill -9 $$", next: "true" }).ended;
  expect(code).toBe(1);
  expect(rows.killed).toMatchObject({ passed: false, reason: expect.stringMatching(/SIGKILL/) });
  expect(rows.next).toMatchObject({ passed: true });
});

test("a part whose set-up fails shows what it said", async () => {
  const { code, rows } = await start({ fails: "echo no room on the node >&2; exit 3" }).ended;
  expect(code).toBe(1);
  expect(rows.fails).toMatchObject({ passed: false, reason: "exit code 3: no room on the node" });
});

test("a part whose program is missing says so", async () => {
  const missing = `program-${randomUUID()}`;
  const options = { mark: newMark(2), signal: new AbortController().signal };
  await expect(runInGroup(missing, [], options)).rejects.toThrow(`spawn ${missing} ENOENT`);
});

describe.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("a run that is ended by %s", (signal, expected) => {
  test("ends its part, begins no further one, and reports", async () => {
    const hangs = `${stubborn()}${noting("part", "$$")}; sleep 600`;
    const run = start({ hangs, next: `touch ${folder}/begun` });
    const pids = [await pidOf("part"), await pidOf("child")];
    run.process.kill(signal);
    run.process.kill(signal); // once from the terminal, once from npm
    const { code, rows } = await run.ended;
    expect(code).toBe(expected);
    expect(rows.hangs?.reason).toMatch(`stopped by ${signal}`);
    expect(rows.next?.reason).toBe(`not run: stopped by ${signal}`);
    expect(existsSync(join(folder, "begun"))).toBe(false);
    for (const pid of pids) expect(await runs(pid)).toBe(false);
  });
});

test("a process of another run, or of a part with a longer name, is left alone", async () => {
  const other = spawn("sleep", ["602"], {
    env: { ...process.env, TODO_APP_TESTS_MARK: `${newMark(7)}0` },
    stdio: "ignore",
  });
  const signal = new AbortController().signal;
  writeFileSync(join(folder, "x"), "");
  await runInGroup("true", [], { mark: newMark(7), signal });
  expect(other.exitCode).toBeNull();
  expect(await runs(other.pid ?? 0)).toBe(true);
  other.kill();
});

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { type Case, makeCase } from "./cases";
import { Random } from "./random";

/**
 * The public URL of a running server: `FUZZ_URL`; its container, if it is one: `FUZZ_CONTAINER`; its
 * process, where that runs on this machine's Linux: `FUZZ_PID`.
 */
const url = new URL(process.env.FUZZ_URL ?? "http://localhost:3000");
const container = process.env.FUZZ_CONTAINER;
const pid = process.env.FUZZ_PID;
const cases = Number(process.env.FUZZ_CASES ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

const AT_ONCE = 16;
/** How long an answer may take, and how long one waits where none needs to come, in milliseconds. */
const LIMITS = { answer: 15_000, incomplete: 250 };

/** Memory that a pod of the chart may use, in MiB. */
const MOST_MEMORY = 512;

/** The most memory that a process has had, in MiB. */
function peakMemory(id: string): number {
  const status = readFileSync(`/proc/${id}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

type Outcome = { status: number } | { closed: true } | { silent: true };

/** Sends a request and reads the beginning of what comes back. */
function send({ pieces, complete }: Case): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect(Number(url.port || 80), url.hostname);
    let answer = "";
    const end = (outcome: Outcome): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve(outcome);
    };
    const limit = setTimeout(
      () => end({ silent: true }),
      complete ? LIMITS.answer : LIMITS.incomplete,
    );
    socket.on("data", (piece) => {
      answer += piece.toString("latin1");
      // An interim answer isn't it.
      const status =
        /^(?:HTTP\/1\.1 1\d\d[^\r]*\r\n(?:[^\r]+\r\n)*\r\n)*HTTP\/1\.1 ([2-9]\d\d)/.exec(answer);
      if (status) end({ status: Number(status[1]) });
    });
    socket.on("error", () => end({ closed: true }));
    socket.on("close", () => end({ closed: true }));
    void (async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        if (!socket.write(piece))
          await new Promise<void>((go) => {
            const on = () => {
              socket.off("drain", on).off("close", on);
              go();
            };
            socket.on("drain", on).on("close", on);
          });
      }
    })();
  });
}

async function signUp(): Promise<string> {
  const answer = await fetch(new URL("/api/auth/sign-up/email", url), {
    method: "POST",
    headers: { "content-type": "application/json", origin: url.origin },
    body: JSON.stringify({
      ...{
        name: "Fuzz",
        email: `fuzz-${crypto.randomUUID()}@example.com`,
        password: "correct horse",
      },
    }),
  });
  expect(answer.status).toBe(200);
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
}

it(`survives ${cases} requests of any kind (FUZZ_SEED=${seed})`, async () => {
  const random = new Random(seed);
  const sender = { cookie: await signUp(), origin: url.origin };
  const counts = new Map<string, number>();
  const failures: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < cases) {
      const number = next++;
      const one = makeCase(random, sender);
      const outcome = await send(one);
      const kind = "status" in outcome ? String(outcome.status) : Object.keys(outcome).join();
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (/^5/.test(kind) || (kind === "silent" && one.complete)) {
        failures.push(`case ${number}: ${JSON.stringify(one.name)}: ${kind}`);
      }
      if (number % 100 === 0) {
        const started = performance.now();
        const health = await fetch(new URL("/api/health", url), {
          signal: AbortSignal.timeout(5_000),
        });
        expect(health.status).toBe(200);
        const took = Math.round(performance.now() - started);
        counts.set("slowest health, ms", Math.max(took, counts.get("slowest health, ms") ?? 0));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  console.log(Object.fromEntries([...counts].sort()));
  expect(failures).toEqual([]);
  expect((await fetch(new URL("/sign-in", url))).status).toBe(200);
  if (pid) {
    const peak = Math.round(peakMemory(pid));
    console.log({ "peak memory, MiB": peak });
    expect(peak).toBeLessThan(MOST_MEMORY);
  }
  if (container) {
    const format = "{{.RestartCount}} {{.State.OOMKilled}} {{.State.Status}}";
    const state = execFileSync("docker", ["inspect", "--format", format, container], {
      encoding: "utf8",
    });
    expect(state.trim()).toBe("0 false running");
  }
});

import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Running } from "../../../../cli/session/pulumi";
import { folderWith } from "../../support/folder";

/** A `pulumi` that notes the signals it gets, and ends at the second, or when it is told to. */
const PULUMI = `#!/bin/sh
count=0
trap 'count=$((count + 1)); echo signal >> "$LOG"; [ "$count" -lt 2 ] || exit 130' INT
echo started >> "$LOG"
for _ in $(seq 200); do sleep 0.1; [ ! -e "$LOG.done" ] || exit 0; done
`;

function start(): {
  running: Running;
  signals(): number;
  started(): Promise<void>;
  finish(): void;
} {
  const folder = folderWith({ pulumi: PULUMI });
  chmodSync(join(folder, "pulumi"), 0o755);
  const log = join(folder, "log");
  const said = (): string => (existsSync(log) ? readFileSync(log, "utf8") : "");
  const env = { ...process.env, LOG: log, PATH: [folder, process.env.PATH].join(delimiter) };
  const path = process.env.PATH;
  process.env.PATH = env.PATH;
  const running = new Running([], env, () => undefined);
  process.env.PATH = path;
  return {
    running,
    finish: () => writeFileSync(`${log}.done`, ""),
    signals: () =>
      said()
        .split("\n")
        .filter((line) => line === "signal").length,
    async started() {
      while (!said().includes("started")) await sleep(10);
    },
  };
}

beforeEach(() => {
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => jest.restoreAllMocks());

describe("a Pulumi command under way", () => {
  it("gets the user's first Ctrl-C as its first signal, though npm passes it on once more", async () => {
    const { running, signals, started, finish } = start();
    const ended = running.endedDespiteSignals();
    await started();
    for (let copies = 0; copies < 2; copies += 1) process.emit("SIGINT");
    await sleep(300);
    expect(signals()).toBe(1);
    finish();
    await ended;
  });

  it("never gets the user's first as its second, where a rollout was called off before", async () => {
    const { running, signals, started, finish } = start();
    const ended = running.endedDespiteSignals();
    await started();
    running.interrupt();
    await sleep(300);
    process.emit("SIGINT");
    await sleep(300);
    expect(signals()).toBe(1);
    expect(running.isStopped).toBe(true);
    finish();
    await ended;
  });

  it("isn't signalled again where the rollout is called off after the user's first", async () => {
    const { running, signals, started, finish } = start();
    const ended = running.endedDespiteSignals();
    await started();
    process.emit("SIGINT");
    await sleep(300);
    running.interrupt();
    await sleep(300);
    expect(signals()).toBe(1);
    finish();
    expect(await ended).toBe(0);
  });

  it("is stopped at once by the user's second", async () => {
    const { running, signals, started } = start();
    const ended = running.endedDespiteSignals();
    await started();
    process.emit("SIGINT");
    await sleep(1_200);
    process.emit("SIGINT");
    expect(await ended).toBe(130);
    expect(signals()).toBe(2);
  });
});

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "../../../cli/session/cluster";
import { DevLoop, type LoopArgs } from "../../../dev/loop";
import type { Key, Terminal } from "../../../dev/terminal";
import { folderWith } from "../support/folder";
import { until } from "./support";

const before = process.cwd();
afterEach(() => process.chdir(before));

/** A loop without components, whose updates end when they are told to. */
function loopWith(options: Partial<LoopArgs> = {}): {
  loop: DevLoop;
  lines: string[];
  press(key: Key): void;
  /** Ends each update under way. */
  finish(): void;
  updates(): number;
} {
  const lines: string[] = [];
  let press: (key: Key) => void = () => undefined;
  let waiting: (() => void)[] = [];
  let updates = 0;
  const terminal = {
    line: (text: string) => lines.push(text),
    keys: (handler: typeof press) => {
      press = handler;
    },
    status: () => undefined,
    close: () => undefined,
  } as unknown as Terminal;
  const loop = new DevLoop({
    ...{ components: [], env: {}, terminal, debug: undefined, configuration: [] },
    url: async () => "http://localhost:30000",
    cluster: { pods: async () => [] } as unknown as Cluster,
    ...options,
    update: () => {
      updates += 1;
      return new Promise<void>((resolve) => waiting.push(resolve));
    },
  });
  return {
    ...{ loop, lines, press: (key) => press(key), updates: () => updates },
    finish: () => {
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
}

const BACKENDS = {
  metadata: {
    ...{ name: "backend-1", creationTimestamp: "2026-01-02T03:04:05Z" },
    labels: { "app.kubernetes.io/component": "backend", "todo-app/dev": "true" },
  },
  status: { phase: "Running", containerStatuses: [{ state: { running: {} } }] },
};

const moment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

test("another's loop is left alone, whatever part it works on", async () => {
  const refused = '{"type":"refused","owner":{"user":"ada","host":"laptop","pid":1}}';
  const folder = folderWith({ kubectl: `#!/bin/sh\necho '${refused}'\nsleep 1\n` });
  chmodSync(join(folder, "kubectl"), 0o755);
  const { loop, updates } = loopWith({
    ...{ components: ["frontend"], env: { PATH: `${folder}:${process.env.PATH}` } },
    cluster: { pods: async () => [BACKENDS], arguments: [] } as unknown as Cluster,
  });
  await expect(loop.run()).rejects.toThrow("the backend is being developed already");
  expect(updates()).toBe(0);
});

test("a key that can't do what it should says why, and the loop goes on", async () => {
  let asked = 0;
  const { loop, lines, press, finish } = loopWith({
    url: async () => {
      asked += 1;
      if (asked > 1) throw new Error("the state is gone");
      return "http://localhost:30000";
    },
  });
  const end = loop.run();
  await moment();
  finish();
  await moment();
  press("open");
  await moment();
  expect(lines.at(-1)).toBe("Error: the state is gone");
  loop.leave();
  expect(await end).toBe("left");
});

test("Ctrl-C while the first update runs ends the loop as soon as that is over", async () => {
  const { loop, finish } = loopWith();
  const end = loop.run();
  await moment();
  loop.leave();
  finish();
  expect(await end).toBe("left");
});

test("leaving waits for an update under way: the one that puts images back would find it locked", async () => {
  const { loop, press, finish, updates } = loopWith();
  const end = loop.run();
  await moment();
  finish();
  await moment();
  press("update");
  press("update"); // one at a time
  press("quit");
  let left = false;
  void end.then(() => {
    left = true;
  });
  await moment();
  expect([left, updates()]).toEqual([false, 2]);
  finish();
  expect(await end).toBe("left");
});

test("what is saved during an update is brought by one of its own", async () => {
  const requirements = "apps/backend/requirements.txt";
  process.chdir(folderWith({ [requirements]: "a" }));
  const { loop, press, finish, updates, lines } = loopWith({ components: ["backend"] });
  const end = loop.run();
  await moment();
  finish();
  await moment();
  press("update");
  writeFileSync(requirements, "b"); // the one under way may have read it before
  await until("it is told", () => lines.some((line) => line.includes(`${requirements} changed`)));
  expect(updates()).toBe(2);
  finish();
  await until("an update brings it", () => updates() === 3);
  writeFileSync(requirements, "c");
  finish();
  await until("an update brings that too", () => updates() === 4);
  loop.leave();
  finish();
  expect(await end).toBe("left");
});

test("a setting that changes during an update is brought by one of its own; what the update writes isn't", async () => {
  const file = join(
    folderWith({ "Pulumi.dev.yaml": "config:\n  app:level: info\n" }),
    "Pulumi.dev.yaml",
  );
  const { loop, press, finish, updates } = loopWith({ configuration: [file] });
  const end = loop.run();
  await moment();
  finish();
  await moment();
  press("update");
  writeFileSync(file, "encryptionsalt: v1\nconfig:\n  app:level: info\n");
  finish();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(updates()).toBe(2);
  writeFileSync(file, "encryptionsalt: v1\nconfig:\n  app:level: debug\n");
  await until("an update brings it", () => updates() === 3);
  writeFileSync(file, "encryptionsalt: v1\nconfig:\n  app:level: info\n");
  finish();
  await until("an update takes it back", () => updates() === 4);
  loop.leave();
  finish();
  expect(await end).toBe("left");
});

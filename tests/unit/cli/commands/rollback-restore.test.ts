import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { main } from "../../../../cli/main";
import { recordedBy } from "../../../../cli/rollback/history";
import { checkImages } from "../../../../cli/rollback/target";
import { openSession, prepareUpdate, type Session } from "../../../../cli/session/session";
import { ROOT } from "../../../../cli/session/workspace";
import { repairStack } from "../../../../cli/update/repair";
import { update } from "../../../../cli/update/update";
import "../../../../cli/commands/rollback";
import { commandOf, written } from "./support";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/session", () => ({
  ...{ openSession: jest.fn(), prepareUpdate: jest.fn() },
}));
jest.mock("../../../../cli/rollback/history", () => ({
  ...jest.requireActual<object>("../../../../cli/rollback/history"),
  recordedBy: jest.fn(),
}));
jest.mock("../../../../cli/rollback/target", () => ({
  ...jest.requireActual<object>("../../../../cli/rollback/target"),
  checkImages: jest.fn(),
}));
jest.mock("../../../../cli/update/repair", () => ({ repairStack: jest.fn() }));
jest.mock("../../../../cli/update/update", () => ({ update: jest.fn() }));

const rollback = commandOf(main);
const deployment = (number: number) => ({
  ...{
    identity: `i${number}`,
    version: `0.${number}.0`,
    values: { replicas: number },
    chartHash: "h",
  },
  ...{ tags: { backend: `b${number}`, frontend: `f${number}` } },
  config: { "todo-app:namespace": `shop-${number}`, "todo-app:minikubeProfile": "lab" },
});
const version = (number: number) => ({
  ...{ number, result: "succeeded", time: new Date(0), by: "ann@laptop", commit: "c" },
  ...{ tags: deployment(number).tags, configChanged: [], deployment: deployment(number) },
});
const IMAGES = ["urn:image:backend", "urn:image:frontend"];
let done: string[];
let err: string[];
/** What the update found: its arguments, its environment, and the folder that it works from. */
let found: {
  args: readonly string[];
  config: unknown;
  mode: number;
  folder: string;
  message: string;
};

beforeEach(() => {
  done = [];
  err = written("stderr");
  const note = (name: string) => async () => void done.push(name);
  const state = {
    resources: [
      ...IMAGES.map((urn) => ({ urn, type: "docker:index/image:Image" })),
      { urn: "urn:secret", type: "kubernetes:core/v1:Secret" },
    ],
  };
  const pulumi = { hasStack: async () => true, state: async () => state };
  const session = { stack: "dev", pulumi, tools: { env: {} }, settings: {}, cluster: {} };
  jest.mocked(openSession).mockResolvedValue(session as never);
  jest.mocked(recordedBy).mockResolvedValue({
    ...{ versions: [version(1), version(2)], deployments: [deployment(1), deployment(2)] },
    ...{ charts: { h: Buffer.from("{}").toString("base64") }, isDeveloped: false },
  } as never);
  jest.mocked(prepareUpdate).mockReset().mockImplementation(note("prepared"));
  jest
    .mocked(repairStack)
    .mockReset()
    .mockImplementation(async () => {
      done.push("repaired");
      return [];
    });
  jest.mocked(checkImages).mockReset().mockImplementation(note("images looked for"));
  jest
    .mocked(update)
    .mockReset()
    .mockImplementation(async (_, { args = [], env = {}, message }) => {
      done.push("updated");
      const file = args[1] ?? "";
      const folder = Object.values(env)[0] ?? "";
      found = {
        ...{ args, folder, config: parse(readFileSync(file, "utf8")) },
        ...{ mode: statSync(file).mode & 0o777, message: await message() },
      };
    });
});
afterEach(() => jest.restoreAllMocks());

/** A chart as it is kept, where the test can't make one. */
jest.mock("../../../../components/record/restore", () => {
  const actual = jest.requireActual<typeof import("../../../../components/record/restore")>(
    "../../../../components/record/restore",
  );
  const { mkdirSync } = jest.requireActual<typeof import("node:fs")>("node:fs");
  return {
    ...actual,
    writeRestored: jest.fn(() => {
      const folder = `.state/unit-restore-${process.pid}`;
      mkdirSync(join(ROOT, folder), { recursive: true });
      return folder;
    }),
  };
});

test("the version before comes back by an update with its own chart, values and configuration, and nothing is built", async () => {
  expect(await rollback()).toBe(0);
  expect(done).toEqual(["prepared", "repaired", "images looked for", "updated"]);
  expect(prepareUpdate).toHaveBeenCalledWith(expect.anything(), []);
  expect(found.args).toEqual([
    ...["--config-file", join(ROOT, found.folder, "Pulumi.dev.yaml")],
    ...IMAGES.flatMap((urn) => ["--exclude", urn]),
  ]);
  expect(found.config).toMatchObject({ config: deployment(1).config });
  expect(found.mode).toBe(0o600);
  expect(found.message).toBe("rollback to version 1: 0.1.0: backend b1, frontend f1");
  expect(err.slice(-2)).toEqual([
    "rolling back to version 1\n",
    'stack "dev" is back at version 1; the next up goes forward again\n',
  ]);
  // What was restored is of no use afterwards.
  expect(existsSync(join(ROOT, found.folder))).toBe(false);
});

test("the cluster is the one that the version was on, which may be another than now", async () => {
  await rollback({ to: "1" });
  const [session] = jest.mocked(prepareUpdate).mock.lastCall ?? [];
  expect(session?.settings).toMatchObject({ namespace: "shop-1", kubeContext: "lab" });
  expect(session?.cluster.arguments).toEqual(["--context", "lab", "--namespace", "shop-1"]);
  for (const [used] of [...jest.mocked(repairStack).mock.calls, ...jest.mocked(update).mock.calls])
    expect((used as Session).settings.namespace).toBe("shop-1");
  expect(jest.mocked(checkImages).mock.lastCall?.[1]).toMatchObject({ profile: "lab" });
});

test("an update that fails says so, and leaves nothing behind either", async () => {
  let folder = "";
  jest.mocked(update).mockImplementation(async (_, { env = {} }) => {
    folder = Object.values(env)[0] ?? "";
    throw new Error("the rollout failed");
  });
  await expect(rollback()).rejects.toThrow("the rollout failed");
  expect(existsSync(join(ROOT, folder))).toBe(false);
  expect(err.join("")).not.toContain("is back at version");
});

test("nothing is changed where an image is gone", async () => {
  jest.mocked(checkImages).mockRejectedValue(new Error("its image is gone"));
  await expect(rollback()).rejects.toThrow("its image is gone");
  expect(update).not.toHaveBeenCalled();
});

test("a stack that isn't there has nothing to go back to", async () => {
  const pulumi = { hasStack: async () => false };
  jest.mocked(openSession).mockResolvedValue({ stack: "dev", pulumi } as never);
  await expect(rollback()).rejects.toMatchObject({ what: 'stack "dev" has nothing to go back to' });
  expect(done).toEqual([]);
});

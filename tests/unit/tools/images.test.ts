import type { RunResult } from "../../../common/run";
import { folderWith } from "../support/folder";

jest.mock("../../../common/run", () => ({
  ...jest.requireActual<object>("../../../common/run"),
  ...{ run: jest.fn(), tryRun: jest.fn() },
}));
jest.mock("node:timers/promises", () => ({ setTimeout: async () => undefined }));

const environment = { ...process.env };
const GOOD: RunResult = { code: 0, stdout: "", stderr: "" };
const HICCUP = "Error response from daemon: dial tcp: i/o timeout";
const ENV = { ONLY: "this" };
let images: Set<string>;
let refusals: string[];
let commands: string[];

/** Fresh each time: what can't be reached is remembered. */
const load = (): typeof import("../../../tools/images") => {
  let loaded: typeof import("../../../tools/images") | undefined;
  jest.isolateModules(() => {
    loaded = jest.requireActual<typeof import("../../../tools/images")>("../../../tools/images");
  });
  if (!loaded) throw new Error("not loaded");
  return loaded;
};

beforeEach(() => {
  process.env.XDG_CACHE_HOME = folderWith({});
  delete process.env.TODO_APP_OFFLINE;
  [images, refusals, commands] = [new Set(), [], []];
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const { run, tryRun } = jest.requireMock<{ run: jest.Mock; tryRun: jest.Mock }>(
    "../../../common/run",
  );
  tryRun.mockReset().mockImplementation(async (_: string, args: string[]) => {
    const [verb = "", image = ""] = args;
    if (verb === "image")
      return args.slice(2).every((name) => images.has(name)) ? GOOD : { ...GOOD, code: 1 };
    commands.push(args.join(" "));
    const stderr = refusals.shift();
    if (stderr !== undefined) return { ...GOOD, code: 1, stderr };
    images.add(image);
    return GOOD;
  });
  run.mockReset().mockImplementation(async (command: string, args: string[]) => {
    commands.push([command, ...args.slice(0, 1)].join(" "));
    return "";
  });
});
afterEach(() => {
  process.env = { ...environment };
  jest.restoreAllMocks();
});

describe("an image that is needed", () => {
  test("is left alone where Docker has it", async () => {
    images.add("postgres:15");
    await load().ensureImage("postgres:15", ENV);
    expect(commands).toEqual([]);
  });

  test("is pulled", async () => {
    await load().ensureImage("postgres:15", ENV);
    expect(commands).toEqual(["pull postgres:15"]);
  });

  test("is pulled again after a hiccup of the network", async () => {
    refusals = [HICCUP];
    await load().ensureImage("postgres:15", ENV);
    expect(commands).toEqual(["pull postgres:15", "pull postgres:15"]);
  });

  test("that a registry refuses isn't asked for twice, and nothing is made in its place", async () => {
    refusals = ["1\n2\ndenied: not yours\nreally\n"];
    await expect(load().ensureImage("example.com/secret:1", ENV)).rejects.toMatchObject({
      ...{
        what: "the image example.com/secret:1 can't be had",
        why: "2\ndenied: not yours\nreally",
      },
    });
    expect(commands).toEqual(["pull example.com/secret:1"]);
  });

  test("isn't asked for once the registry is known to be away", async () => {
    refusals = Array(9).fill(HICCUP);
    const { ensureImage } = load();
    await expect(ensureImage("example.com/a:1", ENV)).rejects.toMatchObject({ why: HICCUP });
    const tries = commands.length;
    await expect(ensureImage("example.com/b:1", ENV)).rejects.toMatchObject({ why: HICCUP });
    expect(commands).toHaveLength(tries);
    expect(tries).toBeGreaterThan(1);
  });

  test("isn't pulled where TODO_APP_OFFLINE is 1", async () => {
    process.env.TODO_APP_OFFLINE = "1";
    await expect(load().ensureImage("example.com/a:1", ENV)).rejects.toMatchObject({
      why: "TODO_APP_OFFLINE is 1",
    });
    expect(commands).toEqual([]);
  });

  test("isn't made here where TODO_APP_OFFLINE is 0", async () => {
    process.env.TODO_APP_OFFLINE = "0";
    refusals = ["denied"];
    await expect(load().ensureImage("postgres:15", ENV)).rejects.toMatchObject({
      what: "the image postgres:15 can't be had",
    });
    expect(commands).toEqual(["pull postgres:15"]);
  });
});

test("whether Docker has images counts only where it has each", async () => {
  images.add("a:1");
  const { hasImages, hasImage } = load();
  expect(await hasImage("a:1", ENV)).toBe(true);
  expect(await hasImages(["a:1", "b:1"], ENV)).toBe(false);
  images.add("b:1");
  expect(await hasImages(["a:1", "b:1"], ENV)).toBe(true);
});

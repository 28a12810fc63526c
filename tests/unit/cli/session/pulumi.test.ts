import { createHash } from "node:crypto";
import fs, { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { localBackend } from "../../../../cli/session/backend";
import { Pulumi } from "../../../../cli/session/pulumi";
import { checkPassphrase, ROOT } from "../../../../cli/session/workspace";
import { run, tryRun } from "../../../../common/run";
import { folderWith } from "../../support/folder";

jest.mock("../../../../common/run", () => ({
  ...jest.requireActual<object>("../../../../common/run"),
  ...{ run: jest.fn(), tryRun: jest.fn() },
}));

jest.mock("../../../../cli/session/workspace", () => ({
  ...jest.requireActual<object>("../../../../cli/session/workspace"),
  checkPassphrase: jest.fn(async () => undefined),
}));

const rowsOf = (number: number): object => ({
  resources: [{ urn: "u", type: "pulumi:pulumi:Stack", outputs: { url: `http://${number}` } }],
});
/** What an earlier, local backend has left in the clone's folder. */
const LEFT = JSON.stringify({ checkpoint: { latest: rowsOf(1) } });

/** The stack of a clone whose folder holds a state. */
function stack(backend: string): Pulumi {
  const real = { exists: fs.existsSync, read: readFileSync };
  jest
    .spyOn(fs, "existsSync")
    .mockImplementation(
      (path) => /stacks\/todo-app\/staging\.json$/.test(`${path}`) || real.exists(path),
    );
  jest
    .spyOn(fs, "readFileSync")
    .mockImplementation(((path: string, options: "utf8") =>
      /stacks\/todo-app\/staging\.json$/.test(path) ? LEFT : real.read(path, options)) as never);
  const variables = {
    ...{ PULUMI_BACKEND_URL: backend, PULUMI_CREDENTIALS_PATH: "" },
    PULUMI_LANGUAGE_NODEJS_RUN_PATH: "",
  };
  return new Pulumi("staging", { env: {} } as never, variables);
}

beforeEach(() => {
  jest.mocked(run).mockImplementation(async (_command, args) => {
    if (args[0] === "stack" && args[1] === "ls") return JSON.stringify([{ name: "staging" }]);
    if (args[1] === "output") return "http://2";
    return JSON.stringify({ deployment: rowsOf(2) });
  });
});
afterEach(() => jest.restoreAllMocks());

describe("a stack's state", () => {
  it("is read from the clone's folder where that is the backend", async () => {
    const pulumi = stack(localBackend(ROOT));
    expect(await pulumi.state()).toEqual(rowsOf(1));
    expect(await pulumi.output("url")).toBe("http://1");
    expect(run).not.toHaveBeenCalled();
  });

  it("is the shared backend's where one is named, whatever the clone's folder has left of an earlier one", async () => {
    const pulumi = stack("postgres://db.example.com/pulumi");
    expect(await pulumi.state()).toEqual(rowsOf(2));
    expect(await pulumi.output("url")).toBe("http://2");
  });
});

describe("a stack", () => {
  const NAME = `unit-${process.pid}`;
  const GOOD = { code: 0, stdout: "", stderr: "" };
  const own = (stack = NAME, env: object = {}) =>
    new Pulumi(stack, { env } as never, {
      ...{ PULUMI_BACKEND_URL: localBackend(ROOT), PULUMI_CREDENTIALS_PATH: "" },
      PULUMI_LANGUAGE_NODEJS_RUN_PATH: "",
    });
  const commands = () =>
    [...jest.mocked(run).mock.calls, ...jest.mocked(tryRun).mock.calls].map(([command, args]) =>
      [command, ...args].join(" "),
    );
  /** A home in which Pulumi has noted what is selected. */
  const selecting = (note: object): object => {
    const home = folderWith({});
    const path = createHash("sha1").update(join(ROOT, "Pulumi.yaml")).digest("hex");
    mkdirSync(join(home, "workspaces"));
    writeFileSync(
      join(home, "workspaces", `todo-app-${path}-workspace.json`),
      JSON.stringify(note),
    );
    return { PULUMI_HOME: home };
  };

  beforeEach(() => {
    jest.mocked(run).mockReset().mockResolvedValue("[]");
    jest.mocked(tryRun).mockReset().mockResolvedValue(GOOD);
  });

  it("that isn't there is made, and selected where nothing is", async () => {
    await own().ensureStack();
    expect(commands()).toEqual([
      "pulumi stack ls --json --non-interactive",
      `pulumi stack init ${NAME} --non-interactive`,
    ]);
    expect(jest.mocked(tryRun).mock.lastCall?.[2]).toMatchObject({ cwd: ROOT, env: { PWD: ROOT } });
  });

  it.each([
    [{ stacks: { [localBackend(ROOT)]: "dev" } }, true],
    [{ stack: "dev" }, true],
    [{ stacks: { "s3://other": "dev" } }, false],
    [{ stacks: {} }, false],
  ])("that isn't there leaves the one that is selected: %j", async (note, isOneSelected) => {
    await own(NAME, selecting(note)).ensureStack();
    expect(commands().at(-1)).toBe(
      `pulumi stack init ${NAME} ${isOneSelected ? "--no-select " : ""}--non-interactive`,
    );
  });

  it("that is there is selected where nothing is, and only there", async () => {
    jest.mocked(run).mockResolvedValue(JSON.stringify([{ name: "organization/todo-app/team" }]));
    await own("team", selecting({ stack: "dev" })).ensureStack();
    expect(commands()).toHaveLength(1);
    await own("team").ensureStack();
    expect(commands().at(-1)).toBe("pulumi stack select team --non-interactive");
    expect(tryRun).not.toHaveBeenCalled();
  });

  it("may have been made by another command meanwhile; any other failure is told", async () => {
    const stderr = `error: stack '${NAME}' already exists`;
    jest.mocked(tryRun).mockResolvedValue({ ...GOOD, code: 255, stderr });
    await expect(own().ensureStack()).resolves.toBeUndefined();
    jest.mocked(tryRun).mockResolvedValue({ ...GOOD, code: 255, stderr: "no such backend" });
    await expect(own().ensureStack()).rejects.toThrow("no such backend");
  });

  it("is one by its whole name", async () => {
    const has = async (...names: string[]) => {
      jest.mocked(run).mockResolvedValue(JSON.stringify(names.map((name) => ({ name }))));
      return own().hasStack();
    };
    expect(await has("other", NAME)).toBe(true);
    expect(await has(`org/todo-app/${NAME}`)).toBe(true);
    expect(await has(`x${NAME}`, `${NAME}x`)).toBe(false);
    expect(await has()).toBe(false);
  });

  describe("with a state in this clone", () => {
    const file = own().checkpointFile();
    afterEach(() => {
      for (const path of [file, `${file}.gz`]) rmSync(path, { force: true });
    });
    const kept = (latest: unknown): string => JSON.stringify({ checkpoint: { latest } });

    it("is there, and its state is read without Pulumi, zipped or not", async () => {
      mkdirSync(join(file, ".."), { recursive: true });
      expect(await own().state()).toBeUndefined();
      writeFileSync(`${file}.gz`, gzipSync(kept(rowsOf(3))));
      expect(await own().state()).toEqual(rowsOf(3));
      writeFileSync(file, kept(rowsOf(4)));
      expect(await own().state()).toEqual(rowsOf(4));
      expect(await own().hasStack()).toBe(true);
      expect(await own().output("url")).toBe("http://4");
      writeFileSync(file, kept(undefined));
      expect(await own().state()).toEqual({});
      expect(run).not.toHaveBeenCalled();
    });

    it("asks Pulumi for what the state doesn't say in clear", async () => {
      mkdirSync(join(file, ".."), { recursive: true });
      const secret = { "4dabf18193072939515e22adb298388d": "x" };
      writeFileSync(
        file,
        kept({ resources: [{ type: "pulumi:pulumi:Stack", outputs: { url: secret } }] }),
      );
      jest.mocked(run).mockResolvedValue("http://5");
      expect(await own().output("url")).toBe("http://5");
      expect(commands()).toEqual([`pulumi stack output url --stack ${NAME} --non-interactive`]);
    });
  });

  it("is named in each command, which is asked nothing", async () => {
    const pulumi = own();
    jest.mocked(run).mockResolvedValue('{"a":1}');
    expect(await pulumi.json(["about"])).toEqual({ a: 1 });
    expect(await pulumi.quiet(["cancel"])).toBe('{"a":1}');
    expect(await pulumi.try(["up"])).toEqual(GOOD);
    expect(commands()).toEqual(
      ["about", "cancel", "up"].map((verb) => `pulumi ${verb} --stack ${NAME} --non-interactive`),
    );
  });

  it("whose passphrase is wrong is asked nothing: each command tells that", async () => {
    const wrong = new Error("wrong passphrase");
    jest.mocked(checkPassphrase).mockRejectedValueOnce(wrong);
    const pulumi = own();
    await expect(pulumi.quiet(["up"])).rejects.toBe(wrong);
    await expect(pulumi.try(["up"])).rejects.toBe(wrong);
    await expect(pulumi.json(["up"])).rejects.toBe(wrong);
    await expect(pulumi.output("url")).rejects.toBe(wrong);
    await expect(pulumi.start(["up"], () => undefined)).rejects.toBe(wrong);
    expect(commands()).toEqual([]);
  });

  it("that no backend knows has no state", async () => {
    const elsewhere = new Pulumi(NAME, { env: {} } as never, {
      ...{ PULUMI_BACKEND_URL: "s3://states", PULUMI_CREDENTIALS_PATH: "" },
      PULUMI_LANGUAGE_NODEJS_RUN_PATH: "",
    });
    expect(await elsewhere.state()).toBeUndefined();
    expect(elsewhere.isLocal).toBe(false);
  });
});

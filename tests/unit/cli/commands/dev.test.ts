import { main } from "../../../../cli/main";
import { openSession, prepareUpdate } from "../../../../cli/session/session";
import { repairStack } from "../../../../cli/update/repair";
import { update } from "../../../../cli/update/update";
import { DevLoop } from "../../../../dev/loop";
import "../../../../cli/commands/dev";
import { commandOf, written } from "./support";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/session", () => ({
  ...{ openSession: jest.fn(), prepareUpdate: jest.fn() },
}));
jest.mock("../../../../cli/session/workspace", () => ({
  stackFile: (stack: string) => `Pulumi.${stack}.yaml`,
}));
jest.mock("../../../../cli/update/repair", () => ({ repairStack: jest.fn() }));
jest.mock("../../../../cli/update/update", () => ({ update: jest.fn() }));
jest.mock("../../../../cli/update/message", () => ({ messageOfUpdate: async () => "back" }));
jest.mock("../../../../dev/loop", () => ({ DevLoop: jest.fn() }));

const dev = commandOf(main);
const session = {
  ...{ stack: "dev", cluster: {}, tools: { env: {} } },
  settings: { environment: "development" },
  pulumi: { output: async () => "http://localhost:30000" },
};
const loop = { run: jest.fn(), leave: jest.fn() };
let done: string[];
let out: string[];
let err: string[];
const options = () => jest.mocked(DevLoop).mock.lastCall?.[0];

beforeEach(() => {
  done = [];
  [out, err] = [written("stdout"), written("stderr")];
  jest.mocked(openSession).mockResolvedValue(session as never);
  jest.mocked(prepareUpdate).mockImplementation(async () => void done.push("prepared"));
  jest.mocked(repairStack).mockImplementation(async () => {
    done.push("repaired");
    return [];
  });
  jest.mocked(update).mockImplementation((async (_: object, { message }: never) => {
    done.push(`updated: ${await (message as () => Promise<string>)()}`);
  }) as never);
  jest.mocked(DevLoop).mockImplementation(() => loop as never);
  loop.run.mockReset().mockImplementation(async () => {
    done.push("loop");
    return "left";
  });
  loop.leave.mockReset();
});
afterEach(() => jest.restoreAllMocks());

describe("npm run dev", () => {
  test("develops both components, and puts the images back at its end", async () => {
    expect(await dev()).toBe(0);
    expect(done).toEqual(["prepared", "repaired", "loop", "prepared", "updated: back"]);
    expect(options()).toMatchObject({
      ...{ components: ["backend", "frontend"], debug: undefined },
      configuration: ["Pulumi.dev.yaml"],
    });
    expect(out).toEqual(["http://localhost:30000\n"]);
  });

  test("develops the one that is named; its update says so in the stack's history", async () => {
    await dev({}, "frontend");
    expect(options()?.components).toEqual(["frontend"]);
    await options()?.update({});
    expect(done.at(-1)).toBe("updated: development of frontend");
    await dev({}, "frontend", "backend");
    expect(options()?.components).toEqual(["backend", "frontend"]);
    await options()?.update({});
    expect(done.at(-1)).toBe("updated: development of backend and frontend");
  });

  test("--stay leaves the dev pods, and says how they go", async () => {
    expect(await dev({ stay: true })).toBe(0);
    expect(done).toEqual(["prepared", "repaired", "loop"]);
    expect(err).toEqual([
      "the dev pods stay; npm run up -- --stack dev puts images in their place\n",
    ]);
  });

  test("has nothing to put back where another loop, or an update, has taken the pods", async () => {
    loop.run.mockResolvedValue("replaced");
    expect(await dev()).toBe(0);
    expect(done).toEqual(["prepared", "repaired"]);
    expect(out).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s leaves the loop, and no listener stays",
    async (signal) => {
      const before = process.listenerCount(signal);
      loop.run.mockImplementation(async () => {
        expect(process.listenerCount(signal)).toBe(before + 1);
        process.emit(signal, signal);
        return "left";
      });
      await dev({ stay: true });
      expect(loop.leave).toHaveBeenCalledTimes(1);
      expect(process.listenerCount(signal)).toBe(before);
    },
  );

  test("a loop that fails leaves no listener, and updates nothing", async () => {
    const before = process.listenerCount("SIGINT");
    loop.run.mockRejectedValue(new Error("the pods are gone"));
    await expect(dev()).rejects.toThrow("the pods are gone");
    expect(process.listenerCount("SIGINT")).toBe(before);
    expect(done).toEqual(["prepared", "repaired"]);
  });

  test.each([
    [["database"], {}, '"database" is no component'],
    [["backend", "x"], {}, '"x" is no component'],
    [["backend"], { debug: "frontend" }, `"frontend" can't be debugged`],
    [[], { debug: "database" }, `"database" can't be debugged`],
  ])("%j %j is refused before anything is opened", async (words, flags, what) => {
    jest.mocked(openSession).mockClear();
    await expect(dev(flags, ...words)).rejects.toMatchObject({ what, exitCode: 64 });
    expect(openSession).not.toHaveBeenCalled();
  });

  test("lets a debugger attach to a component that it develops", async () => {
    await dev({ debug: "backend" });
    expect(options()?.debug).toBe("backend");
  });

  test.each(["staging", "production"])(
    "is refused in %s: pods run their images there",
    async (environment) => {
      jest
        .mocked(openSession)
        .mockResolvedValue({ ...session, settings: { environment } } as never);
      await expect(dev()).rejects.toMatchObject({
        ...{ what: `stack "dev" can't be developed in`, why: expect.stringContaining(environment) },
      });
      expect(done).toEqual([]);
    },
  );
});

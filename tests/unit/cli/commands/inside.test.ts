/** The commands that go inside: a shell beside a container, psql, and what a shell completes. */
import { databaseConnection } from "../../../../cli/inside/database";
import { debugShell } from "../../../../cli/inside/shell";
import { interactively } from "../../../../cli/inside/terminal";
import { main } from "../../../../cli/main";
import { openSession } from "../../../../cli/session/session";
import { commandOf, written } from "./support";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/session", () => ({ openSession: jest.fn() }));
jest.mock("../../../../cli/inside/shell", () => ({
  ...{ COMPONENTS: ["backend", "frontend"], debugShell: jest.fn() },
}));
jest.mock("../../../../cli/inside/database", () => ({ databaseConnection: jest.fn() }));
jest.mock("../../../../cli/inside/terminal", () => ({ interactively: jest.fn() }));
jest.mock("../../../../cli/contents", () => ({ allCommands: () => [] }));

const load = (module: string) => {
  jest.requireActual(`../../../../cli/commands/${module}`);
  return commandOf(main);
};
const [shell, psql, completion] = ["shell", "psql", "completion"].map(load);
let out: string[];
let err: string[];

beforeEach(() => {
  [out, err] = [written("stdout"), written("stderr")];
  jest
    .mocked(openSession)
    .mockReset()
    .mockResolvedValue({ stack: "dev" } as never);
  jest.mocked(debugShell).mockResolvedValue({ code: 5, pod: "backend-1" });
  jest.mocked(databaseConnection).mockImplementation((async (_: object, flags: string[]) => ({
    ...{ args: ["run", "psql", ...flags], env: { PGPASSWORD: "x" } },
  })) as never);
  jest.mocked(interactively).mockReset().mockResolvedValue(0);
});
afterEach(() => jest.restoreAllMocks());

describe("npm run shell", () => {
  test("opens beside the component that is named, ends as its command does, and says what stays", async () => {
    expect(await shell?.({ image: "busybox", command: "ps" }, "backend")).toBe(5);
    expect(debugShell).toHaveBeenLastCalledWith({ stack: "dev" }, "backend", {
      ...{ image: "busybox", command: "ps" },
    });
    expect(err).toEqual([
      "· what was started stays listed in pod backend-1 until the pod is replaced\n",
    ]);
  });

  test.each([
    [[], "a shell where?"],
    [["database"], '"database" is no component'],
    [["backend", "frontend"], '"backend frontend" is no component'],
  ])("%j is refused", async (words, what) => {
    await expect(shell?.({}, ...words)).rejects.toMatchObject({ what, exitCode: 64 });
    expect(openSession).not.toHaveBeenCalled();
  });
});

describe("npm run psql", () => {
  const asked = () => jest.mocked(interactively).mock.lastCall;

  test("asks, or reads what is piped in, and stops at the first error", async () => {
    expect(await psql?.()).toBe(0);
    expect(asked()).toEqual([
      ...["docker", ["run", "psql", "--set=ON_ERROR_STOP=1"]],
      { PGPASSWORD: "x" },
    ]);
  });

  test("runs a statement, with its answer as CSV where that is asked for", async () => {
    await psql?.({ command: "select 1", csv: true });
    expect(asked()?.[1]).toEqual([
      ...["run", "psql", "--set=ON_ERROR_STOP=1", "--csv", "--command", "select 1"],
    ]);
  });

  test.each([1, 2, 3, 126])("ends with psql's own exit code %i", async (code) => {
    jest.mocked(interactively).mockResolvedValue(code);
    expect(await psql?.()).toBe(code);
  });

  test.each([125, 127])("tells exit code %i of an engine that refuses", async (code) => {
    jest.mocked(interactively).mockResolvedValue(code);
    await expect(psql?.()).rejects.toMatchObject({ what: "psql can't be started" });
  });
});

describe("todo-app completion", () => {
  test.each(["bash", "zsh"])("prints the script for %s", async (name) => {
    expect(await completion?.({}, name)).toBe(0);
    expect(out.join("")).toContain("todo-app");
  });

  test.each([
    [[], "completion for which shell?"],
    [["fish"], "there is no completion for fish"],
    [["bash", "zsh"], "there is no completion for bash zsh"],
  ])("%j is refused", async (words, what) => {
    await expect(completion?.({}, ...words)).rejects.toMatchObject({
      ...{ what, why: "there is one for bash and zsh", exitCode: 64 },
    });
    expect(out).toEqual([]);
  });
});

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import {
  databaseName,
  ensureDatabase,
  isPortFree,
  runArguments,
} from "../../../../cli/session/database";
import type { RunOptions, RunResult } from "../../../../common/run";
import { freePort } from "../../../support/free-port";

const docker = jest.fn<RunResult, [command: string, input: unknown]>();
jest.mock("../../../../common/run", () => {
  const { CommandError } =
    jest.requireActual<typeof import("../../../../common/run")>("../../../../common/run");
  const tryRun = async (_: string, args: readonly string[], { input }: RunOptions = {}) =>
    docker(args.join(" "), input);
  const run = async (command: string, args: readonly string[], options?: RunOptions) => {
    const result = await tryRun(command, args, options);
    if (result.code !== 0) throw new CommandError(command, result);
    return result.stdout;
  };
  return { CommandError, run, tryRun };
});
jest.mock("../../../../cli/session/workspace", () => ({
  ...jest.requireActual<object>("../../../../cli/session/workspace"),
  secretFile: () => "of-this-clone",
}));

const compose = readFileSync(join(__dirname, "../../../../compose.yaml"), "utf8");
const variables = {
  STACK: "test",
  DATABASE_PASSWORD: "hunter2",
  DATABASE_PORT: "55440",
  CLUSTER_GATEWAY: "192.168.49.1",
};

test("plain docker runs the container that compose.yaml describes", () => {
  const { args, environment } = runArguments(compose, variables);
  expect(args).toEqual([
    ...["run", "--detach", "--name", databaseName("test"), "--restart", "unless-stopped"],
    ...["--env", "POSTGRES_USER", "--env", "POSTGRES_DB", "--env", "POSTGRES_PASSWORD"],
    ...["--publish", "127.0.0.1:55440:5432", "--publish", "192.168.49.1:55440:5432"],
    ...["--volume", `${databaseName("test")}:/var/lib/postgresql/data`, "postgres:15"],
  ]);
  expect(environment).toEqual({
    POSTGRES_USER: "todo",
    POSTGRES_DB: "todo",
    POSTGRES_PASSWORD: "hunter2",
  });
});

test("no password on the command line, no port on every interface", () => {
  const text = runArguments(compose, variables).args.join(" ");
  expect(text).not.toContain("hunter2");
  expect(text).not.toMatch(/--publish (\d+|0\.0\.0\.0):/);
});

test("what must be set is asked for by name", () => {
  expect(() => runArguments(compose, { STACK: "test" })).toThrow(/DATABASE_PASSWORD is not set/);
});

describe("the local database of a stack", () => {
  const GATEWAY = "192.168.49.1";
  const ALTER = `exec --interactive ${databaseName("test")} psql`;
  let commands: string[];
  let databasePort: number;

  /** A machine where Docker has this container, and answers the rest well unless said. */
  function machineWith(
    container: { running: boolean; port?: number } | undefined,
    answers: Readonly<Record<string, Partial<RunResult>>> = {},
  ): void {
    commands = [];
    docker.mockImplementation((command) => {
      commands.push(command);
      const good = { code: 0, stdout: "", stderr: "" };
      const [, answer] = Object.entries(answers).find(([start]) => command.startsWith(start)) ?? [];
      if (answer) return { ...good, ...answer };
      if (!command.startsWith("container inspect")) return good;
      if (!container) return { ...good, code: 1 };
      const { running, port = databasePort } = container;
      const bindings = ["127.0.0.1", GATEWAY].map((HostIp) => ({ HostIp, HostPort: `${port}` }));
      const State = { Running: running, Status: running ? "running" : "exited" };
      const HostConfig = { PortBindings: { "5432/tcp": bindings } };
      return { ...good, stdout: JSON.stringify([{ State, HostConfig }]) };
    });
  }

  const ensure = (): Promise<void> =>
    ensureDatabase({ stack: "test", port: databasePort, gateway: GATEWAY }, {});
  const isAltered = (): boolean =>
    docker.mock.calls.some(
      ([command, input]) =>
        command.startsWith(ALTER) && input === "ALTER ROLE todo PASSWORD 'of-this-clone'",
    );

  beforeEach(async () => {
    databasePort = await freePort();
    docker.mockReset();
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  afterEach(() => jest.restoreAllMocks());

  test.each([
    ["that runs already", { running: true }, /^(container|exec)/],
    ["that was stopped", { running: false }, /^(container|start|exec)/],
  ])("%s gets this clone's password, and no other container", async (_, container, allowed) => {
    machineWith(container);
    await ensure();
    expect(isAltered()).toBe(true);
    expect(commands.filter((command) => !allowed.test(command))).toEqual([]);
  });

  test("is asked for its password's change only once it answers", async () => {
    machineWith({ running: false });
    await ensure();
    expect(commands.map((command) => command.replace(databaseName("test"), "…"))).toEqual([
      expect.stringMatching(/^container inspect …/),
      "start …",
      expect.stringMatching(/^exec … pg_isready --host 127.0.0.1 /),
      expect.stringMatching(/^exec --interactive … psql /),
    ]);
  });

  test("is made anew where it is bound to another port, and keeps its volume", async () => {
    machineWith({ running: true, port: databasePort + 1 });
    await ensure();
    expect(commands[1]).toBe(`rm --force ${databaseName("test")}`);
    expect(commands.find((command) => command.startsWith("compose --file"))).toMatch(/up --detach/);
    expect(isAltered()).toBe(true);
  });

  test("that refuses the password fails here, and not at the migration", async () => {
    machineWith({ running: true }, { [ALTER]: { code: 3, stderr: "ERROR: no such role" } });
    await expect(ensure()).rejects.toThrow(/no such role/);
  });

  test("never has its password on a command line", async () => {
    machineWith(undefined, { "compose version": { code: 1 } });
    await ensure();
    expect(commands.join("\n")).not.toContain("of-this-clone");
  });
});

describe("a port", () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address ? address.port : 0;
  });
  afterEach(() => void server.close());

  test("is taken while something listens there, and free again afterwards", async () => {
    expect(await isPortFree(port, "127.0.0.1")).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isPortFree(port, "127.0.0.1")).toBe(true);
  });

  test("is not taken at an address that this machine hasn't got", async () => {
    expect(await isPortFree(port, "192.0.2.1")).toBe(true);
  });
});

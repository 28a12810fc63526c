import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { main } from "../../../../cli/main";
import { whyNotReached } from "../../../../cli/session/reach";
import { openSession } from "../../../../cli/session/session";
import { requireCluster } from "../../../../cli/update/preflight";
import { isPortFree } from "../../../../common/ports";
import { CommandError } from "../../../../common/run";
import { readSettings } from "../../../../components/settings/settings";
import { which } from "../../../../tools/install";
import "../../../../cli/commands/open";
import { commandOf, written } from "./support";

jest.mock("node:child_process", () => ({
  ...jest.requireActual<object>("node:child_process"),
  spawn: jest.fn(),
}));
jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/reach", () => ({ whyNotReached: jest.fn() }));
jest.mock("../../../../cli/session/session", () => ({ openSession: jest.fn() }));
jest.mock("../../../../cli/update/preflight", () => ({ requireCluster: jest.fn() }));
jest.mock("../../../../common/ports", () => ({ isPortFree: jest.fn() }));
jest.mock("../../../../tools/install", () => ({ which: jest.fn() }));

/** A kubectl that forwards until it is ended, or a browser. */
class Program extends EventEmitter {
  readonly stderr = new EventEmitter();
  readonly unref = jest.fn();
  readonly kill = jest.fn(() => {
    this.emit("close", null);
    return true;
  });
}

const open = commandOf(main);
const STAGING = {
  ...{ environment: "staging", allowLocalDatabase: "true" },
  ...{ allowOfflineModel: "true", allowGeneratedSecrets: "true" },
};
const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;
const environment = { ...process.env };
const output = jest.fn<Promise<string>, [string]>();
let kubectl: Program;
let started: string[];
let config: Parameters<typeof readSettings>[0];
let out: string[];
let err: string[];
/** What is said of each address; undefined where it answers. */
let reached: Record<string, string | undefined>;

beforeEach(() => {
  for (const name of ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"]) delete process.env[name];
  kubectl = new Program();
  output.mockReset().mockResolvedValue("http://192.0.2.1:30000");
  [started, config, reached] = [[], {}, {}];
  [out, err] = [written("stdout"), written("stderr")];
  jest.mocked(openSession).mockImplementation((async (stack: string) => ({
    ...{ stack, settings: readSettings(config, stack, []), tools: { env: {} } },
    cluster: { arguments: ["--context", "minikube", "--namespace", "todo-app"] },
    pulumi: { output },
  })) as never);
  jest.mocked(requireCluster).mockReset();
  jest.mocked(isPortFree).mockReset().mockResolvedValue(true);
  jest.mocked(which).mockReset();
  jest
    .mocked(whyNotReached)
    .mockReset()
    .mockImplementation(async (url) => reached[url]);
  jest
    .mocked(spawn)
    .mockReset()
    .mockImplementation(((command: string, args: string[]) => {
      started.push([command, ...args].join(" "));
      return command === "kubectl" ? kubectl : new Program();
    }) as never);
});
afterEach(() => {
  process.env = { ...environment };
  // The command ends with its process, its listeners too.
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  jest.restoreAllMocks();
});

const FORWARDED = "http://localhost:30000";
/** Time until something has come about. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isSo(); turn += 1)
    await new Promise((next) => setImmediate(next));
  expect(isSo()).toBe(true);
}
/** Forwards until somebody ends it. */
async function forwarded(flags = {}): Promise<number | undefined> {
  reached["http://192.0.2.1:30000"] = "nothing answers";
  const ended = open(flags);
  await until(() => err.join("").includes("until Ctrl-C"));
  process.emit("SIGINT", "SIGINT");
  return ended;
}

describe("a stack that this machine reaches", () => {
  test("is shown, and nothing is forwarded", async () => {
    expect(await open()).toBe(0);
    expect(out).toEqual(["http://192.0.2.1:30000\n"]);
    expect(started).toEqual([]);
  });

  test.each(["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"])(
    "is opened in a browser where there is a screen: %s",
    async (variable) => {
      process.env[variable] = "1";
      jest.mocked(which).mockImplementation((name) => (name === "xdg-open" ? "/bin/x" : undefined));
      await open();
      expect(started).toEqual(["xdg-open http://192.0.2.1:30000"]);
    },
  );

  test("on Linux isn't opened by open, which is another program there", async () => {
    process.env.DISPLAY = ":0";
    jest.mocked(which).mockReturnValue("/bin/any");
    await open();
    expect(started).toEqual([
      `${process.platform === "darwin" ? "open" : "wslview"} http://192.0.2.1:30000`,
    ]);
  });

  test("is only printed with --no-browser", async () => {
    process.env.DISPLAY = ":0";
    jest.mocked(which).mockReturnValue("/bin/any");
    await open({ "no-browser": true });
    expect(started).toEqual([]);
    expect(out).toEqual(["http://192.0.2.1:30000\n"]);
  });
});

test.each([
  "error: current stack does not have output property 'url'",
  "error: no stack named 'dev' found",
])("a stack that isn't deployed is told as such, not as %s", async (stderr) => {
  output.mockRejectedValue(
    new CommandError("pulumi stack output", { code: 255, stdout: "", stderr }),
  );
  await expect(open()).rejects.toMatchObject({ what: 'stack "dev" isn\'t deployed' });
  output.mockRejectedValue(new CommandError("pulumi", { code: 1, stdout: "", stderr: "else" }));
  await expect(open()).rejects.toBeInstanceOf(CommandError);
});

describe("a stack that this machine doesn't reach", () => {
  test("is forwarded to the address where signing in works, until Ctrl-C", async () => {
    expect(await forwarded()).toBe(0);
    expect(started).toEqual([
      "kubectl --context minikube --namespace todo-app port-forward service/todo-app-frontend 30000:3000 --address 127.0.0.1",
    ]);
    expect(out).toEqual([`${FORWARDED}\n`]);
    expect(err).toEqual([
      "· http://192.0.2.1:30000 can't be reached from this machine (nothing answers)\n",
      "· forwarded until Ctrl-C\n",
    ]);
    expect(kubectl.kill).toHaveBeenCalledWith("SIGTERM");
    // kubectl needs a moment.
    expect(whyNotReached).toHaveBeenLastCalledWith(FORWARDED, 10_000);
  });

  test("outside development is forwarded with a word about signing in, unless that is allowed", async () => {
    config = STAGING;
    await forwarded();
    expect(err.join("")).toContain(`! signing in at ${FORWARDED} is refused outside development`);
    err.length = 0;
    config = { ...STAGING, trustedOrigins: JSON.stringify([FORWARDED]) };
    kubectl = new Program();
    await forwarded();
    expect(err.join("")).not.toContain("signing in");
  });

  test("needs its port, which is looked at on loopback", async () => {
    reached["http://192.0.2.1:30000"] = "nothing answers";
    jest.mocked(isPortFree).mockResolvedValue(false);
    await expect(open()).rejects.toMatchObject({ what: "port 30000 of this machine is taken" });
    expect(isPortFree).toHaveBeenCalledWith(30_000, "127.0.0.1");
    expect(started).toEqual([]);
  });

  test("needs its cluster", async () => {
    reached["http://192.0.2.1:30000"] = "nothing answers";
    jest.mocked(requireCluster).mockRejectedValue(new Error("no cluster"));
    await expect(open()).rejects.toThrow("no cluster");
    expect(started).toEqual([]);
  });

  test("that can't be forwarded is told, in kubectl's words, and nothing stays", async () => {
    reached = { "http://192.0.2.1:30000": "nothing answers" };
    jest
      .mocked(whyNotReached)
      .mockImplementation((url) =>
        url === FORWARDED ? new Promise(() => undefined) : Promise.resolve("nothing answers"),
      );
    const ended = open();
    await until(() => started.length > 0);
    kubectl.stderr.emit("data", Buffer.from("error: no pods\n"));
    kubectl.emit("close", 1);
    await expect(ended).rejects.toMatchObject({
      ...{ what: `stack "dev" can't be forwarded`, why: "error: no pods" },
      next: "npm run doctor -- --stack dev",
    });
    expect(out).toEqual([]);
  });

  test("that is forwarded, but doesn't answer there, is told; the forward ends", async () => {
    reached = { "http://192.0.2.1:30000": "nothing answers", [FORWARDED]: "it answers 503" };
    await expect(open()).rejects.toMatchObject({ why: "it answers 503" });
    expect(kubectl.kill).toHaveBeenCalledWith("SIGTERM");
  });

  test("gives kubectl's exit code where the cluster ends it", async () => {
    reached["http://192.0.2.1:30000"] = "nothing answers";
    const ended = open();
    await until(() => err.join("").includes("until Ctrl-C"));
    kubectl.emit("close", 3);
    expect(await ended).toBe(3);
  });
});

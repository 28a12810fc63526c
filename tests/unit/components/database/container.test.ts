import { userInfo } from "node:os";
import type { RunOptions, RunResult } from "../../../../common/run";
import {
  checkOwner,
  claim,
  type DatabaseSpec,
  ensureDatabase,
  findDatabase,
  isAsSpecified,
} from "../../../../components/database/container";
import { folderWith } from "../../support/folder";

/** A docker that knows one network, and keeps what it is told of one container and one volume. */
interface Engine {
  container:
    | { labels: Record<string, string>; port: string; networks: string[]; running: boolean }
    | undefined;
  volume: Record<string, string> | undefined;
  /** Addresses that others have on the network. */
  taken: string[];
  /** What `docker start` and `docker run` say where they fail. */
  refusal: { start?: string; run?: string };
}

const SPEC: DatabaseSpec = {
  stack: "dev",
  name: "todo-app-dev-database",
  network: "minikube",
  port: 55_432,
};
let engine: Engine;
let commands: string[];
let password: string | undefined;

const labelsIn = (args: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    args.flatMap((arg, index) =>
      args[index - 1] === "--label" ? [arg.split("=") as [string, string]] : [],
    ),
  );
const said = (value: unknown): RunResult => ({
  code: 0,
  stdout: JSON.stringify(value),
  stderr: "",
});
const fails = (stderr: string): RunResult => ({ code: 1, stdout: "", stderr });
const DONE: RunResult = { code: 0, stdout: "", stderr: "" };

function docker(args: readonly string[], options: RunOptions = {}): RunResult {
  const [verb, object] = args;
  const { container, volume } = engine;
  switch (
    verb === "container" || verb === "volume" || verb === "network" ? `${verb} ${object}` : verb
  ) {
    case "container inspect":
      if (!container) return fails("Error: No such container: x");
      return said([
        {
          State: { Running: container.running, Status: container.running ? "running" : "exited" },
          Config: { Labels: container.labels },
          HostConfig: {
            PortBindings: {
              "5432/tcp": container.port.split(" ").map((at) => {
                const [HostIp = "", HostPort = ""] = at.split(":");
                return { HostIp, HostPort };
              }),
            },
          },
          NetworkSettings: {
            Networks: Object.fromEntries(container.networks.map((name) => [name, {}])),
          },
        },
      ]);
    case "volume inspect":
      return volume ? said([{ Labels: volume }]) : fails("Error: No such volume: x");
    case "network inspect":
      return said([
        {
          IPAM: { Config: [{ Subnet: "192.168.49.0/24" }] },
          Containers: Object.fromEntries(
            engine.taken.map((at) => [at, { IPv4Address: `${at}/24` }]),
          ),
        },
      ]);
    case "volume create":
      engine.volume = labelsIn(args);
      return DONE;
    case "network connect":
      container?.networks.push("minikube");
      return DONE;
    case "rm":
      engine.container = undefined;
      return DONE;
    case "start":
      if (engine.refusal.start) return fails(engine.refusal.start);
      if (container) container.running = true;
      return DONE;
    case "run":
      if (engine.refusal.run) return fails(engine.refusal.run);
      expect(options.env?.POSTGRES_PASSWORD).toBe("secret");
      engine.container = {
        labels: labelsIn(args),
        port: (args[args.indexOf("--publish") + 1] ?? "").replace(/:5432$/, ""),
        networks: [args[args.indexOf("--network") + 1] ?? ""],
        running: true,
      };
      return DONE;
    case "exec":
      if (args.includes("psql")) password = options.input as string;
      return DONE;
    default:
      return DONE;
  }
}

jest.mock("../../../../common/run", () => {
  const actual =
    jest.requireActual<typeof import("../../../../common/run")>("../../../../common/run");
  const tryRun = async (_: string, args: readonly string[], options?: RunOptions) => {
    commands.push(args.join(" "));
    return docker(args, options);
  };
  return {
    ...actual,
    tryRun,
    run: async (command: string, args: readonly string[], options?: RunOptions) => {
      const result = await tryRun(command, args, options);
      if (result.code !== 0) throw new actual.CommandError(args.join(" "), result);
      return result.stdout.trim();
    },
  };
});

beforeEach(() => {
  engine = { container: undefined, volume: undefined, taken: ["192.168.49.2"], refusal: {} };
  commands = [];
  password = undefined;
});

const mine = {
  "todo-app.owner": "me",
  "todo-app.folder": process.cwd(),
  "todo-app.user": userInfo().username,
};
const theirs = {
  ...mine,
  "todo-app.owner": "they",
  "todo-app.folder": "/home/ann/todo",
  "todo-app.stack": "dev",
};

describe("a database that isn't there", () => {
  it("is made on the cluster's network, for people on loopback only, with its owner's mark", async () => {
    await ensureDatabase(SPEC, "me", "secret");
    expect(engine.container).toMatchObject({
      port: "127.0.0.1:55432",
      networks: ["minikube"],
      labels: { "todo-app.owner": "me", "todo-app.stack": "dev", "todo-app.folder": process.cwd() },
    });
    expect(engine.volume).toMatchObject({ "todo-app.owner": "me" });
    expect(isAsSpecified(await findDatabase(SPEC.name), SPEC)).toBe(true);
    expect(password).toBe("ALTER ROLE todo PASSWORD 'secret'");
  });

  it("takes no address that Minikube may want for a node", async () => {
    engine.taken = ["192.168.49.2", "192.168.49.254"];
    await ensureDatabase(SPEC, "me", "secret");
    expect(commands.find((command) => command.startsWith("run"))).toContain("--ip 192.168.49.253");
  });

  it("shows its password on no command line", async () => {
    await ensureDatabase(SPEC, "me", "secret");
    expect(commands.filter((command) => command.includes("secret"))).toEqual([]);
  });

  it.each([
    ["Bind for 127.0.0.1:55432 failed: port is already allocated", "port 55432 is taken"],
    ["network minikube not found", "Docker network minikube is missing"],
    ["pull access denied for postgres", "image postgres:15 can't be had"],
  ])(
    "names what is wrong where Docker says %s, and leaves no half container",
    async (text, what) => {
      engine.refusal.run = text;
      await expect(ensureDatabase(SPEC, "me", "secret")).rejects.toMatchObject({ what });
      expect(commands.at(-1)).toBe(`rm --force ${SPEC.name}`);
    },
  );
});

describe("a database that is there", () => {
  const there = (changes: Partial<NonNullable<Engine["container"]>> = {}): void => {
    engine.volume = mine;
    engine.container = {
      labels: mine,
      port: "127.0.0.1:55432",
      networks: ["minikube"],
      running: true,
      ...changes,
    };
  };

  it("stays as it is where it is right", async () => {
    there();
    await ensureDatabase(SPEC, "me", "secret");
    expect(commands.some((command) => /^(run|rm|start|volume create)/.test(command))).toBe(false);
  });

  it("is started where it was stopped", async () => {
    there({ running: false });
    await ensureDatabase(SPEC, "me", "secret");
    expect([
      engine.container?.running,
      commands.some((command) => command.startsWith("rm")),
    ]).toEqual([true, false]);
  });

  it("is made anew, on its volume, where its network has gone", async () => {
    there({ running: false });
    engine.refusal.start = "network 0123 not found";
    await ensureDatabase(SPEC, "me", "secret");
    expect(engine.container?.running).toBe(true);
    expect(commands.some((command) => command.startsWith("volume create"))).toBe(false);
  });

  it("joins the cluster's network where it is on another", async () => {
    there({ networks: ["bridge"] });
    expect(isAsSpecified(await findDatabase(SPEC.name), SPEC)).toBe(false);
    await ensureDatabase(SPEC, "me", "secret");
    expect(engine.container?.networks).toEqual(["bridge", "minikube"]);
  });

  it("is made anew where it is published on a gateway too, as before 0.2", async () => {
    there({ port: "127.0.0.1:55432 192.168.49.1:55432" });
    expect(isAsSpecified(await findDatabase(SPEC.name), SPEC)).toBe(false);
    await ensureDatabase(SPEC, "me", "secret");
    expect(engine.container?.port).toBe("127.0.0.1:55432");
    expect(engine.volume).toBe(mine);
  });
});

describe("whose a database is", () => {
  const none = "no/such/file";

  it("is a new owner's where there is none, and this folder's again where its volume was kept", async () => {
    expect((await claim(SPEC, none)).owner).toMatch(/^[0-9a-f-]{36}$/);
    engine.volume = mine;
    expect((await claim(SPEC, none)).owner).toBe("me");
  });

  it("is another clone's or user's, who are named", async () => {
    engine.volume = theirs;
    await expect(claim(SPEC, none)).rejects.toMatchObject({
      why: expect.stringContaining("/home/ann/todo"),
    });
    engine.volume = { ...mine, "todo-app.user": "ann" };
    await expect(claim(SPEC, none)).rejects.toMatchObject({
      why: expect.stringContaining("user ann"),
    });
    await expect(
      findDatabase(SPEC.name).then((found) => checkOwner(found, SPEC, "other")),
    ).rejects.toThrow();
  });

  it("is this clone's without a mark only where this clone has its password", async () => {
    engine.volume = {};
    await expect(claim(SPEC, none)).rejects.toMatchObject({
      what: expect.stringContaining(SPEC.name),
    });
    const file = `${folderWith({ "database-password": "secret\n" })}/database-password`;
    expect((await claim(SPEC, file)).owner).toMatch(/^[0-9a-f-]{36}$/);
  });
});

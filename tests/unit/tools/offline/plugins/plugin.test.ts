import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { dependencies } from "../../../../../package.json";
import {
  bundlePlugin,
  isOutdated,
  isStandIn,
  STAND_INS,
  type StandInPlugin,
} from "../../../../../tools/offline/plugins";
import { type PropertyMap, reveal, secret } from "../../../../../tools/offline/plugins/values";

/** The messages and clients that the SDK brings, as far as they are used here. */
interface Message {
  [method: string]: (...args: unknown[]) => unknown;
}
type Constructor = new (...args: unknown[]) => Message;
type Call = (request: Message, done: (error: Error | null, response: Message) => void) => void;

const ofSdk = createRequire(require.resolve("@pulumi/pulumi"));
const grpc = ofSdk("@grpc/grpc-js") as {
  Server: new () => {
    addService(service: unknown, methods: Record<string, unknown>): void;
    bindAsync(
      address: string,
      credentials: unknown,
      done: (e: Error | null, port: number) => void,
    ): void;
    forceShutdown(): void;
  };
  ServerCredentials: { createInsecure(): unknown };
  credentials: { createInsecure(): unknown };
};
const { Struct } = ofSdk("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: { fromJavaScript(value: unknown): Message };
};
const { Empty } = ofSdk("google-protobuf/google/protobuf/empty_pb.js") as { Empty: Constructor };
const { ResourceProviderClient } = ofSdk("@pulumi/pulumi/proto/provider_grpc_pb.js") as {
  ResourceProviderClient: new (
    address: string,
    credentials: unknown,
  ) => Record<string, Call> & { close(): void };
};
const { EngineService } = ofSdk("@pulumi/pulumi/proto/engine_grpc_pb.js") as {
  EngineService: unknown;
};
const messages = ofSdk("@pulumi/pulumi/proto/provider_pb.js") as Record<string, Constructor>;

let folder = "";
let engine: InstanceType<typeof grpc.Server>;
let engineAddress = "";
const logged: string[] = [];
const running: { process: ChildProcess; client: { close(): void } }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plugin-"));
  await Promise.all(STAND_INS.map(({ name }) => bundlePlugin(name, join(folder, name))));
  engine = new grpc.Server();
  engine.addService(EngineService, {
    log: ({ request }: { request: Message }, done: (e: null, r: Message) => void) => {
      logged.push(
        `${get(request, "getEphemeral") ? "status" : "info"} ${get(request, "getMessage")}`,
      );
      done(null, new Empty());
    },
    getRootResource: () => undefined,
    setRootResource: () => undefined,
    startDebugging: () => undefined,
    requirePulumiVersion: () => undefined,
  });
  engineAddress = await new Promise((done, failed) => {
    engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? failed(error) : done(`127.0.0.1:${port}`),
    );
  });
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app/Dockerfile"), "FROM scratch\n");
  mkdirSync(join(folder, "bin"));
}, 60_000);

afterEach(() => {
  for (const { process, client } of running.splice(0)) {
    client.close();
    process.kill("SIGKILL");
  }
  logged.length = 0;
});

afterAll(() => {
  engine.forceShutdown();
  rmSync(folder, { recursive: true });
});

/** A plugin under way, called as the engine calls it. */
interface Plugin {
  process: ChildProcess;
  stderr(): string;
  call(method: string, type: string, fields: Record<string, unknown>): Promise<Message>;
}

async function start(name: StandInPlugin["name"], docker = "exit 0"): Promise<Plugin> {
  writeFileSync(join(folder, "bin/docker"), `#!/bin/sh\n${docker}\n`);
  chmodSync(join(folder, "bin/docker"), 0o755);
  const child = spawn(join(folder, name, `pulumi-resource-${name}`), [engineAddress], {
    cwd: folder,
    env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => {
    stderr += text;
  });
  const port = await new Promise<string>((done) =>
    createInterface({ input: child.stdout }).once("line", done),
  );
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  running.push({ process: child, client });
  const call: Plugin["call"] = (method, type, fields) => {
    const request = type === "Empty" ? new Empty() : new (messages[type] as Constructor)();
    for (const [field, value] of Object.entries(fields)) {
      const wire = typeof value === "object" ? Struct.fromJavaScript(value) : value;
      request[`set${field}`]?.(wire);
    }
    return new Promise((done, failed) => {
      client[method]?.call(client, request, (error, response) =>
        error ? failed(error) : done(response),
      );
    });
  };
  return { process: child, stderr: () => stderr, call };
}

function structOf(response: Message, getter: string): PropertyMap {
  return get<{ toJavaScript(): PropertyMap }>(response, getter).toJavaScript();
}

function get<T>(message: Message, getter: string): T {
  const method = message[getter];
  if (method === undefined) throw new Error(`no ${getter} in the SDK's message`);
  return method.call(message) as T;
}

const IMAGE = "urn:pulumi:dev::todo::docker:index/image:Image::backend";
const PASSWORD = "urn:pulumi:dev::todo::random:index/randomPassword:RandomPassword::jwt";
const DOCKER =
  'case "$1" in version) echo 20.10.24;; --version) echo "Docker version 20.10.24, build 0";; ';

test("the versions are the SDKs' of this project", () => {
  expect(STAND_INS).toEqual([
    { name: "docker", version: dependencies["@pulumi/docker"] },
    { name: "random", version: dependencies["@pulumi/random"] },
  ]);
  for (const { name, version } of STAND_INS) {
    const sdk = JSON.parse(
      readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8"),
    ) as { pulumi: unknown };
    expect(sdk.pulumi).toMatchObject({ resource: true, name, version });
  }
});

test("a bundle is known as a stand-in and needs nothing outside its folder", () => {
  expect(isStandIn(join(folder, "docker"))).toBe(true);
  expect(isStandIn(folder)).toBe(false);
  const source = readFileSync(join(folder, "docker/stand-in.js"), "utf8");
  expect(source).not.toContain(process.cwd());
  expect(source).not.toMatch(/require\(["'](@pulumi|@grpc|google-protobuf)/);
});

test("a bundle is outdated once it is of other sources, which no real plugin is", () => {
  expect(isOutdated(join(folder, "docker"))).toBe(false);
  expect(isOutdated(folder)).toBe(false);
  const other = join(folder, "other");
  cpSync(join(folder, "docker"), other, { recursive: true });
  writeFileSync(join(other, "source.sha256"), "0".repeat(64));
  expect(isOutdated(other)).toBe(true);
  rmSync(join(other, "source.sha256"));
  expect(isOutdated(other)).toBe(true);
});

test.each(STAND_INS)("the $name plugin tells its version", async ({ name, version }) => {
  const plugin = await start(name);
  const info = await plugin.call("getPluginInfo", "Empty", {});
  expect(get(info, "getVersion")).toBe(version);
});

test("the docker plugin, from Check to Delete", async () => {
  const id = `sha256:${"1".repeat(64)}`;
  const plugin = await start(
    "docker",
    `${DOCKER}build) echo "#1 [1/1] COPY" >&2;; image) echo ${id};; esac`,
  );
  const news = {
    imageName: "todo-backend:1",
    skipPush: true,
    build: { context: "./app", platform: "linux/amd64", args: { TOKEN: secret("s3cret") } },
  };
  const checked = structOf(
    await plugin.call("check", "CheckRequest", { Urn: IMAGE, Olds: {}, News: news }),
    "getInputs",
  );
  expect(checked).toMatchObject({
    buildOnPreview: false,
    build: {
      dockerfile: "app/Dockerfile",
      contextDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      args: { TOKEN: secret("s3cret") },
    },
  });

  // The engine does not call Create in a preview unless Configure says that it may.
  const configured = await plugin.call("configure", "ConfigureRequest", {});
  expect(get(configured, "getSupportspreview")).toBe(false);
  expect(get(configured, "getAcceptsecrets")).toBe(true);

  const created = await plugin.call("create", "CreateRequest", { Urn: IMAGE, Properties: checked });
  const outs = structOf(created, "getProperties");
  expect(get(created, "getId")).toBe("todo-backend:1");
  expect(outs).toMatchObject({ imageName: "todo-backend:1", repoDigest: id });
  expect(logged).toEqual([
    "status Starting Docker build",
    "status #1 [1/1] COPY",
    `status Image built successfully, local id "${id}"`,
  ]);

  const diff = async (inputs: PropertyMap): Promise<number> => {
    const fields = { Id: "todo-backend:1", Urn: IMAGE, Olds: outs, News: inputs };
    return get(await plugin.call("diff", "DiffRequest", fields), "getChanges");
  };
  const { DIFF_NONE, DIFF_SOME } = (
    messages.DiffResponse as unknown as { DiffChanges: Record<string, number> }
  ).DiffChanges;
  expect(await diff(checked)).toBe(DIFF_NONE);
  expect(await diff({ ...checked, imageName: "todo-backend:2" })).toBe(DIFF_SOME);

  const read = await plugin.call("read", "ReadRequest", {
    Id: "todo-backend:1",
    Urn: IMAGE,
    Properties: outs,
  });
  expect([get(read, "getId"), structOf(read, "getProperties")]).toEqual(["todo-backend:1", outs]);
  await plugin.call("delete", "DeleteRequest", {
    Id: "todo-backend:1",
    Urn: IMAGE,
    Properties: outs,
  });
  expect(plugin.stderr()).toBe("");
});

test("an expected error is an answer, and nothing on standard error", async () => {
  const plugin = await start("docker", `${DOCKER}esac`);
  const check = plugin.call("check", "CheckRequest", {
    Urn: IMAGE,
    Olds: {},
    News: {
      imageName: "a:1",
      skipPush: true,
      build: { context: "./app", dockerfile: "./app/Nope" },
    },
  });
  await expect(check).rejects.toMatchObject({
    details:
      'could not open dockerfile at relative path "./app/Nope": stat ./app/Nope: no such file or directory',
  });
  expect(plugin.stderr()).toBe("");
});

test("the random plugin makes a password that stays", async () => {
  const plugin = await start("random");
  const checked = await plugin.call("check", "CheckRequest", {
    Urn: PASSWORD,
    Olds: {},
    News: { length: 32 },
  });
  expect(get<Message[]>(checked, "getFailuresList")).toEqual([]);
  const inputs = structOf(checked, "getInputs");
  const outs = structOf(
    await plugin.call("create", "CreateRequest", { Urn: PASSWORD, Properties: inputs }),
    "getProperties",
  );
  expect(String(reveal(outs).result)).toHaveLength(32);
  expect(outs.result).toEqual(secret(String(reveal(outs).result)));
  const diff = await plugin.call("diff", "DiffRequest", {
    Id: "none",
    Urn: PASSWORD,
    Olds: outs,
    News: { length: 33 },
  });
  expect(get(diff, "getReplacesList")).toEqual(["length"]);
  const refused = await plugin.call("check", "CheckRequest", {
    Urn: PASSWORD,
    Olds: {},
    News: { length: 0 },
  });
  const [failure] = get<Message[]>(refused, "getFailuresList");
  expect(failure && get(failure, "getReason")).toBe(
    "Attribute length value must be at least 1, got: 0. Examine values at 'jwt.length'.",
  );
});

describe("a build under way", () => {
  const building = async (): Promise<{ plugin: Plugin; create: Promise<Message>; pid: number }> => {
    rmSync(join(folder, "pid"), { force: true });
    const plugin = await start(
      "docker",
      `${DOCKER}build) echo $$ >${folder}/p; mv ${folder}/p ${folder}/pid; exec sleep 60;; esac`,
    );
    const create = plugin.call("create", "CreateRequest", {
      Urn: IMAGE,
      Properties: {
        imageName: "a:1",
        skipPush: true,
        build: { context: "./app", dockerfile: "./app/Dockerfile" },
      },
    });
    create.catch(() => undefined);
    while (!existsSync(join(folder, "pid"))) await sleep(10);
    return { plugin, create, pid: Number(readFileSync(join(folder, "pid"), "utf8")) };
  };
  const gone = async (pid: number): Promise<void> => {
    for (;;) {
      try {
        process.kill(pid, 0);
      } catch {
        return;
      }
      await sleep(20);
    }
  };

  test("ends when the engine cancels", async () => {
    const { plugin, create, pid } = await building();
    await plugin.call("cancel", "Empty", {});
    await gone(pid);
    await expect(create).rejects.toMatchObject({ details: "error reading build output: canceled" });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("ends with its plugin on %s", async (signal) => {
    const { plugin, pid } = await building();
    plugin.process.kill(signal);
    await gone(pid);
    await gone(Number(plugin.process.pid));
  });
});

test("a plugin whose engine was killed ends its build and itself", async () => {
  writeFileSync(
    join(folder, "engine.js"),
    `const { spawn } = require("node:child_process");
     const plugin = spawn(process.argv[2], ["127.0.0.1:9"], { stdio: ["ignore", "pipe", "ignore"] });
     plugin.stdout.once("data", () => console.log(plugin.pid));`,
  );
  const killed = spawn(
    process.execPath,
    [join(folder, "engine.js"), join(folder, "docker/pulumi-resource-docker")],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const pid = await new Promise<number>((done) =>
    createInterface({ input: killed.stdout }).once("line", (line) => done(Number(line))),
  );
  killed.kill("SIGKILL");
  const deadline = Date.now() + 5_000;
  const alive = (): boolean => isRunning(pid);
  while (alive() && Date.now() < deadline) await sleep(50);
  expect(alive()).toBe(false);
}, 15_000);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

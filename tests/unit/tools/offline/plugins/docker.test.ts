import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  BuildSpec,
  Credentials,
  Docker,
  Task,
} from "../../../../../tools/offline/plugins/docker/cli";
import { DockerProvider } from "../../../../../tools/offline/plugins/docker/provider";
import {
  isObject,
  isSecret,
  type PropertyMap,
  reveal,
  secret,
  UNKNOWN,
} from "../../../../../tools/offline/plugins/values";

const URN = "urn:pulumi:dev::todo::todo:index:Images$docker:index/image:Image::backend";
const ID = `sha256:${"1".repeat(64)}`;
const DIGEST = `sha256:${"2".repeat(64)}`;

/** A daemon that remembers what it was asked. */
class FakeDocker implements Docker {
  up = true;
  builds: BuildSpec[] = [];
  pushes: { imageName: string; credentials: Credentials | undefined }[] = [];
  onBuild: (spec: BuildSpec, task: Task) => Promise<void> = async () => undefined;

  async ping(): Promise<void> {
    if (!this.up) throw new Error("failed to connect to any docker daemon");
  }
  async build(spec: BuildSpec, task: Task): Promise<void> {
    this.builds.push(spec);
    await this.onBuild(spec, task);
  }
  async imageId(): Promise<string> {
    return ID;
  }
  async pull(): Promise<void> {
    throw new Error("not found");
  }
  async push(imageName: string, credentials: Credentials | undefined): Promise<string> {
    this.pushes.push({ imageName, credentials });
    return DIGEST;
  }
}

const start = process.cwd();
let folder = "";
let docker: FakeDocker;
let lines: string[];
let provider: DockerProvider;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "docker-"));
  process.chdir(folder);
  mkdirSync("app");
  writeFileSync("app/Dockerfile", "FROM scratch\n");
  docker = new FakeDocker();
  lines = [];
  const note = (kind: string) => (line: string) => lines.push(`${kind}: ${line}`);
  provider = new DockerProvider({
    version: "5.2.0",
    docker,
    logFor: () => ({
      status: note("status"),
      info: note("info"),
      warn: note("warn"),
      delivered: async () => undefined,
    }),
  });
});

afterEach(() => {
  process.chdir(start);
  rmSync(folder, { recursive: true });
});

function program(more: PropertyMap = {}, build: PropertyMap = {}): PropertyMap {
  return {
    imageName: "todo-backend:1",
    skipPush: true,
    build: { context: "./app", platform: "linux/amd64", ...build },
    ...more,
  };
}

async function check(inputs: PropertyMap): Promise<PropertyMap> {
  return (await provider.check(URN, {}, inputs)).inputs;
}

describe("check", () => {
  test("fills in the defaults and the digest of the context", async () => {
    expect(await check(program())).toEqual({
      buildOnPreview: false,
      imageName: "todo-backend:1",
      skipPush: true,
      build: {
        context: "./app",
        contextDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
        dockerfile: "app/Dockerfile",
        platform: "linux/amd64",
      },
    });
    expect(lines).toEqual([]);
  });

  test("is the same twice, and another for a changed file", async () => {
    const first = await check(program());
    expect(await check(program())).toEqual(first);
    writeFileSync("app/main.py", "");
    const second = await check(program());
    expect(second).not.toEqual(first);
    writeFileSync("app/.dockerignore", "main.py\n");
    const third = await check(program());
    writeFileSync("app/main.py", "changed");
    expect(await check(program())).toEqual(third);
  });

  test("without a build, uses the Dockerfile of the working directory", async () => {
    process.chdir("app");
    const { build } = await check({ imageName: "a", skipPush: true });
    expect(build).toMatchObject({ context: ".", dockerfile: "Dockerfile" });
  });

  test("says for which platform it builds where the program does not", async () => {
    const { build } = await check({ imageName: "a", skipPush: true, build: { context: "app" } });
    expect(build).toMatchObject({ platform: expect.stringMatching(/^linux\//) });
    expect(lines).toEqual([
      expect.stringMatching(/^info: Building your image for linux\/.* architecture/),
    ]);
  });

  test("keeps secrets secret", async () => {
    const { build } = await check(program({}, { args: { TOKEN: secret("s3cret") } }));
    expect(isObject(build) && build.args).toEqual({ TOKEN: secret("s3cret") });
  });

  test("leaves alone what a preview does not know", async () => {
    expect(await check({ imageName: UNKNOWN, build: UNKNOWN })).toEqual({
      buildOnPreview: false,
      imageName: UNKNOWN,
      build: UNKNOWN,
    });
    const { build } = await check(program({}, { context: UNKNOWN }));
    expect(build).toEqual({ context: UNKNOWN, platform: "linux/amd64" });
  });

  test.each<[string, PropertyMap, string]>([
    [
      "no Dockerfile",
      program({}, { dockerfile: "./app/Nope" }),
      'could not open dockerfile at relative path "./app/Nope": stat ./app/Nope: no such file or directory',
    ],
    [
      "a Dockerfile relative to the context",
      program({}, { dockerfile: "Dockerfile" }),
      'could not open dockerfile at relative path "Dockerfile". Try setting `dockerfile` to "app/Dockerfile"',
    ],
    [
      "no absolute Dockerfile",
      program({}, { dockerfile: "/nope/Dockerfile" }),
      'expected a relative Dockerfile path; got "/nope/Dockerfile" instead',
    ],
    ["an unknown builder", program({}, { builderVersion: "3" }), "invalid Docker Builder version"],
    [
      "a cache without images",
      program({}, { cacheFrom: {} }),
      "cacheFrom requires an `images` field",
    ],
    ["a short name to push", program({ skipPush: false }), "repository name must be canonical"],
  ])("refuses %s", async (_, inputs, message) => {
    await expect(check(inputs)).rejects.toThrow(message);
  });

  test("a name to push is in full, or the registry is named", async () => {
    await check(program({ skipPush: false, imageName: "localhost:5000/todo:1" }));
    await check(program({ skipPush: false, registry: { server: "localhost:5000" } }));
  });
});

describe("diff", () => {
  const diff = async (before: PropertyMap, after: PropertyMap): Promise<boolean> => {
    const { outs } = await provider.create(URN, await check(before));
    return (await provider.diff("id", URN, outs, await check(after))).changes;
  };

  test("finds nothing in equal inputs, secret ones included", async () => {
    const inputs = program({ imageName: secret("a:1") }, { args: { A: secret("x") } });
    expect(await diff(inputs, inputs)).toBe(false);
  });

  test("a changed name, argument or file is an update in place", async () => {
    expect(await diff(program(), program({ imageName: "todo-backend:2" }))).toBe(true);
    expect(await diff(program(), program({}, { args: { A: "1" } }))).toBe(true);
    const { outs } = await provider.create(URN, await check(program()));
    writeFileSync("app/new", "");
    expect(await provider.diff("id", URN, outs, await check(program()))).toEqual({ changes: true });
  });

  test("an input that a preview does not know may change", async () => {
    expect(await diff(program(), program({}, { args: { A: UNKNOWN } }))).toBe(true);
  });

  test("of a registry, only another server counts", async () => {
    const at = (server: string, password: string): PropertyMap =>
      program({ registry: { server, username: "u", password: secret(password) } });
    expect(await diff(at("a.example", "1"), at("a.example", "2"))).toBe(false);
    expect(await diff(at("a.example", "1"), at("b.example", "1"))).toBe(true);
    expect(await diff(program(), at("a.example", "1"))).toBe(true);
  });
});

describe("create and update", () => {
  test("give the plugin's outputs: the local image's ID as digest, the first name as ID", async () => {
    const inputs = await check(program());
    const { id, outs } = await provider.create(URN, inputs);
    expect(id).toBe("todo-backend:1");
    const { __inputs, ...visible } = outs;
    expect(visible).toEqual({
      baseImageName: "todo-backend:1",
      context: "./app",
      dockerfile: "Dockerfile",
      imageName: "todo-backend:1",
      platform: "linux/amd64",
      registryServer: "",
      repoDigest: ID,
    });
    expect(isSecret(__inputs)).toBe(true);
    expect(reveal(outs).__inputs).toEqual(inputs);
    const updated = await provider.update(
      id,
      URN,
      outs,
      await check(program({ imageName: "b:2" })),
    );
    expect(updated.outs).toMatchObject({ imageName: "b:2", baseImageName: "b:2" });
  });

  test("hand every build option to docker", async () => {
    await provider.create(
      URN,
      await check(
        program(
          {},
          {
            addHosts: ["db:10.0.0.1"],
            args: { A: "1", TOKEN: secret("s3cret") },
            builderVersion: "BuilderV1",
            network: "host",
            target: "runtime",
          },
        ),
      ),
    );
    expect(docker.builds).toEqual([
      {
        addHosts: ["db:10.0.0.1"],
        args: { A: "1", TOKEN: "s3cret" },
        buildKit: false,
        cacheFrom: [],
        context: "./app",
        dockerfile: "app/Dockerfile",
        imageName: "todo-backend:1",
        network: "host",
        platform: "linux/amd64",
        secretArgs: new Set(["TOKEN"]),
        target: "runtime",
      },
    ]);
  });

  test("pass the build's lines by, secret arguments hidden, there and in the failure", async () => {
    docker.onBuild = async (_, task) => {
      task.onLine("#5 RUN login s3cret");
      throw new Error("executor failed running [/bin/sh -c login s3cret]: exit code: 7");
    };
    const inputs = await check(
      program({}, { args: { TOKEN: secret("s3cret"), SHORT: secret("1") } }),
    );
    await expect(provider.create(URN, inputs)).rejects.toThrow(
      "error reading build output: executor failed running [/bin/sh -c login [secret]]: exit code: 7",
    );
    expect(lines).toEqual(["status: Starting Docker build", "status: #5 RUN login [secret]"]);
  });

  test("push where asked, and pin the registry's digest", async () => {
    const registry = { server: "", username: "u", password: secret("p") };
    const { outs } = await provider.create(
      URN,
      await check(program({ skipPush: false, imageName: "docker.io/user/todo:1", registry })),
    );
    expect(outs.repoDigest).toBe(`docker.io/user/todo@${DIGEST}`);
    expect(docker.pushes).toEqual([
      {
        imageName: "docker.io/user/todo:1",
        credentials: { key: "https://index.docker.io/v1/", username: "u", password: "p" },
      },
    ]);
  });

  test("half of the credentials is a warning, and the user's own serve", async () => {
    const registry = { server: "localhost:5000", username: "u" };
    await provider.create(URN, await check(program({ skipPush: false, registry })));
    expect(lines).toContain(
      "warn: password was not set, although username was; using host credentials file",
    );
    expect(docker.pushes[0]?.credentials).toBeUndefined();
  });

  test("a cache image that is not there stops nothing", async () => {
    const images = ["localhost:5000/cache"];
    const inputs = program({ imageName: "localhost:5000/todo:1" }, { cacheFrom: { images } });
    await provider.create(URN, await check(inputs));
    expect(lines).toContain("info: cacheFrom image localhost:5000/cache not available: not found");
    expect(docker.builds[0]?.cacheFrom).toEqual(images);
  });

  test("a cancelled build ends with an error, and cancel waits for its end", async () => {
    let ended = false;
    docker.onBuild = (_, { signal }) =>
      new Promise((_done, failed) => {
        signal.addEventListener("abort", () =>
          setTimeout(() => {
            ended = true;
            failed(new Error("canceled"));
          }, 20),
        );
      });
    const build = provider.create(URN, await check(program()));
    const outcome = expect(build).rejects.toThrow("error reading build output: canceled");
    await new Promise((done) => setTimeout(done, 5));
    await provider.cancel();
    expect(ended).toBe(true);
    await outcome;
  });
});

test("is blind to drift and removes no image", async () => {
  const { id, outs } = await provider.create(URN, await check(program()));
  expect(await provider.read(id, URN, outs)).toEqual({ id, props: outs });
  expect(await provider.delete(id, URN)).toBeUndefined();
  expect(docker.builds).toHaveLength(1);
});

test("without a daemon everything fails, even with nothing to change", async () => {
  const inputs = await check(program());
  const { id, outs } = await provider.create(URN, inputs);
  docker.up = false;
  const message = "failed to connect to any docker daemon";
  await expect(check(program())).rejects.toThrow(message);
  await expect(provider.create(URN, inputs)).rejects.toThrow(message);
  await expect(provider.read(id, URN, outs)).rejects.toThrow(message);
  await expect(provider.delete(id, URN)).rejects.toThrow(message);
});

test("a resource that is not served is refused with the way to the real plugin", async () => {
  const urn = "urn:pulumi:dev::todo::docker:index/container:Container::c";
  await expect(provider.check(urn, {}, {})).rejects.toThrow(
    "get the real one: pulumi plugin install resource docker 5.2.0",
  );
});

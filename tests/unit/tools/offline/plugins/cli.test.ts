import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type BuildSpec,
  DockerCli,
  failureOf,
  type Task,
} from "../../../../../tools/offline/plugins/docker/cli";

let folder = "";
let lines: string[];
let abort: AbortController;
let task: Task;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cli-"));
  lines = [];
  abort = new AbortController();
  task = { signal: abort.signal, onLine: (line) => lines.push(line) };
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a `docker` on PATH that runs `script`; several come one after the other. */
function cli(...scripts: string[]): DockerCli {
  const bins = scripts.map((script, i) => {
    const bin = join(folder, `bin${i}`);
    mkdirSync(bin);
    writeFileSync(join(bin, "docker"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, "docker"), 0o755);
    return bin;
  });
  const env = {
    HOME: folder,
    PATH: [...bins, "/usr/bin", "/bin"].join(":"),
    DOCKER_HOST: "tcp://192.0.2.1:2375",
  };
  return new DockerCli(env, 300);
}

const read = (name: string): string => readFileSync(join(folder, name), "utf8");

const SPEC: BuildSpec = {
  imageName: "todo:1",
  context: "./app",
  dockerfile: "./app/Dockerfile",
  args: { A: "1", TOKEN: "s3cret" },
  secretArgs: new Set(["TOKEN"]),
  target: "runtime",
  platform: "linux/amd64",
  network: "host",
  addHosts: ["db:10.0.0.1"],
  cacheFrom: ["localhost:5000/c"],
  buildKit: true,
};
const OLD = 'case "$1" in --version) echo "Docker version 20.10.24, build 0";; ';
const NEW_WITHOUT_BUILDX =
  'case "$1" in --version) echo "Docker version 28.2.2, build 0";; buildx) exit 1;; *) exit 9;; esac';

test("a build passes every option, and a secret argument by the environment only", async () => {
  const docker = cli(
    `${OLD}build) printf '%s\\n' "$@" >${folder}/args; env >${folder}/env; echo out; echo err >&2;; esac`,
  );
  await docker.build(SPEC, task);
  expect(read("args").trim().split("\n")).toEqual(
    "build --file ./app/Dockerfile --tag todo:1 --progress plain --build-arg A=1 --build-arg TOKEN --target runtime --platform linux/amd64 --network host --add-host db:10.0.0.1 --cache-from localhost:5000/c ./app".split(
      " ",
    ),
  );
  const env = read("env").split("\n");
  expect(env).toEqual(
    expect.arrayContaining([
      "DOCKER_BUILDKIT=1",
      "TOKEN=s3cret",
      "DOCKER_HOST=tcp://192.0.2.1:2375",
    ]),
  );
  expect(lines.sort()).toEqual(["err", "out"]);
});

test("BuilderV1 is the first docker's own builder", async () => {
  const docker = cli(`printf '%s\\n' "$@" >${folder}/args; env >${folder}/env`);
  await docker.build({ ...SPEC, buildKit: false }, task);
  expect(read("args")).not.toContain("--progress");
  expect(read("env")).toContain("DOCKER_BUILDKIT=0");
});

test("BuildKit is by the first docker on PATH that has it", async () => {
  await cli(NEW_WITHOUT_BUILDX, `${OLD}build) touch ${folder}/second;; esac`).build(SPEC, task);
  expect(existsSync(join(folder, "second"))).toBe(true);
});

test("a docker without buildx says what to install", async () => {
  cli(NEW_WITHOUT_BUILDX);
  await expect(new DockerCli({ PATH: join(folder, "bin0") }).build(SPEC, task)).rejects.toThrow(
    /bin0\/docker cannot build with BuildKit: install its buildx plugin/,
  );
});

test("no docker at all is an error of its own", async () => {
  await expect(new DockerCli({ PATH: folder }).ping()).rejects.toThrow("no docker command on PATH");
});

test("a daemon that does not answer is asked once", async () => {
  const docker = cli(`echo x >>${folder}/asked; exit 1`);
  await expect(docker.ping()).rejects.toThrow("failed to connect to any docker daemon");
  await expect(docker.ping()).rejects.toThrow("failed to connect to any docker daemon");
  expect(read("asked")).toBe("x\n");
});

test("the image's ID is docker's", async () => {
  const docker = cli('[ "$1 $2 $5" = "image inspect todo:1" ] && echo sha256:abc');
  expect(await docker.imageId("todo:1")).toBe("sha256:abc");
  await expect(docker.imageId("other:1")).rejects.toThrow("docker exited with code 1");
});

test("a failed build throws the builder's message", async () => {
  const docker = cli(
    `${OLD}build) echo "#5 ERROR: x" >&2; echo "failed to solve: rpc error: code = Unknown desc = executor failed running [/bin/sh -c exit 7]: exit code: 7" >&2; exit 1;; esac`,
  );
  await expect(docker.build(SPEC, task)).rejects.toThrow(
    /^executor failed running \[\/bin\/sh -c exit 7\]: exit code: 7$/,
  );
});

test.each([
  [
    "failed to solve with frontend dockerfile.v0: failed to create LLB definition: no such host",
    "no such host",
  ],
  [
    "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
    "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
  ],
  ["a\nERROR: failed to solve: b: not found\n", "b: not found"],
  ["Error response from daemon: pull access denied", "pull access denied"],
  ["", "docker exited with code 125"],
])("the message in %j is %j", (stderr, message) => {
  expect(failureOf(stderr, 125)).toBe(message);
});

describe("cancelling", () => {
  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  const started = async (): Promise<number> => {
    while (!existsSync(join(folder, "pid"))) await sleep(10);
    return Number(read("pid"));
  };

  test("ends a build that listens", async () => {
    const docker = cli(
      `${OLD}build) echo $$ >${folder}/p; mv ${folder}/p ${folder}/pid; exec sleep 60;; esac`,
    );
    const build = expect(docker.build(SPEC, task)).rejects.toThrow(/^canceled$/);
    const pid = await started();
    abort.abort();
    await build;
    expect(alive(pid)).toBe(false);
  });

  test("kills a build that does not", async () => {
    const docker = cli(
      `trap '' TERM; ${OLD}build) echo $$ >${folder}/p; mv ${folder}/p ${folder}/pid; while :; do sleep 0.2; done;; esac`,
    );
    const build = expect(docker.build(SPEC, task)).rejects.toThrow(/^canceled$/);
    const pid = await started();
    abort.abort();
    await build;
    expect(alive(pid)).toBe(false);
  });

  test("before the start starts nothing", async () => {
    abort.abort();
    const docker = cli(`${OLD}build) touch ${folder}/built;; esac`);
    await expect(docker.build(SPEC, task)).rejects.toThrow("canceled");
    expect(existsSync(join(folder, "built"))).toBe(false);
  });
});

describe("pushing", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const script = (): string =>
    `cp -rL "$DOCKER_CONFIG" ${folder}/seen; ls -ld "$DOCKER_CONFIG" >${folder}/mode; echo "1: digest: ${digest} size: 528"`;

  test("uses the program's credentials beside the user's configuration, and leaves none behind", async () => {
    mkdirSync(join(folder, ".docker/contexts"), { recursive: true });
    writeFileSync(join(folder, ".docker/contexts/meta"), "kept");
    writeFileSync(
      join(folder, ".docker/config.json"),
      JSON.stringify({ credsStore: "desktop", auths: { "other.example": {} } }),
    );
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("docker-config-"));
    const credentials = { key: "localhost:5000", username: "u", password: "p:w" };
    expect(await cli(script()).push("localhost:5000/todo:1", credentials, task)).toBe(digest);
    expect(JSON.parse(read("seen/config.json"))).toEqual({
      credsStore: "desktop",
      auths: {
        "other.example": {},
        "localhost:5000": { auth: Buffer.from("u:p:w").toString("base64") },
      },
      credHelpers: { "localhost:5000": "" },
    });
    expect(read("seen/contexts/meta")).toBe("kept");
    expect(read("mode")).toMatch(/^drwx------/);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("docker-config-"))).toEqual(
      before,
    );
  });

  test("without credentials leaves the user's configuration in charge", async () => {
    const docker = cli(`echo "config: $DOCKER_CONFIG"; echo "1: digest: ${digest} size: 528"`);
    expect(await docker.push("localhost:5000/todo:1", undefined, task)).toBe(digest);
    expect(lines).toContain("config:");
  });

  test("without a digest has failed", async () => {
    await expect(cli("true").push("localhost:5000/todo:1", undefined, task)).rejects.toThrow(
      "the registry reported no digest",
    );
  });
});

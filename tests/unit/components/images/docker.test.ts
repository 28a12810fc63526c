import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  addReadableTags,
  askRegistry,
  removeLocalImages,
} from "../../../../components/images/docker";
import { folderWith } from "../../support/folder";

/** Docker that writes its commands down, and these names of one image, by any of them. */
function docker(names: readonly string[] = []): { asked(verb: string): string[] } {
  const folder = folderWith({
    docker: `#!/bin/sh
echo "$*" >> "$(dirname "$0")/log"
case "$*" in
  "image inspect"*) ${names.length === 0 ? "exit 1" : `echo '${JSON.stringify(names)}'`};;
esac
`,
  });
  chmodSync(join(folder, "docker"), 0o755);
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
  const log = join(folder, "log");
  return {
    asked: (verb) => {
      const lines = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
      return lines.filter((line) => line.startsWith(`${verb} `));
    },
  };
}

const environment = { ...process.env };
const home = process.cwd();
afterEach(() => {
  process.chdir(home);
  process.env = { ...environment };
});

test("a registry is asked also where the engine says nothing of registries", async () => {
  const folder = folderWith({
    docker: `#!/bin/sh\ncase "$1" in info) echo null;; manifest) exit 0;; esac\n`,
  });
  chmodSync(join(folder, "docker"), 0o755);
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
  await expect(askRegistry("registry.example.com/todo-backend:1")).resolves.toBe("there");
});

const OLD = "todo-backend:1.0.0-0123456789ab";

describe("a local image that is removed", () => {
  test("goes with its readable tags, and leaves those of other repositories", async () => {
    const others = ["todo-backend:v1.0.0", "todo-backend:git-abc123", "todo-backend:git-abc-dirty"];
    const { asked } = docker([...others, OLD, "mine/todo-backend:v1", "localhost:5000/x:v1"]);
    await removeLocalImages([OLD]);
    expect(asked("image rm")).toEqual([`image rm ${others.join(" ")} ${OLD}`]);
  });

  test("goes from a registry's repository as well", async () => {
    const pushed = `localhost:5000/team/${OLD}`;
    const { asked } = docker([pushed, OLD]);
    await removeLocalImages([OLD, pushed]);
    expect(asked("image rm")).toEqual([`image rm ${OLD}`, `image rm ${pushed}`]);
  });

  test("goes also under the name by which it was on its way to a profile's registry", async () => {
    const others = [
      "127.0.0.1:5999/library/todo-backend:2.0.0-0123456789ab",
      "127.0.0.1:5999/shop:1",
    ];
    const sent = `127.0.0.1:41234/library/${OLD}`;
    const { asked } = docker([...others, sent, OLD]);
    await removeLocalImages([OLD]);
    expect(asked("image rm")).toEqual([`image rm ${sent} ${OLD}`]);
  });

  test("leaves everything else where another content's tag names the same image", async () => {
    const { asked } = docker(["todo-backend:v2.0.0", OLD, "todo-backend:2.0.0-0123456789ab"]);
    await removeLocalImages([OLD]);
    expect(asked("image rm")).toEqual([`image rm ${OLD}`]);
  });

  test("is left where it is gone already", async () => {
    const { asked } = docker();
    await removeLocalImages([OLD]);
    expect(asked("image rm")).toEqual([]);
  });
});

describe("readable tags", () => {
  /** Works in a repository with one commit. */
  const repository = (): string => {
    const folder = folderWith({ "apps/backend/a.py": "a\n", "README.md": "read me\n" });
    const git = (...args: string[]): string =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
        cwd: folder,
        encoding: "utf8",
        stdio: "pipe",
      });
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "--message", "one");
    process.chdir(folder);
    return git("rev-parse", "--short=12", "HEAD").trim();
  };

  test.each<[string, string, string]>([
    ["a clean build context", "README.md", ""],
    ["an edited file in it", "apps/backend/a.py", "-dirty"],
    ["a new file in it", "apps/backend/b.py", "-dirty"],
  ])("name the version and the commit, of %s", async (_, changed, suffix) => {
    const commit = repository();
    writeFileSync(changed, "changed\n");
    const { asked } = docker();
    await addReadableTags(OLD, "1.0.0", "apps/backend");
    expect(asked("tag")).toEqual([
      `tag ${OLD} todo-backend:v1.0.0`,
      `tag ${OLD} todo-backend:git-${commit}${suffix}`,
    ]);
  });

  test("name the version alone where there is no repository", async () => {
    process.chdir(folderWith({ "apps/backend/a.py": "a\n" }));
    const { asked } = docker();
    await addReadableTags(OLD, "1.0.0", "apps/backend");
    expect(asked("tag")).toEqual([`tag ${OLD} todo-backend:v1.0.0`]);
  });
});

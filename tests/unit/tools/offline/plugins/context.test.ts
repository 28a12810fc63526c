import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contextDigest } from "../../../../../tools/offline/plugins/docker/context";

const start = process.cwd();
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "context-"));
  process.chdir(folder);
  for (const path of ["app/src/deep", "app/node_modules/x", "app/a b"]) {
    mkdirSync(path, { recursive: true });
  }
  write("app/Dockerfile", "FROM scratch\n");
  write(
    "app/.dockerignore",
    "# comment\nnode_modules\n**/*.log\n!keep.log\nsrc/deep\n!src/deep/kept\n",
  );
  write("app/src/a.ts", "1\n", 0o755);
  write("app/src/b.log", "2\n");
  write("app/keep.log", "3\n", 0o640);
  write("app/src/deep/kept", "4\n", 0o1666);
  write("app/src/deep/gone", "5\n");
  write("app/node_modules/x/i.js", "6\n");
  write("app/a b/é.txt", "7\n");
  write("app/src.txt", "8\n", 0o4711);
  symlinkSync("../src/a.ts", "app/a b/link");
  symlinkSync("/etc/hostname", "app/abs");
  symlinkSync("src", "app/dirlink");
  symlinkSync("dirlink/deep/kept", "app/chain");
  execFileSync("mkfifo", ["-m", "644", "app/pipe"]);
});

afterEach(() => {
  process.chdir(start);
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string, mode = 0o644): void {
  writeFileSync(path, text);
  chmodSync(path, mode);
}

const digest = (): string => contextDigest("./app", "./app/Dockerfile");

test("is the docker plugin's own digest", () => {
  // From a Go program that does what the plugin does: patternmatcher, fs.FileMode, filepath.EvalSymlinks.
  expect(digest()).toBe("d188c4cf2c89a0e7a8810ead7371e6391bbbf3698cc51f47bf1feefa719faa82");
  expect(contextDigest("app", "app/Dockerfile")).toBe(digest());
});

test("a Dockerfile's own ignore file takes the place of the context's", () => {
  write("Other.Dockerfile", "x");
  write("Other.Dockerfile.dockerignore", "src\n");
  expect(contextDigest("./app", "Other.Dockerfile")).toBe(
    "5bf8d33bc79b4649c77c15900983cacf163bcd2b36990acdcc5d477c97b606d1",
  );
});

const changes: Record<string, () => void> = {
  "a file's content": () => write("app/src/a.ts", "changed\n", 0o755),
  "a file's mode": () => chmodSync("app/src/a.ts", 0o644),
  "a file's name": () => renameSync("app/src/a.ts", "app/src/b.ts"),
  "a new file": () => write("app/new", ""),
  "where a link leads": () => {
    rmSync("app/chain");
    symlinkSync("dirlink/a.ts", "app/chain");
  },
  "an excepted file in an ignored folder": () => write("app/src/deep/kept", "changed"),
  "the Dockerfile": () => write("app/Dockerfile", "FROM scratch\nCOPY . .\n"),
};
test.each(Object.keys(changes))("changes with %s", (name) => {
  // A dangling link would be an error, so the links to what is renamed go first.
  rmSync("app/a b/link");
  const before = digest();
  changes[name]?.();
  expect(digest()).not.toBe(before);
});

const nonChanges: Record<string, () => void> = {
  "an ignored file": () => write("app/src/b.log", "changed"),
  "an ignored folder": () => write("app/node_modules/x/j.js", "new"),
  "an empty folder": () => mkdirSync("app/empty"),
};
test.each(Object.keys(nonChanges))("does not change with %s", (name) => {
  const before = digest();
  nonChanges[name]?.();
  expect(digest()).toBe(before);
});

test("an ignored Dockerfile still counts", () => {
  write("app/.dockerignore", "*\n");
  const before = digest();
  write("app/Dockerfile", "FROM other\n");
  expect(digest()).not.toBe(before);
});

test("a dangling link is an error that names it", () => {
  symlinkSync("nowhere", "app/dangling");
  expect(digest).toThrow(
    /unable to hash build context: could not evaluate symlink at app\/dangling/,
  );
});

test("a link to itself is an error", () => {
  symlinkSync("loop", "app/loop");
  expect(digest).toThrow(/too many links/);
});

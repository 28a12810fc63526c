import { chmodSync, mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  contentTag,
  contextHash,
  folderHash,
  isContentOf,
} from "../../../../components/images/build-context";
import { folderWith } from "../../support/folder";
import { pick, randomNumbers } from "../../support/random";

const FILES = { Dockerfile: "FROM scratch\n", "src/a.py": "a", "src/b.py": "b" };

test("the tag is the version and 12 digits of the content", () => {
  expect(contentTag("1.2.3", folderWith(FILES))).toMatch(/^1\.2\.3-[0-9a-f]{12}$/);
});

test("the same files elsewhere, at another time, in another order have the same hash", () => {
  const one = folderWith(FILES);
  const other = folderWith(Object.fromEntries(Object.entries(FILES).reverse()));
  utimesSync(join(other, "Dockerfile"), 1, 1);
  expect(contextHash(one)).toBe(contextHash(other));
});

test.each<[string, (folder: string) => void]>([
  ["content", (folder) => writeFileSync(join(folder, "src/a.py"), "A")],
  ["a new file", (folder) => writeFileSync(join(folder, "src/c.py"), "")],
  ["a name", (folder) => renameSync(join(folder, "src/a.py"), join(folder, "src/z.py"))],
  ["the executable bit", (folder) => chmodSync(join(folder, "src/a.py"), 0o755)],
])("%s changes the hash", (_, change) => {
  const folder = folderWith(FILES);
  const before = contextHash(folder);
  change(folder);
  expect(contextHash(folder)).not.toBe(before);
});

test("what .dockerignore leaves out doesn't change it", () => {
  const folder = folderWith({ ...FILES, ".dockerignore": "node_modules\n**/*.log\n" });
  const before = contextHash(folder);
  writeFileSync(join(folder, "src/x.log"), "noise");
  expect(contextHash(folder)).toBe(before);
});

test("what the Dockerfile's own ignore file leaves out doesn't change it, as for Docker", () => {
  const folder = folderWith({
    ...FILES,
    "Dockerfile.dockerignore": "src/b.py\n",
    ".dockerignore": "",
  });
  const before = contextHash(folder);
  writeFileSync(join(folder, "src/b.py"), "changed");
  expect(contextHash(folder)).toBe(before);
});

test.each([0o077, 0o027, 0o002])("a checkout with umask %o has the same tag", (umask) => {
  const folder = folderWith(FILES);
  const before = contentTag("1.0.0", folder);
  for (const name of Object.keys(FILES)) chmodSync(join(folder, name), 0o666 & ~umask);
  chmodSync(join(folder, "src"), 0o777 & ~umask);
  expect(contentTag("1.0.0", folder)).toBe(before);
});

/** What Finder, editors and version control leave beside the files that people edit. */
const LEFTOVERS = [
  ...[".DS_Store", "._main.py", "Thumbs.db", "desktop.ini"],
  ...["main.py~", ".main.py.swp", ".main.py.swo", "#main.py#", ".#main.py", "4913"],
  ...["main.py.orig", "main.py.rej", "main.py.bak", "main.tmp"],
  ...[".idea/workspace.xml", ".vscode/settings.json", ".history/main.py"],
];

describe.each(["apps/backend", "apps/frontend"])("%s", (context) => {
  const code = context === "apps/backend" ? "app" : "src";

  test.each(LEFTOVERS)("%s is no part of the image", (leftover) => {
    const rules = readFileSync(join(__dirname, "../../../..", context, ".dockerignore"), "utf8");
    const folder = folderWith({ Dockerfile: "", ".dockerignore": rules, [`${code}/main.py`]: "a" });
    const before = contextHash(folder);
    mkdirSync(dirname(join(folder, code, leftover)), { recursive: true });
    writeFileSync(join(folder, code, leftover), "left");
    expect(contextHash(folder)).toBe(before);
    writeFileSync(join(folder, code, "main.py"), "b");
    expect(contextHash(folder)).not.toBe(before);
  });
});

test.each(LEFTOVERS)("%s is no part of the chart", (leftover) => {
  const rules = readFileSync(join(__dirname, "../../../../helm/todo-app/.helmignore"), "utf8");
  const folder = folderWith({ ".helmignore": rules, "templates/main.yaml": "a" });
  const before = folderHash(folder);
  mkdirSync(dirname(join(folder, "templates", leftover)), { recursive: true });
  writeFileSync(join(folder, "templates", leftover), "left");
  expect(folderHash(folder)).toBe(before);
  writeFileSync(join(folder, "templates/main.yaml"), "b");
  expect(folderHash(folder)).not.toBe(before);
});

test("an ignored Dockerfile still counts", () => {
  const folder = folderWith({ ...FILES, ".dockerignore": "Dockerfile\n" });
  const before = contextHash(folder);
  writeFileSync(join(folder, "Dockerfile"), "FROM other\n");
  expect(contextHash(folder)).not.toBe(before);
});

test("content can't move between files, or from a name to a file, without a new hash", () => {
  const seen = new Map<string, string>();
  const random = randomNumbers(3);
  for (let round = 0; round < 60; round++) {
    const files: Record<string, string> = {};
    for (let n = 0; n < 3; n++)
      files[
        pick(
          random,
          ["a", "b", "ab", "a/b"]
            .filter((name) => name !== "a" || !("a/b" in files))
            .filter((name) => name !== "a/b" || !("a" in files)),
        )
      ] = pick(random, ["", "a", "b", "ab"]);
    const key = JSON.stringify(Object.entries(files).sort());
    const hash = folderHash(folderWith(files));
    const same = seen.get(hash);
    if (same !== undefined) expect(same).toBe(key);
    seen.set(hash, key);
  }
  expect(seen.size).toBeGreaterThan(20);
});

test("a tag tells whether its source is still there", () => {
  const folder = folderWith(FILES);
  const image = `todo-backend:${contentTag("1.0.0", folder)}`;
  expect(isContentOf(image, folder)).toBe(true);
  writeFileSync(join(folder, "src/a.py"), "changed");
  expect(isContentOf(image, folder)).toBe(false);
});

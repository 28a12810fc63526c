import { chmodSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

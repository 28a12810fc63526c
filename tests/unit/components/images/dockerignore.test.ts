import { Ignore } from "../../../../components/images/dockerignore";

/** Cases of Docker's own documentation and of its matcher. */
test.each<[rules: string, path: string, excluded: boolean]>([
  ["node_modules", "node_modules/a/b.js", true],
  ["node_modules", "src/node_modules/a.js", false],
  ["**/node_modules", "src/node_modules/a.js", true],
  ["/node_modules/", "node_modules/a.js", true],
  ["*/temp*", "somedir/temporary.txt", true],
  ["*/temp*", "somedir/sub/temporary.txt", false],
  ["temp?", "tempa", true],
  ["temp?", "temp", false],
  ["**/*.go", "a/b/c.go", true],
  ["**/*.go", "c.go", true],
  ["*.md\n!README.md", "README.md", false],
  ["*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true],
  ["*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false],
  ["docs\n!docs/keep.md", "docs/keep.md", false],
  ["docs\n!docs/keep.md", "docs/other.md", true],
  ["# comment\n\n  a.txt  ", "a.txt", true],
  ["[ab].txt", "b.txt", true],
  ["[ab].txt", "c.txt", false],
  ["a\\*b", "a*b", true],
  ["a\\*b", "axb", false],
  ["./a.txt", "a.txt", true],
  ["a.txt", "axtxt", false],
  ["dist/**", "dist/x/y.js", true],
  ["", "anything", false],
])("%j on %s", (rules, path, excluded) => {
  expect(new Ignore(rules).excludes(path)).toBe(excluded);
});

test("a folder is skipped only where nothing in it can come back", () => {
  expect(new Ignore("docs").excludesAllOf("docs")).toBe(true);
  expect(new Ignore("docs\n!docs/keep.md").excludesAllOf("docs")).toBe(false);
});

test.each([
  ["**\n!src/**", "node_modules", true],
  ["**\n!src/**", "src", false],
  ["**\n!src/**", "src/app", false],
  ["**\n!/src/keep", "src", false],
  ["*\n!**/keep", "anything", false],
])("%j reads the folder %s only where something may come back", (rules, folder, skipped) => {
  expect(new Ignore(rules).excludesAllOf(folder)).toBe(skipped);
});

test("names are compared as they are written", () => {
  expect(new Ignore("README.md").excludes("readme.md")).toBe(false);
});

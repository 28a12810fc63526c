import {
  clean,
  IgnoreMatcher,
  readPatterns,
} from "../../../../../tools/offline/plugins/docker/ignore";

/** Walks down to `path` as a build context is walked, and says whether it is left out. */
function ignored(dockerignore: string, path: string): boolean {
  const matcher = new IgnoreMatcher(readPatterns(dockerignore));
  const elements = path.split("/");
  let parent: readonly boolean[] | undefined;
  let verdict = false;
  elements.forEach((_, i) => {
    const match = matcher.match(elements.slice(0, i + 1).join("/"), parent);
    parent = match.below;
    verdict = match.ignored;
  });
  return verdict;
}

// Each verdict is what github.com/moby/patternmatcher v0.6.0 answers.
test.each([
  ["node_modules", "node_modules/a/b.js", true],
  ["node_modules", "sub/node_modules/b.js", false],
  ["/node_modules/", "node_modules/b.js", true],
  ["**/node_modules", "sub/deep/node_modules/b.js", true],
  ["**/node_modules", "node_modules", true],
  ["**/*.log", "a.log", true],
  ["**/*.log", "x/y/a.log", true],
  ["*.log", "x/a.log", false],
  ["*/*.log", "x/a.log", true],
  ["a/**", "a/b/c", true],
  ["a/**", "a", false],
  ["a/**/c", "a/c", true],
  ["a/**/c", "a/x/y/c", true],
  ["a/**/c", "ab/c", false],
  ["**", "anything/at/all", true],
  ["**b", "xb", true],
  ["**b", "x/ab", true],
  ["a**", "abc", true],
  ["a?c", "abc", true],
  ["a?c", "a/c", false],
  ["[a-c]x", "bx", true],
  ["[^a-c]x", "bx", false],
  ["a.c", "abc", false],
  ["a\\*c", "a*c", true],
  ["a\\*c", "abc", false],
  ["*.md\n!README.md", "README.md", false],
  ["*.md\n!README.md", "OTHER.md", true],
  ["!README.md\n*.md", "README.md", true],
  ["a\n!a/b", "a/b", false],
  ["a\n!a/b", "a/b/c", false],
  ["a\n!a/b", "a/c", true],
  ["*\n!src\nsrc/tmp", "src/x", false],
  ["*\n!src\nsrc/tmp", "src/tmp/x", true],
  ["# a comment\nb", "b", true],
  [" #spaced", "#spaced", true],
  ["\uFEFFa", "a", true],
  ["a/../b/./c//", "b/c/d", true],
  ["! b \nb", "b", true],
  ["", "a", false],
  ["é*", "été", true],
])("%j ignores %j: %j", (dockerignore, path, expected) => {
  expect(ignored(dockerignore, path)).toBe(expected);
});

test.each(["!", "[a", "a\\", "[]a]", "[a-]"])("the pattern %j is refused", (pattern) => {
  expect(() => new IgnoreMatcher(readPatterns(pattern))).toThrow(/pattern/);
});

test("clean is Go's path.Clean", () => {
  const cases = {
    "": ".",
    "a//b/": "a/b",
    "./a": "a",
    "../a": "../a",
    "/../a": "/a",
    "a/..": ".",
    "a/../../b": "../b",
  };
  expect(Object.fromEntries(Object.keys(cases).map((path) => [path, clean(path)]))).toEqual(cases);
});

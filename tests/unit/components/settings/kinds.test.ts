import * as v from "valibot";
import * as kind from "../../../../components/settings/kinds";

/** What a kind makes of a text: its value, or what is said of it. */
function read<T>({ schema }: kind.Kind<T>, text: string): unknown {
  const result = v.safeParse(schema, text);
  return result.success ? result.output : result.issues.map(({ message }) => message);
}

describe("a whole number", () => {
  test("is in its range, ends included", () => {
    const { range } = kind.integer(1, 20);
    expect(range).toBe("1 to 20");
    expect(["1", "20", "007"].map((text) => read(kind.integer(1, 20), text))).toEqual([1, 20, 7]);
    for (const text of ["0", "21", "1.5", "", "1e1", " 1", "-1"])
      expect(read(kind.integer(1, 20), text)).toEqual([
        `must be a whole number from 1 to 20, not ${JSON.stringify(text)}`,
      ]);
  });
});

test("a flag is true or false", () => {
  expect(["true", "false", "yes"].map((text) => read(kind.flag(), text))).toEqual([
    ...[true, false, ['must be true or false, not "yes"']],
  ]);
});

describe("a URL", () => {
  test("is one by http, or none", () => {
    for (const text of ["", "http://a", "https://a:1/b?c@d"])
      expect(read(kind.url(), text)).toBe(text);
    for (const text of ["ftp://a", "a", "httpsx://a"])
      expect(read(kind.url(), text)).toEqual([`must be an http(s) URL, not "${text}"`]);
  });

  test("with a user in it isn't repeated; where that belongs is said where there is a place", () => {
    expect(read(kind.url("put it into x"), "https://u:hunter2@a")).toEqual([
      expect.stringMatching(/; put it into x$/),
    ]);
    const [plain] = read(kind.url(), "https://u:hunter2@a") as string[];
    expect(plain).not.toMatch(/;|hunter2/);
    for (const text of ["u:p@a", "//u@a", "http:/\\u@a", " https://u@a"])
      expect(read(kind.url(), text)).toEqual([plain]);
  });

  test("to which paths are added has nothing that they would stand behind", () => {
    for (const text of ["", "http://a", "https://a:1/b/@c/v1"])
      expect(read(kind.baseUrl(), text)).toBe(text);
    for (const text of ["https://a/v1?api-key=hunter2", "https://a/v1#hunter2", "https://a?"]) {
      const [told] = read(kind.baseUrl("put it into x"), text) as string[];
      expect(told).toMatch(/^must end before any \? or #.*; put it into x$/);
      expect(told).not.toContain("hunter2");
    }
    expect(read(kind.baseUrl(), "https://a?")).toEqual([expect.stringMatching(/shown$/)]);
  });

  test("that is an origin has no path", () => {
    expect(read(kind.origin(), "https://a:8443")).toBe("https://a:8443");
    expect(read(kind.origin(), "")).toBe("");
    expect(read(kind.origin(), "https://a/")).toEqual([
      'must be scheme://host[:port] without a path, not "https://a/"',
    ]);
  });
});

describe("a list", () => {
  test("is structured, and of texts", () => {
    expect(read(kind.list(), '["a","b"]')).toEqual(["a", "b"]);
    expect(read(kind.list(), "[]")).toEqual([]);
    for (const text of ['{"a":1}', '["a",1]', '["a",""]', "null"])
      expect(read(kind.list(), text)).toEqual(["must be a list of texts"]);
    expect(read(kind.list(), "a,b")).toEqual([
      "must be structured (see: pulumi config set --path)",
    ]);
    expect(JSON.stringify(read(kind.list(), '["a","https://u:hunter2@b"]'))).not.toContain(
      "hunter2",
    );
    expect(read(kind.list(), '["a","https://u:hunter2@b"]')).toHaveLength(1);
  });

  test("of origins names the first that is none", () => {
    expect(read(kind.origins(), '["https://a","https://*.b.c:1"]')).toEqual([
      "https://a",
      "https://*.b.c:1",
    ]);
    expect(read(kind.origins(), '["https://a","https://b/c","d"]')).toEqual([
      'must be a list of origins, scheme://host[:port] without a path, not "https://b/c"',
    ]);
    expect(read(kind.origins(), "7")).toEqual(["must be a list of texts"]);
    expect(JSON.stringify(read(kind.origins(), '["https://u:hunter2@b"]'))).not.toContain(
      "hunter2",
    );
  });

  test("of hosts takes names, addresses and domains", () => {
    const good = ["a", "a.example.com", ".example.com", "10.0.0.1"];
    expect(read(kind.hosts(), JSON.stringify(good))).toEqual(good);
    expect(read(kind.hosts(), '["a","b/c"]')).toEqual([
      'must be a list of hosts, and of domains as ".example.com", not "b/c"',
    ]);
    expect(read(kind.hosts(), '["a",7]')).toEqual([expect.stringMatching(/, not "7"$/)]);
    expect(read(kind.hosts(), '"a"')).toEqual(["must be a list of hosts"]);
  });

  test.each([
    ["10.0.0.0/32", "10.0.0.0/33"],
    ["10.0.0.0/0", "10.0.0.0/"],
    ["10.0.0.1", "10.0.0"],
    ["2001:db8::/128", "2001:db8::/129"],
    ["::1", "::1/8/9"],
    ["10.0.0.0/008", "10.0.0.0/0008"],
  ])("of addresses takes %s, not %s", (right, wrong) => {
    expect(read(kind.addressRanges(), JSON.stringify([right]))).toEqual([right]);
    expect(read(kind.addressRanges(), JSON.stringify([right, wrong]))).toEqual([
      `must be a list of IP addresses, and of ranges as "10.0.0.0/8", not "${wrong}"`,
    ]);
  });
});

test("a name is never empty", () => {
  expect(read(kind.named(/^a+$/, "of a's"), "aa")).toBe("aa");
  expect(read(kind.formed(/^a+$/, "of a's"), "")).toBe("");
  expect(read(kind.named(/^a+$/, "of a's"), "")).toEqual(['must be of a\'s, not ""']);
});

test("a key that is sent in a header is of what a header may have, and is never repeated", () => {
  for (const text of ["", "sk-proj_a.B/c+d=~"]) expect(read(kind.headerKey(), text)).toBe(text);
  for (const text of [" ", "sk-a ", "sk-a\n", "sk-a\r\n", "sk-…", "sk-\u00a0a", "sk a"])
    expect(read(kind.headerKey(), text)).toEqual([
      "has blanks, line breaks or other characters that no key has: set it again",
    ]);
});

test("a key has 32 characters, or is none, and is never repeated", () => {
  expect(read(kind.secretKey(), "")).toBe("");
  expect(read(kind.secretKey(), "k".repeat(32))).toBe("k".repeat(32));
  for (const text of ["k".repeat(31), `${"k".repeat(31)}\n`, " ".repeat(32)])
    expect(read(kind.secretKey(), text)).toEqual(["must have at least 32 characters"]);
});

test("resources and exceptions tell all that is wrong with them at once", () => {
  expect(read(kind.resources(), '{"requests":{"cpu":"x"},"claims":1}')).toEqual([
    expect.stringMatching(/^has an unknown part "claims"; has a requests\.cpu /),
  ]);
  expect(read(kind.resources(), '{"limits":{"cpu":"1"}}')).toMatchObject({ limits: { cpu: "1" } });
  expect(read(kind.exceptions(), "[]")).toEqual([]);
  expect(read(kind.exceptions(), "[{}]")).toEqual([expect.any(String)]);
});

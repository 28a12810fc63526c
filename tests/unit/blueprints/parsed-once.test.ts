import { randomUUID } from "node:crypto";
import fs, { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parsedOnce } from "../../../blueprints/parsed-once";
import { folderWith } from "../support/folder";

const CACHE = join(__dirname, "../../../node_modules/.cache/blueprints");
/** What was written meanwhile, to be taken away again. */
let kept: string[];
beforeEach(() => {
  kept = [];
  const rename = fs.renameSync;
  jest.spyOn(fs, "renameSync").mockImplementation((from, to) => {
    kept.push(String(to));
    rename(from, to);
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const file of kept) rmSync(file, { force: true });
});

/** A parser's file, and a text that nobody has parsed. */
const fresh = () => ({ parser: join(folderWith({ "p.ts": "one" }), "p.ts"), text: randomUUID() });

test("a text is parsed once, and what was made of it is the same afterwards", () => {
  const { parser, text } = fresh();
  const parse = jest.fn(() => ({ a: [1] }));
  expect(parsedOnce(parser, text, parse)).toEqual({ a: [1] });
  expect(parsedOnce(parser, text, parse)).toEqual({ a: [1] });
  expect(parse).toHaveBeenCalledTimes(1);
  expect(kept.map((file) => join(file, ".."))).toEqual([CACHE]);
});

test("another text, or another parser, is parsed for itself", () => {
  const { parser, text } = fresh();
  const parse = jest.fn(() => 1);
  parsedOnce(parser, text, parse);
  parsedOnce(parser, `${text}x`, parse);
  writeFileSync(parser, "two");
  parsedOnce(parser, text, parse);
  expect(parse).toHaveBeenCalledTimes(3);
});

test("what can't be kept is parsed each time, as is what was damaged", () => {
  const { parser, text } = fresh();
  const parse = jest.fn(() => 1);
  const write = jest.spyOn(fs, "writeFileSync").mockImplementation(() => {
    throw new Error("read-only");
  });
  expect([parsedOnce(parser, text, parse), parsedOnce(parser, text, parse)]).toEqual([1, 1]);
  write.mockRestore();
  expect(parse).toHaveBeenCalledTimes(2);
  parsedOnce(parser, text, parse);
  const [file = ""] = kept;
  expect(existsSync(file)).toBe(true);
  writeFileSync(file, "{");
  parsedOnce(parser, text, parse);
  expect(parse).toHaveBeenCalledTimes(4);
});

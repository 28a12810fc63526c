import { compare } from "bcryptjs";
import { RandomProvider } from "../../../../../tools/offline/plugins/random/provider";
import {
  isSecret,
  type PropertyMap,
  reveal,
  secret,
  UNKNOWN,
} from "../../../../../tools/offline/plugins/values";

const provider = new RandomProvider("4.21.1");
const urnOf = (kind: string): string => {
  const type = `random:index/${kind[0]?.toLowerCase()}${kind.slice(1)}:${kind}`;
  return `urn:pulumi:dev::todo::todo:index:Secrets$${type}::it`;
};
const PASSWORD = urnOf("RandomPassword");

async function make(kind: string, inputs: PropertyMap): Promise<{ id: string; outs: PropertyMap }> {
  const { inputs: checked, failures } = await provider.check(urnOf(kind), {}, inputs);
  expect(failures).toEqual([]);
  return provider.create(urnOf(kind), checked);
}

describe("RandomPassword", () => {
  test("has the plugin's outputs, the value and its hash secret", async () => {
    const { id, outs } = await make("RandomPassword", { length: 10 });
    expect(id).toBe("none");
    expect(isSecret(outs.result)).toBe(true);
    expect(isSecret(outs.bcryptHash)).toBe(true);
    const { result, bcryptHash, ...rest } = reveal(outs);
    expect(rest).toEqual({
      __meta: '{"schema_version":"3"}',
      id: "none",
      length: 10,
      lower: true,
      minLower: 0,
      minNumeric: 0,
      minSpecial: 0,
      minUpper: 0,
      number: true,
      numeric: true,
      special: true,
      upper: true,
    });
    expect(bcryptHash).toMatch(/^\$2a\$10\$/);
    expect(await compare(String(result), String(bcryptHash))).toBe(true);
  });

  test("keeps the asked minimum of every kind and nothing that was not asked for", async () => {
    for (let i = 0; i < 50; i++) {
      const { outs } = await make("RandomString", {
        length: 9,
        minUpper: 2,
        minLower: 3,
        numeric: false,
        minSpecial: 3,
        overrideSpecial: "é-",
      });
      const result = String(outs.result);
      expect(Array.from(result)).toHaveLength(9);
      expect(result.match(/[A-Z]/g)?.length).toBeGreaterThanOrEqual(2);
      expect(result.match(/[a-z]/g)?.length).toBeGreaterThanOrEqual(3);
      expect(result.match(/[é-]/g)?.length).toBeGreaterThanOrEqual(3);
      expect(result).toMatch(/^[A-Za-zé-]+$/);
    }
  });

  test("uses the whole alphabet, evenly, wherever a minimum is", async () => {
    const { outs } = await make("RandomString", { length: 60_000, special: false, minNumeric: 1 });
    const counts = new Map<string, number>();
    for (const char of String(outs.result)) counts.set(char, (counts.get(char) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 60,000 / 62 = 968 with a standard deviation of 31: eight of them never happen.
    expect(Math.min(...counts.values())).toBeGreaterThan(968 - 250);
    expect(Math.max(...counts.values())).toBeLessThan(968 + 250);
  });

  test("is never the same twice", async () => {
    const made = await Promise.all([1, 2, 3].map(() => make("RandomPassword", { length: 16 })));
    expect(new Set(made.map(({ outs }) => reveal(outs).result)).size).toBe(3);
  });

  test.each<[PropertyMap, string]>([
    [{}, "Missing required property 'length'"],
    [{ length: 0 }, "Attribute length value must be at least 1, got: 0"],
    [{ length: 3, minUpper: 2, minLower: 2 }, "must be at least sum of min_upper + min_lower"],
    [
      { length: 3, upper: false, lower: false, numeric: false, special: false },
      "At least one attribute out of [special,upper,lower,numeric] must be specified as true",
    ],
  ])("refuses %j", async (inputs, reason) => {
    const { failures } = await provider.check(PASSWORD, {}, inputs);
    expect(failures.map((failure) => failure.reason).join()).toContain(reason);
  });

  test("waits for a length that a preview does not know", async () => {
    const { inputs, failures } = await provider.check(PASSWORD, {}, { length: UNKNOWN });
    expect(failures).toEqual([]);
    expect(inputs).toEqual({ length: UNKNOWN });
  });
});

describe("diff", () => {
  let olds: PropertyMap;
  beforeAll(async () => {
    olds = (await make("RandomPassword", { length: 12, keepers: { v: "1" } })).outs;
  });
  const diff = (
    news: PropertyMap,
    from = olds,
  ): Promise<{ changes: boolean; replaces: string[] }> =>
    provider.diff("none", PASSWORD, from, news);

  test("finds nothing in equal inputs, defaults spelt out, or a secret around them", async () => {
    const none = { changes: false, replaces: [] };
    expect(await diff({ length: 12, keepers: { v: "1" } })).toEqual(none);
    expect(await diff({ length: 12, keepers: { v: "1" }, special: true, number: true })).toEqual(
      none,
    );
    expect(await diff({ length: secret(12), keepers: { v: secret("1") } })).toEqual(none);
  });

  test.each<[PropertyMap, string[]]>([
    [{ length: 13, keepers: { v: "1" } }, ["length"]],
    [{ length: 12, keepers: { v: "2" } }, ["keepers"]],
    [{ length: 12, keepers: { v: UNKNOWN } }, ["keepers"]],
    [{ length: 12 }, ["keepers"]],
    [{ length: 12, keepers: { v: "1" }, number: false }, ["number", "numeric"]],
    [{ length: 12, keepers: { v: "1" }, overrideSpecial: "_" }, ["overrideSpecial"]],
  ])("replaces for %j", async (news, replaces) => {
    expect(await diff(news)).toEqual({ changes: true, replaces });
  });

  test("an empty change is an update in place that keeps the value", async () => {
    const { keepers: _, ...withoutKeepers } = olds;
    const news = { length: 12, keepers: {} };
    expect(await diff(news, withoutKeepers)).toEqual({ changes: true, replaces: [] });
    const { outs } = await provider.update("none", PASSWORD, withoutKeepers, news);
    expect(outs).toEqual({ ...withoutKeepers, keepers: {} });
    expect(isSecret(outs.result)).toBe(true);
    expect(await diff({ length: 12 }, { ...withoutKeepers, overrideSpecial: "" })).toEqual({
      changes: true,
      replaces: [],
    });
  });
});

test("RandomBytes gives one secret value in two encodings, and its base64 as ID", async () => {
  const { id, outs } = await make("RandomBytes", { length: 33 });
  expect(isSecret(outs.base64) && isSecret(outs.hex)).toBe(true);
  const { base64, hex, length } = reveal(outs);
  expect(Buffer.from(String(base64), "base64").toString("hex")).toBe(hex);
  expect(String(hex)).toHaveLength(66);
  expect([id, length]).toEqual([base64, 33]);
});

test("RandomId gives one value in four encodings, each after the prefix", async () => {
  const { id, outs } = await make("RandomId", { byteLength: 8, prefix: "p-" });
  const value = Buffer.from(id, "base64url");
  expect(value).toHaveLength(8);
  expect(outs).toEqual({
    b64Std: `p-${value.toString("base64")}`,
    b64Url: `p-${id}`,
    byteLength: 8,
    dec: `p-${value.readBigUInt64BE()}`,
    hex: `p-${value.toString("hex")}`,
    id,
    prefix: "p-",
  });
});

test("RandomString and RandomUuid have their value as ID", async () => {
  const string = await make("RandomString", { length: 5 });
  expect(string.outs).toMatchObject({
    id: string.id,
    result: string.id,
    __meta: '{"schema_version":"2"}',
  });
  const uuid = await make("RandomUuid", {});
  expect(uuid.outs).toEqual({ id: uuid.id, result: uuid.id });
  expect(uuid.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("a resource that is not served is refused with the way to the real plugin", async () => {
  await expect(provider.check(urnOf("RandomPet"), {}, {})).rejects.toThrow(
    "random:index/randomPet:RandomPet is not served by the stand-in for the random plugin; " +
      "get the real one: pulumi plugin install resource random 4.21.1",
  );
});

test("a refresh leaves the state, an import is refused", async () => {
  const props = { length: 5, result: secret("abcde") };
  expect(await provider.read("none", PASSWORD, props)).toEqual({ id: "none", props });
  await expect(provider.read("abcde", PASSWORD, {})).rejects.toThrow("cannot import");
});

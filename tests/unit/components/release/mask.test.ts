import { deviations } from "../../../../components/release/drift";
import { masked as maskedBy } from "../../../../components/release/mask";
import type { Json, JsonObject } from "../../../../components/runtime/json";

const masked = (live: Json, rendered: Json): Json => maskedBy(live, rendered, "key");

const backend = (env: JsonObject[], more: JsonObject = {}): JsonObject => ({
  ...{ name: "backend", image: "i:1", command: ["serve"], env, ...more },
});
const deployment = (...containers: JsonObject[]): JsonObject => ({
  "Deployment/todo-app-backend": { spec: { template: { spec: { containers } } } },
});
const LEVEL = { name: "LOG_LEVEL", value: "info" };
const KEY = { name: "JWT_SECRET", valueFrom: { secretKeyRef: { name: "s", key: "JWT_SECRET" } } };
const RENDERED = deployment(backend([LEVEL, KEY]));

test("what the chart renders stays as it is", () => {
  expect(masked(RENDERED, RENDERED)).toEqual(RENDERED);
});

test.each<[string, JsonObject]>([
  ["a variable", deployment(backend([LEVEL, KEY, { name: "OPENAI_API_KEY", value: "sk-s3cr3t" }]))],
  ["another value of one of the chart's", deployment(backend([{ ...LEVEL, value: "sk-s3cr3t" }]))],
  ["a word of the command", deployment(backend([LEVEL], { args: ["--token=sk-s3cr3t"] }))],
  [
    "a container before the chart's own",
    deployment(
      { name: "agent", env: [{ name: "TOKEN", value: "sk-s3cr3t" }] },
      backend([LEVEL, KEY]),
    ),
  ],
])("%s that somebody else has put there is masked", (_, live) => {
  const shown = masked(live, RENDERED);
  expect(JSON.stringify(shown)).not.toContain("s3cr3t");
  expect(JSON.stringify(shown)).toMatch(/\[masked [0-9a-f]{8}\]/);
  expect(JSON.stringify(shown)).toContain('"i:1"');
});

test("a container of the chart's is known behind one that was put before it", () => {
  const live = deployment({ name: "agent" }, backend([LEVEL, KEY]));
  expect(masked(live, RENDERED)).toEqual(live);
});

test("another value is drift all the same, and the same one is none, whether masked before or not", () => {
  const withToken = (value: string): JsonObject =>
    deployment(backend([LEVEL, { name: "TOKEN", value }]));
  const [one, same, other] = ["a", "a", "b"].map((value) => masked(withToken(value), RENDERED));
  expect(deviations(one ?? null, same ?? null)).toEqual([]);
  expect(masked(one ?? null, RENDERED)).toEqual(one);
  expect(deviations(one ?? null, other ?? null).map(({ path }) => path.slice(-2))).toEqual([
    ["1", "value"],
  ]);
});

test("whoever has a guess can't try it: the same value has another mask under another key", () => {
  const live = deployment(backend([{ name: "TOKEN", value: "guess" }]));
  const shown = ["one", "other", undefined].map((key) =>
    JSON.stringify(maskedBy(live, RENDERED, key)),
  );
  expect(new Set(shown).size).toBe(3);
});

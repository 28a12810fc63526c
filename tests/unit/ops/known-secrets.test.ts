import type { RunResult } from "../../../common/run";
import { secretValues } from "../../../ops/known-secrets";

const valuesOf = (answer: Partial<RunResult>): Promise<string[]> =>
  secretValues(async () => ({ code: 0, stdout: "", stderr: "", ...answer }));
const encoded = (text: string): string => Buffer.from(text).toString("base64");

test("the values of all Secrets of the namespace are known, in clear", async () => {
  const items = [
    { data: { DATABASE_URL: encoded("postgresql://ü"), JWT_SECRET: encoded("jwt") } },
    {},
    { data: { TOKEN: encoded("token") } },
  ];
  expect(await valuesOf({ stdout: JSON.stringify({ items }) })).toEqual([
    ...["postgresql://ü", "jwt", "token"],
  ]);
});

test("Helm's records and accounts' tokens aren't asked for", async () => {
  let asked = "";
  await secretValues(async (args) => {
    asked = args.join(" ");
    return { code: 0, stdout: '{"items":[]}', stderr: "" };
  });
  expect(asked).toBe(
    "get secrets --field-selector type=Opaque --output json --request-timeout=10s",
  );
});

test("none are known where the engineer may not read them", async () => {
  expect(await valuesOf({ code: 1, stdout: "", stderr: "Forbidden" })).toEqual([]);
});

import { readFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, it } from "vitest";

it("the types are those of the back end's document: `npm run types` makes them anew", async () => {
  const document = new URL("../../../../backend/openapi.json", import.meta.url);
  const types = await openapiTS(document, { defaultNonNullable: false });
  const written = await readFile(new URL("./schema.ts", import.meta.url), "utf8");
  expect(written).toBe(`${COMMENT_HEADER}${astToString(types)}`);
});

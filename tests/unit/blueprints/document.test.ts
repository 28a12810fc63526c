import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../../blueprints";
import { document } from "../../../blueprints/document";

const all = Object.values(rules).flat();

test("docs/blueprints.md is what the rules say: npm run blueprints:document writes it", () => {
  const file = join(__dirname, "../../../docs/blueprints.md");
  expect(readFileSync(file, "utf8")).toBe(document());
});

test.each(all.map((rule) => [rule.id, rule] as const))(
  "%s says what, why, what to do, and where it comes from",
  (id, { title, reason, remedy, source }) => {
    expect(title).toMatch(/^[A-Z].*\.$/);
    expect([reason.length > 20, remedy.length > 10, source.length > 0]).toEqual([true, true, true]);
    expect(document()).toContain(`[${id}](../blueprints/${id})`);
  },
);

test("the specification's containers and blueprints have their rules", () => {
  const sources = all.flatMap(({ source }) => source).join("\n");
  const containers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(
    (n) => `FR-${`${n}`.padStart(3, "0")}`,
  );
  for (const number of [...containers, "SC-001", "SC-012"]) expect(sources).toContain(number);
  expect(all.length).toBeGreaterThanOrEqual(30);
});

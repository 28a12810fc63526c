import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { helmRules } from "../../../blueprints/helm";
import { readChart } from "../../../blueprints/helm/chart";
import { blueprints, expected, folders, found } from "./samples";

/** What the files of a sample say that it breaks; one of them says it all. */
function wanted(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => expected(readFileSync(join(entry.parentPath, entry.name), "utf8")))
    .sort();
}

test("every rule of the folder is in force, once, under its folder's name", () => {
  expect(helmRules.map(({ id }) => id).sort()).toEqual(folders("helm"));
});

describe.each(helmRules.map((rule) => ({ id: rule.id, rule })))("$id", ({ id, rule }) => {
  it("finds exactly what its bad sample says, and that is something", () => {
    const bad = join(blueprints, id, "bad/shop");
    expect(wanted(bad)).not.toEqual([]);
    expect(found(rule, readChart(bad))).toEqual(wanted(bad));
  });

  it("finds nothing in its good sample", () => {
    expect(found(rule, readChart(join(blueprints, id, "good/shop")))).toEqual([]);
  });
});

test("helm/chart-version compares with the application, where its version is known", () => {
  const [rule] = helmRules.filter(({ id }) => id === "helm/chart-version");
  if (!rule) throw new Error("no such rule");
  const chart = join(blueprints, rule.id, "good/shop");
  expect(found(rule, readChart(chart, "4.5"))).toEqual([]);
  expect(found(rule, readChart(chart, "4.6"))).toEqual(["Chart.yaml appVersion"]);
});

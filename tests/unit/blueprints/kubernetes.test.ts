import { kubernetesRules } from "../../../blueprints/kubernetes";
import { expected, folders, found, objectsIn, sample } from "./samples";

test("every rule of the folder is in force, once, under its folder's name", () => {
  expect(kubernetesRules.map(({ id }) => id).sort()).toEqual(folders("kubernetes"));
});

describe.each(kubernetesRules.map((rule) => ({ id: rule.id, rule })))("$id", ({ rule }) => {
  it("finds exactly what its bad sample says, and that is something", () => {
    const bad = sample(rule, "bad.yaml");
    expect(expected(bad)).not.toEqual([]);
    expect(found(rule, objectsIn(bad))).toEqual(expected(bad));
  });

  it("finds nothing in its good sample", () => {
    expect(found(rule, objectsIn(sample(rule, "good.yaml")))).toEqual([]);
  });
});

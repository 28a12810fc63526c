import { readdirSync } from "node:fs";
import { join } from "node:path";
import { dockerfileRules, imageRules } from "../../../blueprints/docker";
import type { Dockerfile } from "../../../blueprints/docker/dockerfile";
import type { Image } from "../../../blueprints/docker/image";
import { readDockerfile } from "../../../blueprints/docker/parse";
import { blueprints, expected, folders, found, sample } from "./samples";

function dockerfile(id: string, folder: string): Dockerfile {
  return { ...readDockerfile(join(blueprints, id, folder, "Dockerfile")), name: "Dockerfile" };
}

function badSamples(id: string): string[] {
  return readdirSync(join(blueprints, id)).filter((name) => name.startsWith("bad"));
}

const EMPTY: Image = {
  name: "shop:1",
  budget: 500,
  size: 0,
  user: "",
  env: [],
  labels: {},
  ports: [],
  healthcheck: [],
};

test("every rule of the folder is in force, once, under its folder's name", () => {
  const ids = [...dockerfileRules, ...imageRules].map(({ id }) => id);
  expect(ids.sort()).toEqual(folders("docker"));
});

describe.each(dockerfileRules.map((rule) => ({ id: rule.id, rule })))("$id", ({ id, rule }) => {
  it("finds exactly what its bad samples say, and that is something", () => {
    expect(badSamples(id)).not.toEqual([]);
    for (const folder of badSamples(id)) {
      const wanted = expected(sample(rule, `${folder}/Dockerfile`));
      expect(wanted).not.toEqual([]);
      expect(found(rule, dockerfile(id, folder))).toEqual(wanted);
    }
  });

  it("finds nothing in its good sample", () => {
    expect(found(rule, dockerfile(id, "good"))).toEqual([]);
  });
});

describe.each(imageRules.map((rule) => ({ id: rule.id, rule })))("$id", ({ rule }) => {
  it("finds exactly what its bad sample says, and that is something", () => {
    const { finds, ...bad } = JSON.parse(sample(rule, "bad.json")) as { finds: string[] };
    expect(finds).not.toEqual([]);
    expect(found(rule, { ...EMPTY, ...bad })).toEqual([...finds].sort());
  });

  it("finds nothing in its good sample", () => {
    const good = JSON.parse(sample(rule, "good.json")) as Partial<Image>;
    expect(found(rule, { ...EMPTY, ...good })).toEqual([]);
  });
});

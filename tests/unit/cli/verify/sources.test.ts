import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  chartFindings,
  dockerfileFindings,
  imageFindings,
  imageFrom,
} from "../../../../cli/verify/sources";
import { folderWith } from "../../support/folder";

/** An environment with a program of this name that runs this script. */
function having(name: string, script: string): { env: NodeJS.ProcessEnv; folder: string } {
  const folder = folderWith({
    [name]: `#!/bin/sh\n${script}\n`,
    "chart/Chart.yaml": "name: shop\n",
  });
  chmodSync(join(folder, name), 0o755);
  return { folder, env: { ...process.env, FOLDER: folder, PATH: `${folder}:${process.env.PATH}` } };
}

describe("what isn't what it is taken for", () => {
  test("is told with where it can be said", () => {
    const folder = folderWith({ "sub/x": "" });
    expect(() => dockerfileFindings(join(folder, "sub"))).toThrow(
      expect.objectContaining({
        ...{ what: `${join(folder, "sub")} is no Dockerfile`, why: "it is something else" },
        ...{ next: "npm run verify -- --dockerfile …", exitCode: 64 },
      }),
    );
    expect(() => dockerfileFindings(join(folder, "none"))).toThrow(
      expect.objectContaining({ why: "it isn't there" }),
    );
  });

  test("may be a chart", async () => {
    const folder = folderWith({ x: "" });
    await expect(chartFindings(folder, [], {})).rejects.toMatchObject({
      ...{ what: `${folder} is no chart`, why: "it is something else", exitCode: 64 },
    });
  });
});

describe("a chart", () => {
  const POD =
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"hostNetwork":true}}';

  test("is rendered with its values in order, and what it renders is looked at too", async () => {
    const { env, folder } = having(
      "helm",
      `for word in "$@"; do echo "$word"; done > "$FOLDER/args"; printf '%s\\n' '---' '${POD}' '---' '# nothing'`,
    );
    const found = await chartFindings(join(folder, "chart"), ["a.yaml", "/b.yaml"], env);
    expect(readFileSync(join(folder, "args"), "utf8").trim().split("\n")).toEqual([
      ...["template", "verify", join(folder, "chart"), "--namespace", "verify"],
      ...["--values", join(process.cwd(), "a.yaml"), "--values", "/b.yaml"],
    ]);
    const rules = new Set(found.map(({ rule }) => rule.id.split("/")[0]));
    expect(rules).toEqual(new Set(["helm", "kubernetes"]));
    expect(found).toContainEqual(expect.objectContaining({ object: "Pod/web" }));
  });

  test.each([
    ["echo 'values need a name' >&2; exit 1", "values need a name"],
    ["exit 3", "helm template exited with 3"],
  ])("that can't be rendered says why: %s", async (script, why) => {
    const { env, folder } = having("helm", script);
    await expect(chartFindings(join(folder, "chart"), [], env)).rejects.toMatchObject({
      ...{ what: `the chart ${join(folder, "chart")} can't be rendered`, why },
    });
  });
});

describe("an image", () => {
  test.each([
    ["echo 'no such image' >&2; exit 1", "no such image"],
    ["exit 2", "docker image inspect exited with 2"],
  ])("that isn't there says so: %s", async (script, why) => {
    const { env } = having("docker", script);
    await expect(imageFindings("x:1", env)).rejects.toMatchObject({
      ...{ what: "there is no image x:1 in the local Docker engine", why },
    });
  });

  test("is looked into by a container that is taken away again", async () => {
    const inspected = JSON.stringify([{ Size: 1, Config: {} }]);
    const { env, folder } = having(
      "docker",
      `echo "$@" >> "$FOLDER/calls"; case "$1" in image) echo '${inspected}';; create) echo id-1;; export) tar -C "$FOLDER/files" -cf - app;; esac`,
    );
    mkdirSync(join(folder, "files/app/.git"), { recursive: true });
    const found = await imageFindings("x:1", env);
    expect(readFileSync(join(folder, "calls"), "utf8").trim().split("\n")).toEqual([
      ...["image inspect x:1", "create x:1 nothing", "export id-1", "rm id-1"],
    ]);
    expect(found.map(({ rule }) => rule.id)).toContain("docker/image-user");
  });

  test("may say nothing of itself", () => {
    expect(imageFrom("x", { Size: 1, Config: {} })).toMatchObject({
      ...{ user: "", env: [], labels: {}, ports: [], healthcheck: [] },
    });
    const healthcheck = { Test: ["CMD", "true"] };
    const Config = { Labels: { a: "b" }, Env: ["A=1"], Healthcheck: healthcheck };
    expect(imageFrom("x", { Size: 1, Config })).toMatchObject({
      ...{ env: ["A=1"], labels: { a: "b" }, healthcheck: ["CMD", "true"] },
    });
  });
});

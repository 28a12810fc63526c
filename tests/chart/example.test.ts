/** The example in examples/: a stranger's chart and image, by the components that know nothing of this application. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type * as Pulumi from "@pulumi/pulumi";
import { parseAllDocuments } from "yaml";
import { repository } from "./support";

const EXAMPLE = join(repository, "examples/guestbook");

interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** Registers the example's resources; the chart is rendered by helm. */
async function example(config: Record<string, string>): Promise<Registered[]> {
  jest.resetModules();
  const home = process.cwd();
  process.chdir(EXAMPLE);
  try {
    const pulumi = require("@pulumi/pulumi") as typeof Pulumi;
    const resources: Registered[] = [];
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs, id }) => {
          resources.push({ type, name, inputs });
          return { id: id ?? `${name}-id`, state: inputs };
        },
        call: ({ token, inputs }) =>
          token === "kubernetes:helm:template" ? { result: rendered(inputs.jsonOpts) } : inputs,
      },
      "guestbook",
      "mine",
    );
    const defaults = { profile: "minikube", namespace: "guestbook", greeting: "Hello" };
    pulumi.runtime.setAllConfig(
      Object.fromEntries(
        Object.entries({ ...defaults, ...config }).map(([key, value]) => [
          `guestbook:${key}`,
          value,
        ]),
      ),
    );
    await pulumi.runtime.runInPulumiStack(async () => require(join(EXAMPLE, "index")));
    await pulumi.runtime.disconnect();
    return resources;
  } finally {
    process.chdir(home);
  }
}

function rendered(options: string): unknown[] {
  const { path, namespace, release_name, values } = JSON.parse(options) as {
    path: string;
    namespace: string;
    release_name: string;
    values: unknown;
  };
  const args = ["template", release_name, path, "--namespace", namespace, "--values", "-"];
  const text = execFileSync("helm", args, { input: JSON.stringify(values), encoding: "utf8" });
  return parseAllDocuments(text).map((document) => document.toJS() as unknown);
}

describe("another program with its own chart and image", () => {
  let resources: Registered[];
  const inputsOf = (type: string): Record<string, unknown> =>
    resources.find((resource) => resource.type.endsWith(type))?.inputs ?? {};

  beforeAll(async () => {
    resources = await example({ greeting: "Servus" });
  });

  it("has its own project's types, and nothing of this one's", () => {
    const own = resources.filter(({ type }) => /dynamic|component|release:/i.test(type));
    expect(own.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        "pulumi-nodejs:dynamic/guestbook:MinikubeImage",
        "guestbook:release:ChartRelease",
        "pulumi-nodejs:dynamic/guestbook:DeployedObjects",
      ]),
    );
    expect(JSON.stringify(resources)).not.toContain("todo");
  });

  it("loads its image under the tag that its chart gets", () => {
    const { image } = inputsOf(":MinikubeImage");
    expect(image).toMatch(/^guestbook:1\.0\.0-[0-9a-f]{12}$/);
    expect(inputsOf(":Release").values).toEqual({ image, greeting: "Servus" });
  });

  it("shows its chart's objects in the preview, rendered as helm does", () => {
    expect(inputsOf(":DeployedObjects").objects).toMatchObject({
      "Deployment/guestbook": {
        spec: {
          template: {
            spec: { containers: [{ env: [{ name: "GREETING", value: "Servus" }] }] },
          },
        },
      },
      "Service/guestbook": { spec: { ports: [{ port: 80 }] } },
    });
  });

  it("names the providers' modules relative to its own folder", () => {
    expect(inputsOf(":MinikubeImage").__provider).toContain('"/../../components/" + path');
  });
});

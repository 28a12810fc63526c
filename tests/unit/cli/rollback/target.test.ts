import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import type { KeptVersion, Version } from "../../../../cli/rollback/history";
import { checkImages, choose, settingsOf } from "../../../../cli/rollback/target";
import { UserError } from "../../../../common/errors";
import type { JsonObject } from "../../../../components/runtime/json";
import type { DeliverySettings } from "../../../../components/settings/settings";
import { folderWith } from "../../support/folder";

/** A version of that number; it is kept where a tag is said. */
function version(number: number, tag?: string, result: Version["result"] = "succeeded"): Version {
  const tags = { backend: tag ?? "", frontend: tag ?? "" };
  const deployment = {
    ...{ version: "1", values: {}, config: {}, chartHash: "" },
    ...{ tags, identity: tag ?? "" },
  };
  return {
    ...{ number, result, time: new Date(0), by: "", commit: "", tags, configChanged: [] },
    deployment: tag === undefined ? undefined : deployment,
  };
}

const VERSIONS = [
  version(1), // pruned
  version(2, "a"),
  version(3, "b"),
  version(4, undefined, "failed"),
];

const RECORDED = { versions: VERSIONS, isDeveloped: false };

/** The error of a choice that must be refused. */
function refusal(to: string | undefined, versions: Version[] = VERSIONS): UserError {
  try {
    choose({ versions, isDeveloped: false }, to, "dev");
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error(`${to} is not refused`);
}

describe("the version to go back to", () => {
  test("is the one that is named", () => {
    expect(choose(RECORDED, "2", "dev").number).toBe(2);
  });

  test("is the one that still serves, where none is named and an update failed", () => {
    expect(choose(RECORDED, undefined, "dev").number).toBe(3);
  });

  test("is the one before, where none is named and all went well", () => {
    const versions = VERSIONS.slice(0, 3);
    expect(choose({ ...RECORDED, versions }, undefined, "dev").number).toBe(2);
  });

  test.each([
    ["an unknown number", "9", /no version "9"/, /from 1 to 4/],
    ["no number", "latest", /no version "latest"/, /from 1 to 4/],
    ["nothing", "", /no version ""/, /from 1 to 4/],
    ["an update that failed", "4", /version 4 can't come back/, /failed, so that it never served/],
    ["one that was pruned", "1", /version 1 can't come back/, /isn't kept any more/],
  ])("is not %s", (_, to, what, why) => {
    expect(refusal(to)).toMatchObject({
      what: expect.stringMatching(what) as string,
      why: expect.stringMatching(why) as string,
      next: "choose one of 2, 3",
    });
  });

  test("is none of a stack that was destroyed: its deployments are gone", () => {
    expect(refusal(undefined, [])).toMatchObject({
      what: 'stack "dev" has nothing to go back to',
      next: "npm run up -- --stack dev",
    });
  });

  test("is none where only one deployment was ever made", () => {
    expect(refusal(undefined, [version(1, "a")]).what).toMatch(/nothing to go back to/);
  });
});

/** A version that was deployed with this configuration. */
function deployedWith(config: string): KeptVersion {
  const target = version(2, "a") as KeptVersion;
  target.deployment.config = (parse(config) as { config: JsonObject }).config;
  return target;
}

describe("the settings of a version", () => {
  test("are those that it was deployed with", () => {
    const target = deployedWith(`
encryptionsalt: v1:x
config:
  todo-app:imageDelivery: registry
  todo-app:registry: registry.example.com/team
  todo-app:kubeContext: production
  todo-app:publicUrl: https://todo.example.com
  todo-app:replicas: 3
  todo-app:ops: true
  todo-app:backendResources: { limits: { memory: 768Mi } }
  todo-app:databaseUrl: { secure: v1:abc }
  pulumi:tags: { other: project }
`);
    expect(settingsOf(target, "dev")).toMatchObject({
      delivery: { kind: "registry", registry: "registry.example.com/team" },
      kubeContext: "production",
      replicas: 3,
      ops: true,
      backendResources: { limits: { memory: "768Mi" } },
    });
  });

  test("that nobody understands any more are named", () => {
    const target = deployedWith("config:\n  todo-app:replicas: 99\n  todo-app:gone: x\n");
    expect(() => settingsOf(target, "dev")).toThrow(UserError);
    expect(() => settingsOf(target, "dev")).toThrow(
      /version 2 .*[\s\S]*gone .*\n?[\s\S]*replicas /,
    );
  });
});

describe("the images of a version", () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  const REGISTRY: DeliverySettings = { kind: "registry", registry: "registry.example.com/team" };
  const MINIKUBE: DeliverySettings = { kind: "minikube", profile: "team" };

  /** Docker with or without the images, a node that holds these, and a registry that answers as it is said. */
  const machine = (local: boolean, node: readonly string[], registry: string): void => {
    const images = node.map((image) => ({
      ...{ id: "sha256:0", repoTags: [`docker.io/library/${image}`] },
    }));
    const folder = folderWith({
      ".minikube/profiles/team/config.json": JSON.stringify({
        Driver: "docker",
        KubernetesConfig: { ContainerRuntime: "containerd" },
        Nodes: [{ Name: "" }],
      }),
      docker: `#!/bin/sh
case "$1" in
  image) ${local ? "echo sha256:0" : "exit 1"};;
  ps) printf 'team\\trunning\\n';;
  exec) echo '${JSON.stringify({ images })}';;
  info) echo '{}';;
  manifest) ${registry};;
esac
`,
    });
    chmodSync(join(folder, "docker"), 0o755);
    process.env.PATH = [folder, process.env.PATH].join(delimiter);
    process.env.MINIKUBE_HOME = folder;
  };

  const BOTH = ["todo-backend:a", "todo-frontend:a"];
  const THERE = "echo {}";
  const GONE = "echo 'no such manifest' >&2; exit 1";
  const target = version(2, "a") as KeptVersion;

  test.each<[string, boolean, readonly string[], string, DeliverySettings]>([
    ["on the nodes", false, BOTH, GONE, MINIKUBE],
    ["in the registry", false, [], THERE, REGISTRY],
    ["in Docker alone, for the nodes", true, [], GONE, MINIKUBE],
    ["in Docker alone, for the registry", true, [], GONE, REGISTRY],
    [
      "in a registry that denies reading",
      false,
      [],
      "echo 'denied: no access' >&2; exit 1",
      REGISTRY,
    ],
  ])("may be %s", async (_, local, node, registry, delivery) => {
    machine(local, node, registry);
    await expect(checkImages(target, delivery)).resolves.toBeUndefined();
  });

  test.each<[string, DeliverySettings, RegExp]>([
    ["the nodes", MINIKUBE, /todo-frontend:a is gone from Minikube profile "team" and from Docker/],
    ["the registry", REGISTRY, /todo-backend:a is gone from registry registry\.example\.com\/team/],
  ])("are looked for where the version has them: gone from %s", async (_, delivery, why) => {
    const elsewhere = delivery.kind === "minikube" ? THERE : GONE;
    machine(false, delivery.kind === "minikube" ? BOTH.slice(0, 1) : BOTH, elsewhere);
    await expect(checkImages(target, delivery)).rejects.toThrow(why);
  });

  test.each<[string, DeliverySettings]>([
    ["registry doesn't answer", REGISTRY],
    ["profile isn't there", { kind: "minikube", profile: "none" }],
  ])("are an error for users where the %s", async (_, delivery) => {
    machine(false, [], "echo 'connection refused' >&2; exit 1");
    await expect(checkImages(target, delivery)).rejects.toThrow(UserError);
  });
});

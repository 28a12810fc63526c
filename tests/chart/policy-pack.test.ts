/** The policy pack, run by the real Pulumi CLI on a state that has everything wrong, and on one that hasn't. */
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryRun } from "../../common/run";
import { goodRelease } from "../unit/support/good-release";
import { repository } from "./support";

jest.setTimeout(120_000);

const STACK = "urn:pulumi:dev::todo-app::pulumi:pulumi:Stack::todo-app-dev";
const TYPE = "pulumi-nodejs:dynamic/todo-app:DeployedObjects";
const BOOT = join(repository, "node_modules/@pulumi/pulumi/cmd/run-policy-pack");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-pack-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/**
 * The pack under a runtime that the CLI starts by its classic boot script: language hosts before 3.100, as
 * those made from package registries, can't start packs themselves.
 */
function pack(): string {
  const script = join(folder, "pulumi-analyzer-policy-classic");
  writeFileSync(script, `#!/bin/sh\nexec "${process.execPath}" "${BOOT}" "$@"\n`);
  chmodSync(script, 0o755);
  writeFileSync(
    join(folder, "PulumiPolicy.yaml"),
    "runtime: { name: classic, options: { typescript: false } }\nmain: index.cjs\n",
  );
  writeFileSync(join(folder, "index.cjs"), `require("${repository}/policy/index.cjs");\n`);
  symlinkSync(join(repository, "policy/package.json"), join(folder, "package.json"));
  return folder;
}

function analyze(objects: object[]): ReturnType<typeof tryRun> {
  const inputs = { objects: Object.fromEntries(objects.entries()) };
  const resource = { urn: `urn:pulumi:dev::todo-app::${TYPE}::objects`, type: TYPE };
  const state = {
    version: 3,
    deployment: {
      manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
      resources: [
        { urn: STACK, custom: false, type: "pulumi:pulumi:Stack" },
        { ...resource, custom: true, id: "objects", parent: STACK, inputs, outputs: inputs },
      ],
    },
  };
  const file = join(folder, "state.json");
  writeFileSync(file, JSON.stringify(state));
  const args = ["policy", "analyze", "--policy-pack", pack(), "--file", file, "--non-interactive"];
  return tryRun("pulumi", args, {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${folder}:${process.env.PATH}`,
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_CONFIG_PASSPHRASE: "",
    },
  });
}

test("a release that breaks a rule fails the analysis, with the rule's name", async () => {
  const [deployment] = goodRelease();
  delete deployment?.spec?.template?.spec?.containers?.[0]?.resources;
  const { code, stdout, stderr } = await analyze([deployment ?? {}]);
  expect(stdout + stderr).toMatch(/\[mandatory\] +kubernetes-resources/);
  expect(stdout + stderr).toContain(
    "Deployment/todo-app-backend, spec.template.spec.containers[backend].resources.limits.memory: is not set",
  );
  expect(code).not.toBe(0);
});

test("a release that keeps them all passes", async () => {
  const { code, stdout, stderr } = await analyze(goodRelease().slice(0, 1));
  expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining("[mandatory]")]);
});

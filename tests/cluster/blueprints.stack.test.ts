/** The blueprints before a release: what is broken is stopped with the old release untouched, whoever asks. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunResult, tryRun } from "../../common/run";
import {
  configure,
  edit,
  folder,
  helm,
  kubectl,
  npm,
  plainEnvironment,
  pulumi,
} from "./support/stack";

jest.setTimeout(6 * 60_000);

const PACK = join(folder, "policy");
const READ_ONLY_ROOT = "readOnlyRootFilesystem";

/** What an update would change first: revisions and pods. */
async function state(): Promise<string> {
  const history = await helm("history", "todo-app", "--output", "json");
  return `${history}\n${await kubectl("get", "pods", "--output", "name")}`;
}

describe("before a release", () => {
  const plain = (): Promise<RunResult> => pulumi("up", "--yes", "--skip-preview");

  /** Tries both ways to update, and expects each to be refused by a rule with nothing changed. */
  async function expectStopped(rule: string, object: string): Promise<void> {
    const before = await state();
    for (const update of [() => npm("up"), plain]) {
      const result = await update();
      expect(result.code).not.toBe(0);
      const said = result.stdout + result.stderr;
      expect(said).toContain(rule);
      expect(said).toContain(object);
      expect(said).not.toMatch(/docker:index:Image \w+ (creat|updat)/);
    }
    expect(await state()).toBe(before);
  }

  it("a chart whose pods may write to their root is stopped", async () => {
    const undo = edit(
      "helm/todo-app/values.yaml",
      `${READ_ONLY_ROOT}: true`,
      `${READ_ONLY_ROOT}: false`,
    );
    try {
      await expectStopped("kubernetes/read-only-root", "Deployment/todo-app-backend");
    } finally {
      undo();
    }
  });

  it("a Dockerfile whose image would run as root is stopped, and nothing is built", async () => {
    // The stage that ships, which is the last one.
    const stage = (user: string): string =>
      `USER ${user}\nEXPOSE 7860\nSTOPSIGNAL SIGTERM\nHEALTHCHECK`;
    const undo = edit("apps/backend/Dockerfile", stage("1000:1000"), stage("0:0"));
    try {
      await expectStopped("docker/user", "apps/backend/Dockerfile");
    } finally {
      undo();
    }
  });

  it("a configuration that puts a secret where everybody reads it is stopped", async () => {
    await configure("llmModel", "sk-0123456789abcdef0123456789");
    try {
      await expectStopped("kubernetes/no-secret-literals", "ConfigMap/todo-app-config");
    } finally {
      await configure("llmModel", undefined);
    }
  });
});

describe("as a policy pack", () => {
  it("has nothing against this project's own stack, in a preview and in its state", async () => {
    const preview = await pulumi("preview", "--policy-pack", PACK);
    expect([preview.code, preview.stdout]).toEqual([
      0,
      expect.stringMatching(/todo-app-blueprints@v\d+\.\d+\.\d+/),
    ]);
    const state = await pulumi("policy", "analyze", "--policy-pack", PACK);
    expect([state.code, state.stderr]).toEqual([0, ""]);
  });

  it("stops a preview of somebody else's program, and names the object and the remedy", async () => {
    const lab = mkdtempSync(join(tmpdir(), "todo-app-lab-"));
    try {
      mkdirSync(join(lab, "state"));
      const runtime = { name: "nodejs", options: { typescript: false } };
      writeFileSync(
        join(lab, "Pulumi.yaml"),
        JSON.stringify({ name: "lab", runtime, main: "index.js" }),
      );
      writeFileSync(join(lab, "package.json"), JSON.stringify({ name: "lab", private: true }));
      writeFileSync(
        join(lab, "index.js"),
        `const k8s = require("@pulumi/kubernetes");
         const provider = new k8s.Provider("files", { renderYamlToDirectory: "out" });
         new k8s.core.v1.Namespace("lab", { metadata: { name: "lab" } }, { provider });`,
      );
      symlinkSync(join(folder, "node_modules"), join(lab, "node_modules"));
      const env = {
        ...(await plainEnvironment()),
        ...{ PULUMI_BACKEND_URL: `file://${lab}/state`, PULUMI_CONFIG_PASSPHRASE: "of the test" },
      };
      const run = (...args: string[]): Promise<RunResult> =>
        tryRun("pulumi", [...args, "--non-interactive"], { cwd: lab, env });
      expect((await run("stack", "init", "lab")).code).toBe(0);
      const preview = await run("preview", "--policy-pack", PACK);
      expect(preview.code).not.toBe(0);
      expect(preview.stdout + preview.stderr).toMatch(
        /\[mandatory\]\s+kubernetes-namespace-restricted[\s\S]*To do: label it/,
      );
    } finally {
      rmSync(lab, { recursive: true, force: true });
    }
  });
});

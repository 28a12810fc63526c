/** The chart's README, followed to the letter by somebody who has a running Minikube. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, tryRun } from "../../common/run";
import { chart, repository } from "../chart/support";
import { databaseUrlOf, makeDatabase } from "./support/database";
import { figure, timed } from "./support/figures";
import { Namespace } from "./support/namespace";

jest.setTimeout(10 * 60_000);

const NAMESPACE = "chart-test-newcomer";
const NODE_PORT = "30991";
const DATABASE = "chart_test_newcomer";

/** The commands of the section "Install", as they stand there. */
function installCommands(): string {
  const [, section = ""] = readFileSync(join(chart, "README.md"), "utf8").split("\n## Install\n");
  const [, block = ""] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
  return block;
}

/** Puts the tests' own names and ports for the README's, so that the user's own release is left alone. */
function asTests(commands: string, requests: string): string {
  const changes: [from: string, to: string][] = [
    ["create namespace todo-app", `create namespace ${NAMESPACE}`],
    ["label namespace todo-app", `label namespace ${NAMESPACE}`],
    ["--namespace todo-app", `--namespace ${NAMESPACE}`],
    ["postgresql://user:password@host:5432/database", databaseUrlOf(DATABASE)],
    [":30000", `:${NODE_PORT}`],
    [
      "--wait --timeout 5m",
      `--set frontend.service.nodePort=${NODE_PORT} ${requests} --wait --timeout 5m`,
    ],
  ];
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the README's commands have no ${from}`);
    return text.replaceAll(from, to);
  }, commands);
}

describe("a newcomer with the chart's README", () => {
  const namespace = new Namespace(NAMESPACE);
  const home = mkdtempSync(join(tmpdir(), "newcomer-"));
  const kubeconfig = join(home, "config");

  beforeAll(async () => {
    // Theirs has one cluster, which is the current one.
    const flags = ["--raw", "--minify", "--flatten", "--context", namespace.context];
    writeFileSync(kubeconfig, await run("kubectl", ["config", "view", ...flags]), { mode: 0o600 });
    await run("kubectl", ["--kubeconfig", kubeconfig, "config", "use-context", namespace.context]);
    await namespace.remove();
    await makeDatabase(DATABASE);
  });
  afterAll(async () => {
    rmSync(home, { recursive: true });
    await namespace.remove();
    // Only these names: `minikube image rm` takes every other name of the same image along.
    const ctr = ["exec", namespace.context, "ctr", "--namespace", "k8s.io"];
    for (const image of ["todo-backend:0.1.0", "todo-frontend:0.1.0"]) {
      await tryRun("docker", [...ctr, "images", "rm", `docker.io/library/${image}`]);
      await tryRun("docker", ["image", "rm", image]);
    }
  });

  it("deploys everything by its commands within 15 minutes (SC-010, FR-013, FR-051)", async () => {
    const requests = ["backend", "frontend"]
      .map(
        (name) =>
          `--set ${name}.resources.requests.cpu=25m --set ${name}.resources.requests.memory=64Mi`,
      )
      .join(" ");
    const script = asTests(installCommands(), requests);
    const build = { DOCKER_BUILDKIT: "1", BUILDKIT_PROGRESS: "plain" };
    const env = { ...process.env, ...build, KUBECONFIG: kubeconfig };
    const { seconds, result } = await timed(() =>
      tryRun("bash", ["-euo", "pipefail", "-c", script], { cwd: repository, env }),
    );
    expect(result.code === 0 ? "" : result.stdout + result.stderr).toBe("");
    expect(result.stdout).toMatch(/Phase:\s+Succeeded/);
    figure("SC-010", "every command of the README's install", seconds, "s");
    expect(seconds).toBeLessThan(15 * 60);
  });
});

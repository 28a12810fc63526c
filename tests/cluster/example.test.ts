/** The example in examples/ on the cluster: a stranger's program, image and chart, by plain Pulumi. */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type RunResult, tryRun } from "../../common/run";
import { ensureTools } from "../../tools";
import { TESTS_PROFILE } from "../support/profile";
import { Namespace } from "./support/namespace";

const ROOT = resolve(__dirname, "../..");
const NAMESPACE = "todo-app-tests-example";
const namespace = new Namespace(NAMESPACE);
jest.setTimeout(3 * 60_000);

let project: string;
let env: NodeJS.ProcessEnv;

/** Runs plain pulumi in a copy of the example, with a state of its own. */
function pulumi(...args: string[]): Promise<RunResult> {
  const cwd = join(project, "examples/guestbook");
  return tryRun("pulumi", [...args, "--non-interactive"], { cwd, env });
}

async function ok(...args: string[]): Promise<string> {
  const result = await pulumi(...args);
  if (result.code !== 0) throw new Error(`pulumi ${args[0]}: ${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

/** What the service answers, asked from inside the cluster's network. */
async function answer(): Promise<string> {
  return namespace.kubectl([
    "get",
    "--raw",
    `/api/v1/namespaces/${NAMESPACE}/services/guestbook:http/proxy/`,
  ]);
}

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "todo-app-example-"));
  for (const folder of ["components", "common", "blueprints", "examples", "package.json"])
    cpSync(join(ROOT, folder), join(project, folder), { recursive: true });
  for (const folder of [project, join(project, "examples/guestbook")])
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  env = {
    ...(await ensureTools()).env,
    PULUMI_BACKEND_URL: pathToFileURL(project).href,
    PULUMI_CONFIG_PASSPHRASE: "example",
    PULUMI_LANGUAGE_NODEJS_RUN_PATH: "../../components/runtime/program.cjs",
  };
  await ok("stack", "init", "example");
  await ok("config", "set", "profile", TESTS_PROFILE);
  await ok("config", "set", "namespace", NAMESPACE);
});

afterAll(async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  rmSync(project, { recursive: true, force: true });
});

test("a stranger's service is deployed, shown field by field, put right, and taken away", async () => {
  await ok("up", "--yes", "--skip-preview");
  expect(await answer()).toBe("Hello, world");

  await ok("config", "set", "greeting", "Servus");
  const preview = await pulumi("preview", "--diff");
  expect(preview.stdout).toMatch(/"?Deployment\/guestbook"?[\s\S]*"Hello" => "Servus"/);
  await namespace.kubectl(["scale", "deployment/guestbook", "--replicas=0"]);
  await ok("up", "--yes", "--skip-preview");
  expect(await answer()).toBe("Servus, world");

  await ok("destroy", "--yes", "--skip-preview");
  expect(await namespace.list("deployments")).toEqual([]);
});

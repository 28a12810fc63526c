import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../common/errors";
import { say, step } from "../common/progress";
import { run, tryRun } from "../common/run";
import {
  ensureBrowser,
  ensureCluster,
  ensureEngine,
  ensureImages,
  ensureTestTools,
  ensureTools,
  type Toolchain,
} from "../tools";
import { main } from "./cli";
import { type Outcome, readCounts } from "./test-counts";
import { ROOT } from "./workspace";

/** One part of the tests, by the name that follows `npm run test:`. */
type Part = (tools: () => Promise<Toolchain>) => Promise<Outcome>;

const PARTS: Record<string, Part> = {
  lint: () => runner("npm", ["run", "--silent", "lint"]),
  unit: () => jest("unit"),
  chart: async (tools) => jest("chart", (await ensureTestTools(await tools())).env),
  backend: async (tools) => backend(await tools()),
  frontend: async () => {
    const cwd = join(ROOT, "apps", "frontend");
    await step("npm ci in apps/frontend", () => run("npm", ["ci"], { cwd }));
    return runner("npm", ["run", "--silent", "check"], { cwd });
  },
  cluster: async (tools) => {
    const toolchain = await ensureTestTools(await tools());
    await ensureEngine(toolchain);
    await ensureCluster(toolchain, "minikube");
    const env = { ...toolchain.env, CHROMIUM_PATH: await ensureBrowser() };
    return jest("cluster", env, ["--runInBand"]);
  },
};

/** Parts that need something deployed already; `npm test` reaches them through the cluster's tests. */
const ON_DEMAND: Record<string, Part> = {
  e2e: async () => {
    if (!process.env.E2E_BASE_URL) {
      throw new UserError({
        what: "the browser tests don't know where the application is",
        why: "E2E_BASE_URL is not set",
        next: "E2E_BASE_URL=$(pulumi stack output url) npm run test:e2e, or npm run test:cluster, which deploys it first",
      });
    }
    const env = { ...process.env, CHROMIUM_PATH: await ensureBrowser() };
    return jest("e2e", env, ["--runInBand"]);
  },
};

main("test", "Runs the tests: all parts, or the ones that are named.", {}, async ({ words }) => {
  process.chdir(ROOT);
  const known: Record<string, Part> = { ...PARTS, ...ON_DEMAND };
  const unknown = words.filter((word) => !(word in known));
  if (unknown.length > 0) {
    throw new UserError({
      what: `no such part of the tests: ${unknown.join(", ")}`,
      why: "npm test takes the names of its parts",
      next: `one or more of: ${Object.keys(known).join(", ")}`,
    });
  }
  let toolchain: Promise<Toolchain> | undefined;
  const tools = (): Promise<Toolchain> => {
    toolchain ??= ensureTools();
    return toolchain;
  };
  const outcomes: Outcome[] = [];
  for (const name of words.length > 0 ? words : Object.keys(PARTS)) {
    const started = Date.now();
    say(`\n── ${name} ──`);
    const outcome = (await known[name]?.(tools)) ?? { passed: 0, failed: 1 };
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    say(`── ${name}: ${outcome.passed} passed, ${outcome.failed} failed (${seconds} s)`);
    outcomes.push(outcome);
  }
  const { passed, failed } = sum(outcomes);
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
});

/** The back end's own check, in a container that has its dependencies, beside a database of its own. */
async function backend(tools: Toolchain): Promise<Outcome> {
  await ensureEngine(tools);
  await ensureImages(tools, ["python:3.11-slim", "postgres:15"]);
  const { env } = tools;
  const source = join(ROOT, "apps", "backend");
  const image = "todo-backend-test";
  await step("the back end's test image", (progress) =>
    run("docker", ["build", "--target", "test", "--tag", image, source], {
      env: { ...env, DOCKER_BUILDKIT: "1", BUILDKIT_PROGRESS: "plain" },
      onLine: (line) => progress.detail(line),
    }),
  );
  const name = `todo-backend-test-${process.pid}`;
  const password = "tests-only";
  const reports = join(ROOT, "reports", "backend");
  mkdirSync(reports, { recursive: true });
  const remove = (): Promise<unknown> =>
    tryRun("docker", ["rm", "--force", "--volumes", name], { env });
  try {
    const database = [
      "--env",
      `POSTGRES_PASSWORD=${password}`,
      "--tmpfs",
      "/var/lib/postgresql/data",
    ];
    await run("docker", ["run", "--detach", "--name", name, ...database, "postgres:15"], { env });
    const url = `postgresql://postgres:${password}@127.0.0.1:5432/postgres`;
    return await runner(
      "docker",
      [
        ...["run", "--rm", "--init", "--network", `container:${name}`],
        ...["--env", `TEST_DATABASE_URL=${url}`, "--env", `CI=${process.env.CI ?? ""}`],
        ...["--volume", `${source}:/app`, "--volume", `${reports}:/reports`, image],
      ],
      { env },
    );
  } finally {
    await remove();
  }
}

function jest(
  project: string,
  env: NodeJS.ProcessEnv = process.env,
  args: readonly string[] = [],
): Promise<Outcome> {
  return runner("npx", ["--no-install", "jest", "--selectProjects", project, ...args], { env });
}

/** Runs a test runner, shows what it prints, and reads its counts from its closing lines. */
async function runner(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  const result = await tryRun(command, args, {
    ...options,
    onLine: (line) => process.stdout.write(`${line}\n`),
  });
  const counts = readCounts(`${result.stdout}\n${result.stderr}`);
  if (result.code !== 0 && counts.failed === 0) return { ...counts, failed: 1 };
  if (result.code === 0 && counts.passed === 0) return { passed: 1, failed: 0 }; // a linter counts as one
  return counts;
}

function sum(outcomes: readonly Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((total, { passed }) => total + passed, 0),
    failed: outcomes.reduce((total, { failed }) => total + failed, 0),
  };
}

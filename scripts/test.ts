import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../common/errors";
import { say, step } from "../common/progress";
import { type RunOptions, run, tryRun } from "../common/run";
import { ensureEngine, ensureImages, ensureTestTools, ensureTools } from "../tools";
import { ensureBrowser } from "../tools/browser";
import { main } from "./cli";
import { withContainers } from "./containers";
import { type Count, readCounts } from "./test-counts";
import { TestStack } from "./test-stack";
import { verify } from "./verification";
import { ROOT } from "./workspace";

const REPORTS = join(ROOT, "reports", "test");
const CLUSTER_REPORTS = join(ROOT, "reports", "cluster");
const PARTS = ["lint", "unit", "chart", "backend", "frontend", "cluster", "e2e"] as const;
/** Shapes of the chart that are installed on the cluster; `CHART_TEST_SHAPES` names others. */
const CHART_SHAPES = "existing-secret,nodeport";

/** Jest itself would leave one core idle. */
const ALL_CORES = "--maxWorkers=100%";

type Part = (typeof PARTS)[number];

const FLAGS = {
  record: { type: "boolean", help: "put the requirements' table into docs/verification.md" },
} as const;

main(
  "test",
  `Runs the parts that are named, all unless said: ${PARTS.join(", ")}.`,
  FLAGS,
  async ({ words, flag }) => {
    const parts = words.length > 0 ? words.map(toPart) : [...PARTS];
    process.chdir(ROOT);
    for (const folder of [REPORTS, CLUSTER_REPORTS]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    }
    process.env.TEST_FIGURES_FILE = join(REPORTS, "figures.jsonl");
    const simple: Record<Exclude<Part, "cluster" | "e2e">, () => Promise<Count>> = {
      lint,
      unit,
      chart,
      backend,
      frontend,
    };
    // The cluster mostly waits, and the rest mostly computes: they share the machine.
    const away = (async () => {
      const counts: Count[] = [];
      for (const part of parts) {
        if (part !== "cluster" && part !== "e2e") counts.push(await timed(part, simple[part]));
      }
      return counts;
    })();
    const onCluster = parts.filter((part) => part === "cluster" || part === "e2e");
    const deployed = onCluster.length > 0 ? cluster(onCluster, away) : Promise.resolve([]);
    const counts = (await Promise.all([away, deployed])).flat();
    counts.push(verify(REPORTS, { all: words.length === 0, record: flag("record") }));
    const total = sum(counts);
    process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
    return total.failed === 0 ? 0 : 1;
  },
  { takesWords: true },
);

function sum(counts: readonly Count[]): Count {
  return counts.reduce((total, { passed, failed }) => ({
    passed: total.passed + passed,
    failed: total.failed + failed,
  }));
}

function toPart(word: string): Part {
  const part = PARTS.find((name) => name === word);
  if (part) return part;
  throw new UserError({
    what: `there is no part "${word}"`,
    why: `the parts are ${PARTS.join(", ")}`,
    next: "npm test, or npm run test:unit",
    exitCode: 64,
  });
}

async function timed(part: string, work: () => Promise<Count>): Promise<Count> {
  const started = Date.now();
  say(`── ${part}`);
  const count = await work();
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  say(`── ${part}: ${count.passed} passed, ${count.failed} failed (${seconds} s)`);
  return count;
}

async function lint(): Promise<Count> {
  return oneTest("lint", await show("npm", ["run", "--silent", "lint"]));
}

function unit(): Promise<Count> {
  return jest("unit", process.env, ALL_CORES);
}

async function chart(): Promise<Count> {
  return jest("chart", (await ensureTestTools(await ensureTools())).env, ALL_CORES);
}

/** The back end's own check, in a container with its dependencies, beside a database of its own. */
async function backend(): Promise<Count> {
  const tools = await ensureTools();
  const { env } = tools;
  await ensureEngine(tools);
  await ensureImages(tools, ["python:3.11-slim", "postgres:15"]);
  const source = join(ROOT, "apps/backend");
  const image = "todo-backend-test";
  await step("the back end's test image", (progress) =>
    run("docker", ["build", "--target", "test", "--tag", image, source], {
      env: { ...env, DOCKER_BUILDKIT: "1", BUILDKIT_PROGRESS: "plain" },
      onLine: (line) => progress.detail(line),
    }),
  );
  const tests = `${image}-${process.pid}`;
  const database = `${tests}-database`;
  const password = "tests-only";
  const url = `postgresql://postgres:${password}@127.0.0.1:5432/postgres`;
  return withContainers([tests, database], env, async () => {
    await run(
      "docker",
      [
        ...["run", "--detach", "--name", database, "--env", `POSTGRES_PASSWORD=${password}`],
        // What it holds needn't survive anything.
        ...["--tmpfs", "/var/lib/postgresql/data", "postgres:15", "-c", "fsync=off"],
        ...["-c", "synchronous_commit=off", "-c", "full_page_writes=off"],
      ],
      { env },
    );
    return runner(
      "docker",
      [
        ...["run", "--rm", "--init", "--name", tests, "--network", `container:${database}`],
        ...["--env", `TEST_DATABASE_URL=${url}`],
        ...["--volume", `${source}:/app`, "--volume", `${REPORTS}:/reports`],
        ...[image, "python", "-m", "tests.check", "--junitxml=/reports/backend.xml"],
      ],
      { env },
    );
  });
}

async function frontend(): Promise<Count> {
  const cwd = join(ROOT, "apps/frontend");
  if (!existsSync(join(cwd, "node_modules/.package-lock.json")))
    await step("npm ci in apps/frontend", () => run("npm", ["ci", "--loglevel=error"], { cwd }));
  return runner("npm", ["run", "--silent", "check"], { cwd });
}

/**
 * What needs a deployed stack: one of the tests' own is put up, tried, and taken away without a trace.
 * @param others the parts that run meanwhile; what measures waits until they have ended
 */
async function cluster(parts: readonly string[], others: Promise<unknown>): Promise<Count[]> {
  const stack = await TestStack.make();
  const counts: Count[] = [];
  try {
    counts.push(await timed("up", async () => oneTest("up", await stack.up())));
    if (counts[0]?.failed) return counts;
    const env = { ...(await stack.environment()), TEST_REPORT_DIR: CLUSTER_REPORTS };
    if (parts.includes("e2e")) {
      const browser = {
        ...env,
        E2E_CHROMIUM: await ensureBrowser(),
        E2E_REPORT_DIR: join(ROOT, "reports/e2e"),
      };
      counts.push(await timed("e2e", () => jest("e2e", browser)));
    }
    if (parts.includes("cluster")) {
      const shapes = { CHART_TEST_SHAPES: CHART_SHAPES, ...env };
      counts.push(
        ...(await Promise.all([
          timed("stack", () => jest("stack", shapes, "--runInBand")),
          timed("cluster", () => jest("cluster", shapes, "--maxWorkers=2")),
        ])),
      );
      await others;
      counts.push(await timed("quiet", () => jest("quiet", shapes, "--runInBand")));
    }
  } finally {
    counts.push(
      await timed("destroy", async () =>
        oneTest("destroy leaves nothing", (await stack.remove()) ? 0 : 1),
      ),
    );
  }
  return counts;
}

async function jest(
  project: string,
  env: NodeJS.ProcessEnv = process.env,
  ...flags: string[]
): Promise<Count> {
  const report = join(REPORTS, `${project}.json`);
  const junit = {
    JEST_JUNIT_OUTPUT_DIR: join(ROOT, "reports/junit"),
    JEST_JUNIT_OUTPUT_NAME: `${project}.xml`,
  };
  const args = ["jest", "--selectProjects", project, "--json", `--outputFile=${report}`];
  const reporters = ["--reporters=default", "--reporters=jest-junit"];
  // With --json the results go to standard output as well: only the report on standard error is shown.
  const result = await tryRun("npx", [...args, ...reporters, ...flags], {
    env: { ...env, ...junit },
    onLine: (line) => line.startsWith('{"') || say(`[${project}] ${line}`),
  });
  return jsonCount(report, result.code);
}

/** Counts from the JSON report that Jest and Vitest share; a runner that failed without one counts as a failure. */
function jsonCount(report: string, code: number): Count {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const json = JSON.parse(readFileSync(report, "utf8")) as {
    numPassedTests: number;
    numFailedTests: number;
    numFailedTestSuites: number;
  };
  const failed = Math.max(
    json.numFailedTests,
    json.numFailedTestSuites > 0 ? 1 : 0,
    code === 0 ? 0 : 1,
  );
  return { passed: json.numPassedTests, failed };
}

/** Runs a test runner, shows what it prints, and reads its counts from its closing lines. */
async function runner(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Count> {
  const result = await tryRun(command, args, { ...options, onLine: say });
  const counts = readCounts(`${result.stdout}\n${result.stderr}`);
  if (result.code === 0 && counts.passed > 0) return counts;
  return { ...counts, failed: Math.max(counts.failed, 1) };
}

function oneTest(name: string, code: number): Count {
  if (code !== 0) say(`✗ ${name}`);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
}

async function show(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  return (await tryRun(command, args, { ...options, onLine: say })).code;
}

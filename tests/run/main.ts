import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../cli/main";
import { ROOT } from "../../cli/session/workspace";
import { UserError } from "../../common/errors";
import { say, step } from "../../common/progress";
import { type RunOptions, run, tryRun } from "../../common/run";
import { ensureEngine, ensureImages, ensureTestTools, ensureTools } from "../../tools";
import { ensureBrowser } from "../../tools/browser";
import { verify } from ".";
import { secondsOfBuilds } from "./builds";
import { withContainers } from "./containers";
import { dump } from "./dump";
import { type Ended, Parts } from "./parts";
import { readResults, type TestResult } from "./results";
import { TestStack } from "./test-stack";

const REPORTS = join(ROOT, "reports/test");
const JUNIT = join(ROOT, "reports/junit");
const CLUSTER_REPORTS = join(ROOT, "reports/cluster");
const FIGURES = join(REPORTS, "figures.jsonl");
const FRONTEND = join(ROOT, "apps/frontend");
const PARTS = ["lint", "unit", "chart", "backend", "frontend", "cluster", "e2e"] as const;
/** Shapes of the chart that are installed on the cluster; `CHART_TEST_SHAPES` names others. */
const CHART_SHAPES = "existing-secret,nodeport";
/** How the names of those tests of operations begin that take an image from everybody for a while. */
const TAKES_IMAGES = "an image that is gone";
const UP_LIMIT_SECONDS = 120;
const UNIT_GOAL = "goal: unit tests";

/** Jest itself would leave one core idle. */
const ALL_CORES = "--maxWorkers=100%";
const ONE_BY_ONE = "--runInBand";

type Part = (typeof PARTS)[number];

/** The parts that need no deployed stack. */
const ALONE = { lint, unit, chart, backend, frontend };
/** The front end's node_modules, once a part has asked for them. */
let modules: Promise<unknown> | undefined;

const FLAGS = {
  record: { type: "boolean", help: "put the requirements' table into docs/verification.md" },
} as const;

main(
  "test",
  `Runs the parts that are named, all unless said: ${PARTS.join(", ")}.`,
  FLAGS,
  async ({ words, flag }) => {
    const all = words.length === 0;
    const wanted = all ? [...PARTS] : words.map(toPart);
    const record = flag("record");
    if (record && !all) throw notRecorded(words);
    process.chdir(ROOT);
    for (const folder of [REPORTS, JUNIT, CLUSTER_REPORTS]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    }
    process.env.TEST_FIGURES_FILE = FIGURES;
    const parts = new Parts();
    await runInTurn(parts, wanted, ["unit"]); // its time is a figure
    const linted = runInTurn(parts, wanted, ["lint"]);
    let slow: Promise<void> | undefined;
    const others = (): Promise<void> => {
      slow ??= linted.then(() => runInTurn(parts, wanted, ["chart", "backend", "frontend"]));
      return slow;
    };
    if (wanted.includes("cluster") || wanted.includes("e2e"))
      await runOnCluster(parts, wanted, others);
    await others();
    if (all) parts.end("npm test", "goal: whole run");
    const { passed, failed, open } = verify(parts, { figures: FIGURES, junit: JUNIT, all, record });
    // What isn't proven has failed; the line is one that CI systems read.
    process.stdout.write(`${passed} passed, ${failed + open} failed\n`);
    return failed + open === 0 ? 0 : 1;
  },
  { takesWords: true },
);

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

function notRecorded(words: readonly string[]): UserError {
  return new UserError({
    what: "a run of some parts isn't recorded",
    why: `${words.join(", ")} alone can't fill the requirements' table`,
    next: "npm test -- --record",
    exitCode: 64,
  });
}

/** Those parts that are wanted, one after the other. */
async function runInTurn(
  parts: Parts,
  wanted: readonly Part[],
  names: readonly (keyof typeof ALONE)[],
): Promise<void> {
  for (const name of names.filter((part) => wanted.includes(part))) {
    const { seconds } = await parts.run(name, ALONE[name], name === "unit" ? UNIT_GOAL : undefined);
    if (name === "unit") parts.measure(UNIT_GOAL, "test:unit", seconds);
  }
}

async function lint(): Promise<Ended> {
  return command("npm", ["run", "--silent", "lint"]);
}

function unit(): Promise<Ended> {
  return jest("unit", process.env, [ALL_CORES]);
}

async function chart(): Promise<Ended> {
  return jest("chart", (await ensureTestTools(await ensureTools())).env, [ALL_CORES]);
}

/** The back end's own check, in a container with its dependencies, beside a database of its own. */
async function backend(): Promise<Ended> {
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
    const ended = await command(
      "docker",
      [
        ...["run", "--rm", "--init", "--name", tests, "--network", `container:${database}`],
        ...["--env", `TEST_DATABASE_URL=${url}`],
        ...["--volume", `${source}:/app`, "--volume", `${JUNIT}:/reports`],
        ...[image, "python", "-m", "tests.check", "--junitxml=/reports/backend.xml"],
      ],
      { env },
    );
    return reported("backend", ended, join(JUNIT, "backend.xml"));
  });
}

async function frontend(): Promise<Ended> {
  return vitest("frontend", ["run", "--silent", "check", "--"]);
}

/** The front end's test of the tables that it expects, on those that the back end's migrations made. */
async function schema(env: NodeJS.ProcessEnv): Promise<Ended> {
  const url = new URL(env.CHART_TEST_DATABASE_URL ?? "");
  url.hostname = "127.0.0.1";
  url.port = env.TEST_DATABASE_PORT ?? "";
  url.pathname = "todo"; // the stack's own, which is migrated
  return vitest("schema", ["run", "--silent", "test", "--", "src/lib/server/auth.schema.test.ts"], {
    ...env,
    TEST_DATABASE_URL: url.href,
  });
}

async function vitest(
  part: string,
  script: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  await ensureFrontendModules();
  const report = join(REPORTS, `${part}.json`);
  const reporters = [
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    ...["--reporter=junit", `--outputFile.junit=${join(JUNIT, `${part}.xml`)}`],
  ];
  return reported(
    part,
    await command("npm", [...script, ...reporters], { cwd: FRONTEND, env }),
    report,
  );
}

/** Two parts want them, which may run side by side. */
function ensureFrontendModules(): Promise<unknown> {
  modules ??= existsSync(join(FRONTEND, "node_modules/.package-lock.json"))
    ? Promise.resolve()
    : step("npm ci in apps/frontend", () =>
        run("npm", ["ci", "--loglevel=error"], { cwd: FRONTEND }),
      );
  return modules;
}

/**
 * What needs a deployed stack: one of the tests' own is put up, tried, and taken away without a trace.
 * @param others begins the parts that need none, or waits until they have ended
 */
async function runOnCluster(
  parts: Parts,
  wanted: readonly Part[],
  others: () => Promise<void>,
): Promise<void> {
  const planned = [
    ...(wanted.includes("e2e") ? ["e2e"] : []),
    ...(wanted.includes("cluster")
      ? ["schema", "cluster", "stack", "images", "disruptive", "apart", "quiet", "leaks"]
      : []),
  ];
  let stack: TestStack | undefined;
  let env: NodeJS.ProcessEnv = {};
  const { passed } = await parts.run(
    "up",
    async () => {
      stack = await TestStack.make();
      const ended = await up(parts, stack);
      if (ended.code === 0) env = await environmentOf(stack);
      return ended;
    },
    "goal: up",
  );
  if (passed) await tryOut(parts, planned, env, others);
  else for (const part of planned) parts.skip(part, "up has failed");
  await parts.run("destroy", async () => ({
    code: stack === undefined || (await stack.remove()) ? 0 : 1,
  }));
}

async function up(parts: Parts, stack: TestStack): Promise<Ended> {
  const started = performance.now();
  const { code, stdout, stderr } = await stack.up();
  const output = stderr + stdout;
  writeFileSync(join(REPORTS, "up.log"), output);
  if (code !== 0) {
    await dump("minikube", "up", CLUSTER_REPORTS);
    return { code, said: output };
  }
  const took = (performance.now() - started) / 1000;
  const beyond = Math.round((took - secondsOfBuilds(output)) * 10) / 10;
  parts.measure("goal: up", "up beyond the images' builds", beyond);
  const quick: TestResult = {
    ...{
      part: "up",
      title: `up takes less than ${UP_LIMIT_SECONDS} s beyond the builds (goal: up)`,
    },
    ...{ passed: beyond < UP_LIMIT_SECONDS, seconds: beyond },
  };
  return { code, results: [quick] };
}

/** What the tests on the deployed stack find in their environment. */
async function environmentOf(stack: TestStack): Promise<NodeJS.ProcessEnv> {
  return {
    CHART_TEST_SHAPES: CHART_SHAPES,
    ...(await stack.environment()),
    TEST_REPORT_DIR: CLUSTER_REPORTS,
    E2E_REPORT_DIR: join(ROOT, "reports/e2e"),
  };
}

/**
 * Two cores are busy all the time, and each part has what it needs to itself.
 * @param planned names of the parts to run
 */
async function tryOut(
  parts: Parts,
  planned: readonly string[],
  env: NodeJS.ProcessEnv,
  others: () => Promise<void>,
): Promise<void> {
  const part = async (name: string, work: () => Promise<Ended>): Promise<void> => {
    if (planned.includes(name)) await parts.run(name, work);
  };
  // On nodes and in namespaces of their own.
  const elsewhere = part("cluster", () => jest("cluster", env, ["--maxWorkers=2"])).then(() =>
    part("apart", () => jest("apart", env, [ONE_BY_ONE])),
  );
  // On the stack meanwhile, one after the other.
  await part("e2e", async () =>
    jest("e2e", { ...env, E2E_CHROMIUM: await ensureBrowser() }, [ONE_BY_ONE]),
  );
  await part("schema", () => schema(env));
  const harmless = `--testNamePattern=^(?!${TAKES_IMAGES})`;
  await part("stack", () => jest("stack", env, [ONE_BY_ONE, harmless]));
  // What follows takes away what those elsewhere need, and mostly waits.
  await elsewhere;
  void others();
  await part("images", () =>
    jest("stack", env, [ONE_BY_ONE, `--testNamePattern=^${TAKES_IMAGES}`], "images"),
  );
  await part("disruptive", () => jest("disruptive", env, [ONE_BY_ONE]));
  await others();
  // Figures mean something only where nothing else runs.
  await part("quiet", () => jest("quiet", env, [ONE_BY_ONE]));
  await part("leaks", () => jest("leaks", env, [ONE_BY_ONE]));
}

/** @param part how its report is called, as the project unless said */
async function jest(
  project: string,
  env: NodeJS.ProcessEnv,
  flags: readonly string[],
  part = project,
): Promise<Ended> {
  const report = join(REPORTS, `${part}.json`);
  const junit = {
    JEST_JUNIT_OUTPUT_DIR: JUNIT,
    JEST_JUNIT_OUTPUT_NAME: `${part}.xml`,
    JEST_JUNIT_REPORT_TEST_SUITE_ERRORS: "true",
  };
  const args = ["jest", "--selectProjects", project, "--json", `--outputFile=${report}`];
  const reporters = ["--reporters=default", "--reporters=jest-junit"];
  const options = { env: { ...env, ...junit } };
  return reported(
    part,
    await command("npx", [...args, ...reporters, ...flags], options, `[${part}] `),
    report,
  );
}

/** The end of a test runner with the tests that it reported. */
function reported(part: string, ended: Ended, report: string): Ended {
  const results = existsSync(report) ? readResults(part, report) : [];
  if (ended.code === 0 && results.length === 0) throw new Error("it ran no test");
  return { ...ended, results };
}

/** Runs a command and shows what it prints; Jest's JSON on standard output is for its report only. */
async function command(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
  prefix = "",
): Promise<Ended> {
  const said: string[] = [];
  const onLine = (line: string): void => {
    if (line.startsWith('{"')) return;
    said.push(line);
    say(prefix + line);
  };
  const { code } = await tryRun(program, args, { ...options, onLine });
  return { code, said: said.join("\n") };
}

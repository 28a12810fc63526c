/** The parts that need a deployed stack: on a cluster of the tests' own, which goes when they are done. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../cli/session/workspace";
import { tryRun } from "../../common/run";
import { ensureTools } from "../../tools";
import { ensureBrowser } from "../../tools/browser";
import { TESTS_PROFILE } from "../support/profile";
import { secondsOfBuilds } from "./builds";
import { dump } from "./dump";
import { containersOf, removeContainers } from "./leftovers";
import { Neighbours } from "./neighbours";
import type { Ended, Parts, RunningPart } from "./parts";
import { DEFAULT_BROWSER, type TestResult } from "./results";
import { jest, playwright, REPORTS, START } from "./runners";
import { TestStack } from "./test-stack";

/** What the tests' namespaces held when something failed. */
export const CLUSTER_REPORTS = join(ROOT, "reports/cluster");

/** Pictures of the pages, and a trace of each test in the browser that has failed twice. */
export const BROWSER_REPORTS = join(ROOT, "reports/e2e");

/** Shapes of the chart that are installed on the cluster; `CHART_TEST_SHAPES` names others. */
const CHART_SHAPES = "existing-secret,nodeport";
/** How the names of those tests of operations begin that take an image from everybody for a while. */
const TAKES_IMAGES = "an image that is gone";
const UP_LIMIT_SECONDS = 120;
const ONE_BY_ONE = "--runInBand";
const COMMAND = [START, join(__dirname, "stack-command.ts")];
/** Minikube profiles that tests make besides. */
const OTHER_PROFILES = ["todo-targets"] as const;

/** How the parts on the cluster are run. */
export interface ClusterOptions {
  /** Those of PARTS_ON_CLUSTER that are wanted. */
  wanted: readonly string[];
  /** Whether the cluster stays, for the next run. */
  keep: boolean;
  /** Begins the parts that need no cluster, or waits until they have ended. */
  others: () => Promise<void>;
  /** Ends everything. */
  stop: AbortSignal;
}

/** Every part that runs on the cluster; those of `cluster` all but the first. */
export const PARTS_ON_CLUSTER = [
  ...["e2e", "cluster", "stack", "images", "disruptive", "apart", "quiet", "leaks"],
] as const;

/** Makes the cluster, puts a stack up, tries it, and takes everything away without a trace. */
export async function runOnCluster(parts: Parts, options: ClusterOptions): Promise<void> {
  const tools = await ensureTools();
  const { env } = tools;
  const neighbours = await Neighbours.look(env);
  try {
    const made = await parts.run("cluster made", (part) =>
      part.run(process.execPath, [...COMMAND, "cluster"], { env }),
    );
    if (made.passed) await onCluster(parts, options, neighbours);
    else for (const part of ["up", ...options.wanted]) parts.skip(part, "there is no cluster");
    if (!options.stop.aborted) await parts.run("neighbours", () => neighbours.verdict());
  } finally {
    if (!options.keep) await removeCluster(env);
  }
}

async function onCluster(
  parts: Parts,
  options: ClusterOptions,
  neighbours: Neighbours,
): Promise<void> {
  const stack = await TestStack.make();
  const { passed } = await parts.run("up", (part) => up(parts, part, stack), "goal: up");
  let env: NodeJS.ProcessEnv = {};
  if (passed) {
    // It holds a password: in no file.
    env = await environmentOf(stack);
    await tryOut(parts, options, env, neighbours);
  } else for (const part of options.wanted) parts.skip(part, "up has failed");
  await parts.run("destroy", (part) =>
    part.run(process.execPath, [...COMMAND, "remove", stack.folder]),
  );
  stack.forget();
}

async function up(parts: Parts, part: RunningPart, stack: TestStack): Promise<Ended> {
  const started = performance.now();
  const ended = await part.run(process.execPath, [...COMMAND, "up", stack.folder]);
  const { code, said = "" } = ended;
  writeFileSync(join(REPORTS, "up.log"), said);
  if (code !== 0) {
    await dump(TESTS_PROFILE, "up", CLUSTER_REPORTS);
    return ended;
  }
  const took = (performance.now() - started) / 1000;
  const beyond = Math.round((took - secondsOfBuilds(said)) * 10) / 10;
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
    // A plain `minikube` of a test's means the tests' own profile too.
    MINIKUBE_PROFILE: TESTS_PROFILE,
    TEST_REPORT_DIR: CLUSTER_REPORTS,
    E2E_REPORT_DIR: BROWSER_REPORTS,
  };
}

/** Two cores are busy all the time, and each part has what it needs to itself. */
async function tryOut(
  parts: Parts,
  { wanted, others }: ClusterOptions,
  env: NodeJS.ProcessEnv,
  neighbours: Neighbours,
): Promise<void> {
  const part = async (name: string, work: (part: RunningPart) => Promise<Ended>): Promise<void> => {
    if (wanted.includes(name)) await parts.run(name, work);
  };
  const tests = (name: string, flags: readonly string[] = [ONE_BY_ONE]): Promise<void> =>
    part(name, (running) => jest(running, name, { env, flags }));
  // On nodes and in namespaces of their own.
  const elsewhere = tests("cluster", ["--maxWorkers=2"]).then(() => tests("apart"));
  const withoutCluster = elsewhere.then(others);
  // On the stack meanwhile, one after the other.
  await part("e2e", async (running) =>
    playwright(running, "e2e", {
      env: { ...env, E2E_CHROMIUM: await ensureBrowser() },
      kept: join(BROWSER_REPORTS, "failed"),
      flags: (process.env.E2E_BROWSERS || DEFAULT_BROWSER)
        .split(",")
        .map((browser) => `--project=${browser}`),
    }),
  );
  await tests("stack", [ONE_BY_ONE, `--testNamePattern=^(?!${TAKES_IMAGES})`]);
  // What follows takes away what those elsewhere need, and mostly waits.
  await elsewhere;
  await neighbours.during(async () => {
    const flags = [ONE_BY_ONE, `--testNamePattern=^${TAKES_IMAGES}`];
    await part("images", (running) => jest(running, "stack", { env, flags, name: "images" }));
    await tests("disruptive");
  });
  await withoutCluster;
  await parts.lookAgain();
  // Figures mean something only where nothing else runs.
  await tests("quiet");
  await tests("leaks");
  await parts.lookAgain();
}

/** The tests' clusters are gone afterwards, with all that was attached to them. */
async function removeCluster(env: NodeJS.ProcessEnv): Promise<void> {
  for (const profile of [TESTS_PROFILE, ...OTHER_PROFILES]) {
    await removeContainers(await containersOf(profile, env), env);
    await tryRun("minikube", ["delete", "--profile", profile], { env, timeoutMs: 90_000 });
    await tryRun("docker", ["network", "rm", profile], { env });
  }
}

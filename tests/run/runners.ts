/** The test runners that parts are run by. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ROOT } from "../../cli/session/workspace";
import type { CommandOptions, Ended, RunningPart } from "./parts";
import { readProgress, readResults, type TestResult } from "./results";

/** What the parts of a run write, for the report. */
export const REPORTS = join(ROOT, "reports/test");
/** The same for CI systems. */
export const JUNIT = join(ROOT, "reports/junit");

/** Starts one of the project's files, by Node.js. */
export const START = join(ROOT, "common/start.cjs");

/** Says, in any of the runners' words, that too little was covered: nothing that files of a part can prove. */
const UNCOVERED =
  /coverage threshold|Required test coverage.*not reached|Coverage for .* does not meet/;

const PROGRESS = join(__dirname, "jest-progress.cjs");
const PLAYWRIGHT_PROGRESS = join(__dirname, "playwright-progress.ts");

/** How Jest runs the tests of a part. */
export interface JestOptions {
  env: NodeJS.ProcessEnv;
  flags?: readonly string[];
  /** Name of the part, the project's unless said. */
  name?: string;
}

/** Runs the tests of one of Jest's projects. */
export async function jest(
  part: RunningPart,
  project: string,
  options: JestOptions,
): Promise<Ended> {
  const ended = await jestOnce(part, project, options);
  const { name = project, flags = [] } = options;
  const chosen = flags.filter((flag) => flag.startsWith("--testNamePattern"));
  return orAgain(ended, (again, files) =>
    jestOnce(again, project, {
      ...{ ...options, name: `${name}-again` },
      flags: [...chosen, "--runInBand", "--coverage=false", "--runTestsByPath", ...files],
    }),
  );
}

async function jestOnce(
  part: RunningPart,
  project: string,
  { env, flags = [], name = project }: JestOptions,
): Promise<Ended> {
  const report = join(REPORTS, `${name}.json`);
  const progress = join(REPORTS, `${name}.progress.jsonl`);
  const variables = {
    JEST_JUNIT_OUTPUT_DIR: JUNIT,
    JEST_JUNIT_OUTPUT_NAME: `${name}.xml`,
    JEST_JUNIT_REPORT_TEST_SUITE_ERRORS: "true",
    TEST_PROGRESS_FILE: progress,
  };
  const args = ["jest", "--selectProjects", project, "--json", `--outputFile=${report}`];
  const reporters = ["default", "jest-junit", PROGRESS].map(
    (reporter) => `--reporters=${reporter}`,
  );
  const ended = await part.run("npx", [...args, ...reporters, ...flags], {
    ...{ env: { ...env, ...variables }, prefix: `[${name}] ` },
    isDone: () => existsSync(report),
  });
  if (existsSync(report)) {
    const all = readResults(name, report);
    // What a pattern leaves out belongs to another part.
    const chosen = flags.some((flag) => flag.startsWith("--testNamePattern"));
    return reported(ended, chosen ? all.filter(({ skipped }) => !skipped) : all);
  }
  return { ...ended, results: readProgress(name, progress) };
}

/** How Playwright runs the tests of a part. */
export interface PlaywrightOptions {
  env: NodeJS.ProcessEnv;
  /** Folder of what is kept of tests that fail. */
  kept: string;
  flags?: readonly string[];
  /** Folders of its reports. */
  reports?: { results: string; junit: string };
}

/** Runs browser tests. */
export async function playwright(
  part: RunningPart,
  name: string,
  options: PlaywrightOptions,
): Promise<Ended> {
  // Traces take a fifth of the time: they are for what is looked at again.
  const { flags = [] } = options;
  const quick = { ...options, flags: [...flags, "--trace=off"] };
  const ended = await playwrightOnce(part, name, [], quick);
  // Where not one has passed it wasn't the company; and a file that doesn't load keeps all others from running.
  if (!ended.results?.some(({ passed }) => passed)) return ended;
  return orAgain(ended, (again, files) => playwrightOnce(again, `${name}-again`, files, options));
}

async function playwrightOnce(
  part: RunningPart,
  name: string,
  files: readonly string[],
  { env, kept, flags = [], reports = { results: REPORTS, junit: JUNIT } }: PlaywrightOptions,
): Promise<Ended> {
  const report = join(reports.results, `${name}.json`);
  const progress = join(reports.results, `${name}.progress.jsonl`);
  const variables = {
    PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    PLAYWRIGHT_JUNIT_OUTPUT_FILE: join(reports.junit, `${name}.xml`),
    TEST_PROGRESS_FILE: progress,
  };
  const args = [
    ...["playwright", "test", "--forbid-only", `--output=${join(kept, name)}`],
    `--reporter=list,json,junit,${PLAYWRIGHT_PROGRESS}`,
    ...flags,
    // Each is a pattern.
    ...files.map((file) => `^${resolve(ROOT, file).replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`),
  ];
  const ended = await part.run("npx", args, {
    ...{ env: { ...env, ...variables }, prefix: `[${name}] ` },
    isDone: () => existsSync(report),
  });
  if (existsSync(report)) return reported(ended, readResults(name, report));
  return { ...ended, results: readProgress(name, progress) };
}

/** Runs one of the front end's npm scripts, which ends with Vitest. */
export async function vitest(
  part: RunningPart,
  name: string,
  script: readonly string[],
  options: CommandOptions,
): Promise<Ended> {
  const report = join(REPORTS, `${name}.json`);
  const reporters = [
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    ...["--reporter=junit", `--outputFile.junit=${join(JUNIT, `${name}.xml`)}`],
  ];
  const ended = await part.run("npm", [...script, ...reporters], {
    ...{ ...options, prefix: `[${name}] ` },
    isDone: () => existsSync(report),
  });
  return reported(ended, existsSync(report) ? readResults(name, report) : []);
}

/** The end of a test runner with the tests that it reported. @throws Error where that is good, and none ran */
export function reported(ended: Ended, results: readonly TestResult[]): Ended {
  const ran = results.some(({ skipped }) => !skipped);
  if (ended.code === 0 && !ran) throw new Error("it ran no test");
  return { ...ended, results };
}

/** The end of a part whose tests can be looked at again, where some failed and nothing else did. */
export function orAgain(ended: Ended, again: NonNullable<Ended["again"]>): Ended {
  return UNCOVERED.test(ended.said ?? "") ? ended : { ...ended, again };
}

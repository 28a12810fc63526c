import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../cli/main";
import { ROOT } from "../../cli/session/workspace";
import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { verify } from ".";
import { ALONE, QUICK } from "./alone";
import { lockCluster, needRoom } from "./cluster";
import { leftBy, removeContainers } from "./leftovers";
import { LIMIT_MINUTES, OTHER_MINUTES, RUN_MINUTES } from "./limits";
import { BROWSER_REPORTS, CLUSTER_REPORTS, PARTS_ON_CLUSTER, runOnCluster } from "./on-cluster";
import { Parts } from "./parts";
import type { Need } from "./prepare";
import { JUNIT, REPORTS, START } from "./runners";
import { Stop } from "./stop";

const FIGURES = join(REPORTS, "figures.jsonl");
const UNIT_GOAL = "goal: unit tests";
const EXIT_GRACE_MS = 5000;

/** The parts that can be asked for, in the order in which they begin. */
const PARTS = ["lint", "unit", "chart", "backend", "frontend", "cluster", "e2e"] as const;
type Part = (typeof PARTS)[number];
/** What one runs before each commit: no cluster. */
const CHECK: readonly Part[] = ["lint", "unit", "chart", "backend", "frontend"];

const FLAGS = {
  keep: { type: "boolean", help: "the tests' cluster stays, so that the next run finds it" },
  record: { type: "boolean", help: "write the requirements' table into docs/" },
} as const;

main(
  "test",
  `Runs the parts that are named, all unless said: ${PARTS.join(", ")}; or "check": those without a cluster.`,
  FLAGS,
  async ({ words, flag }) => {
    const all = words.length === 0;
    const wanted = all ? PARTS : [...new Set(words.flatMap(toParts))];
    const record = flag("record");
    if (record && !all) throw notRecorded(words);
    const onCluster = wanted.includes("cluster") || wanted.includes("e2e");
    if (onCluster) await needRoom();
    const unlock = onCluster ? lockCluster() : undefined;
    process.chdir(ROOT);
    for (const folder of [REPORTS, JUNIT, CLUSTER_REPORTS, BROWSER_REPORTS]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    }
    process.env.TEST_FIGURES_FILE = FIGURES;
    const stop = new Stop(RUN_MINUTES);
    const parts = new Parts({
      stop: stop.signal,
      limitOf: (name) => LIMIT_MINUTES[name] ?? OTHER_MINUTES,
      clean: async (mark) => removeContainers(await leftBy(mark, process.env), process.env),
    });
    try {
      if (words.length === 1 && words[0] === "check") await runCheck(parts);
      else await runAll(parts, wanted, { keep: flag("keep"), stop: stop.signal });
    } finally {
      unlock?.();
    }
    if (all) parts.end("npm test", "goal: whole run");
    const { passed, failed, open } = verify(parts, { figures: FIGURES, junit: JUNIT, all, record });
    stop.close();
    if (stop.signal.aborted) say(`✗ ${stop.signal.reason.message}`);
    // What isn't proven has failed; the line is one that CI systems read.
    process.stdout.write(`${passed} passed, ${failed + open} failed\n`);
    const code = stop.code ?? (failed + open === 0 ? 0 : 1);
    // Whatever still waits for something, the run is over.
    setTimeout(() => process.exit(code), EXIT_GRACE_MS).unref();
    return code;
  },
  { takesWords: true, hasStack: false },
);

function toParts(word: string): readonly Part[] {
  if (word === "check") return CHECK;
  const part = PARTS.find((name) => name === word);
  if (part) return [part];
  throw new UserError({
    what: `there is no part "${word}"`,
    why: `the parts are ${PARTS.join(", ")}`,
    next: "npm test, npm run check, or npm run test:unit",
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

/** What needs no cluster, side by side: while one part waits, another works. */
async function runCheck(parts: Parts): Promise<void> {
  const ready = await gotTools(parts, CHECK);
  if (!ready) for (const name of ["chart", "backend"]) parts.skip(name, "a tool is missing");
  const wanted = ready ? CHECK : CHECK.filter((name) => name !== "chart" && name !== "backend");
  const run = (...names: (keyof typeof ALONE)[]): Promise<void> =>
    inTurn(parts, wanted, names, QUICK);
  await Promise.all([run("unit", "chart"), run("backend"), run("lint", "frontend")]);
  await parts.lookAgain();
}

/** Two cores are busy all the time; what disturbs each other runs in turn. */
async function runAll(
  parts: Parts,
  wanted: readonly Part[],
  { keep, stop }: { keep: boolean; stop: AbortSignal },
): Promise<void> {
  await inTurn(parts, wanted, ["unit"]); // its time is a figure
  const linted = inTurn(parts, wanted, ["lint"]);
  const onCluster = PARTS_ON_CLUSTER.filter((name) =>
    wanted.includes(name === "e2e" ? "e2e" : "cluster"),
  );
  const ready = await gotTools(parts, wanted);
  const later = ["chart", "backend", "frontend"] as const;
  let slow: Promise<void> | undefined;
  const others = (): Promise<void> => {
    slow ??= linted.then(() => inTurn(parts, wanted, ready ? later : ["frontend"]));
    return slow;
  };
  if (ready && onCluster.length > 0)
    await runOnCluster(parts, { wanted: onCluster, keep, others, stop });
  if (!ready) {
    const lost = [...later.filter((name) => name !== "frontend" && wanted.includes(name))];
    for (const name of [...lost, ...onCluster]) parts.skip(name, "a tool is missing");
  }
  await others();
  await parts.lookAgain();
}

/** Gets what the wanted parts need; tells whether that is there. */
async function gotTools(parts: Parts, wanted: readonly Part[]): Promise<boolean> {
  const needs = needsOf(wanted);
  if (needs.length === 0) return true;
  const args = [START, join(__dirname, "prepare.ts"), ...needs];
  return (await parts.run("tools", (part) => part.run(process.execPath, args))).passed;
}

/** What must be got for some parts. */
function needsOf(wanted: readonly Part[]): Need[] {
  const needed: Record<Need, readonly Part[]> = {
    "chart tools": ["chart"],
    engine: ["cluster", "e2e"],
    images: ["backend", "frontend", "cluster", "e2e"],
    browser: ["e2e"],
    "kubectl-ai": ["cluster"],
  };
  return (Object.keys(needed) as Need[]).filter((need) =>
    needed[need].some((part) => wanted.includes(part)),
  );
}

/** Those parts that are wanted, one after the other. */
async function inTurn(
  parts: Parts,
  wanted: readonly Part[],
  names: readonly (keyof typeof ALONE)[],
  how: typeof ALONE = ALONE,
): Promise<void> {
  for (const name of names.filter((part) => wanted.includes(part))) {
    const { seconds } = await parts.run(name, how[name], name === "unit" ? UNIT_GOAL : undefined);
    if (name === "unit" && how === ALONE) parts.measure(UNIT_GOAL, "test:unit", seconds);
  }
}

/** Whether the tests bite: draws small changes of each area, makes one at a time, and tells which were noticed. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "../../cli/main";
import { ROOT } from "../../cli/session/workspace";
import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { run } from "../../common/run";
import { ensureTestTools, ensureTools } from "../../tools";
import {
  besideArguments,
  buildBackendImage,
  type PartDatabase,
  startDatabase,
  startMigrated,
} from "../run/database";
import { runInGroup } from "../run/group";
import { leftBy, removeContainers } from "../run/leftovers";
import { Parts, type RunningPart } from "../run/parts";
import { Stop } from "../run/stop";
import { AREAS, type Area, type Check, filesOf, REACH } from "./areas";
import { draw } from "./draw";
import { apply, columnOf, lineOf, type Mutant, shown } from "./mutant";
import { readReach } from "./reach";
import { type Outcome, report, share, type Tried } from "./report";

const COUNT = 10;
/** The share of the changes that tests have to notice, in each area. */
const GOAL = 0.8;
const MINUTES = 12 * 60;
const REPORT = join(ROOT, "reports/mutants.md");
const MODULES = ["node_modules", "apps/frontend/node_modules"];

const FLAGS = {
  count: { type: "string", help: `changes of each area; ${COUNT} unless said` },
  seed: { type: "string", help: "draws the same changes again; today's date unless said" },
} as const;

main(
  "mutants",
  `Changes the last commit's sources a little, one place at a time, and tells which changes no test notices. Areas: ${AREAS.map(({ name }) => name).join(", ")}; all unless said.`,
  FLAGS,
  async ({ words, option }) => {
    const areas = words.length === 0 ? AREAS : words.map(toArea);
    const count = toNumber("count", option("count") ?? String(COUNT));
    const seed = toNumber(
      "seed",
      option("seed") ?? new Date().toISOString().slice(0, 10).replaceAll("-", ""),
    );
    const stop = new Stop(MINUTES);
    const parts = new Parts({
      ...{ stop: stop.signal, limitOf: () => MINUTES },
      clean: async (mark) => removeContainers(await leftBy(mark, process.env), process.env),
    });
    const tried: Tried[] = [];
    const passed = new Set<string>();
    const tree = await checkOut();
    try {
      for (const area of areas) {
        await parts.run(area.name, async (part) => {
          await tryArea({ part, area, tree, count, seed, passed, stop: stop.signal }, tried);
          return { code: 0 };
        });
      }
    } finally {
      await run("git", ["worktree", "remove", "--force", tree], { cwd: ROOT });
      stop.close();
    }
    mkdirSync(dirname(REPORT), { recursive: true });
    writeFileSync(REPORT, report(tried, { seed, goal: GOAL }));
    say(`the report: ${REPORT}`);
    const shares = areas.map(({ name }) => share(tried.filter(({ area }) => area === name)));
    return stop.code ?? (parts.complete && shares.every((one) => one >= GOAL) ? 0 : 1);
  },
  { takesWords: true, words: AREAS.map(({ name }) => name), hasStack: false },
);

interface Trial {
  part: RunningPart;
  area: Area;
  tree: string;
  count: number;
  seed: number;
  /** The checks that have passed without a change. */
  passed: Set<string>;
  stop: AbortSignal;
}

/** Tries the changes that are drawn of an area. @throws Error where its tests fail without a change */
async function tryArea(trial: Trial, tried: Tried[]): Promise<void> {
  const { area, tree, count, seed, passed, stop } = trial;
  const sources = new Map(
    filesOf(area, tree).map((file) => [file, readFileSync(join(tree, file), "utf8")]),
  );
  const found = [...(await area.mutantsOf(tree, sources))].flatMap(([file, mutants]) =>
    mutants.map((mutant) => ({ file, mutant })),
  );
  const drawn = draw(found, count, seed);
  say(`${drawn.length} of ${found.length} changes of ${sources.size} files`);
  const environment = await environmentOf(trial);
  const noticed = (check: Check): Promise<boolean> => notices(trial, environment, check);
  for (const check of area.unchanged) {
    const command = check.args.join(" ");
    if (passed.has(command)) continue;
    if (await noticed(check)) throw new Error(`${command} fails without a change`);
    passed.add(command);
  }
  const reach = readReach(join(tree, area.unchanged.at(-1)?.folder ?? "", REACH));
  for (const { file, mutant } of drawn) {
    if (stop.aborted) return;
    const source = sources.get(file) ?? "";
    writeFileSync(join(tree, file), apply(source, mutant));
    const place = { file, line: lineOf(source, mutant), column: columnOf(source, mutant) };
    const outcome = await outcomeOf(area.checksOf(place, reach), noticed);
    writeFileSync(join(tree, file), source);
    tried.push({
      area: area.name,
      file,
      line: lineOf(source, mutant),
      ...told(source, mutant),
      outcome,
    });
    say(
      `${outcome === "lived" ? "✗" : "✓"} ${file}:${lineOf(source, mutant)} ${mutant.what}: ${outcome}`,
    );
  }
}

function told(source: string, mutant: Mutant): { what: string; before: string; after: string } {
  return { what: mutant.what, ...shown(source, mutant) };
}

async function outcomeOf(
  checks: readonly Check[],
  noticed: (check: Check) => Promise<boolean>,
): Promise<Outcome> {
  for (const check of checks)
    if (await noticed(check)) return check.args[0] === "tsc" ? "refused by types" : "noticed";
  return "lived";
}

interface Environment {
  env: NodeJS.ProcessEnv;
  database?: PartDatabase;
}

async function environmentOf({ part, area }: Trial): Promise<Environment> {
  if (!area.needsTools) return { env: process.env };
  const { env } = await ensureTestTools(await ensureTools());
  if (area.database === undefined) return { env };
  if (area.database === "migrated") {
    const { url } = await startMigrated(part, env);
    return { env: { ...env, TEST_DATABASE_URL: url } };
  }
  const built = await buildBackendImage(part, env);
  if (built.code !== 0) throw new Error("the image with the back end's dependencies wasn't built");
  return { env, database: await startDatabase(part, env) };
}

/** Whether a check fails, or takes so long that it would never end. */
async function notices(
  { part, tree, stop }: Trial,
  { env, database }: Environment,
  { program, args, folder = "", minutes, isBeside, env: ownEnv }: Check,
): Promise<boolean> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(minutes * 60_000)]);
  const [command, all] =
    isBeside && database
      ? ([
          "docker",
          besideArguments(part.mark, database, [program, ...args], {
            folder: join(tree, "apps/backend"),
          }),
        ] as const)
      : ([program, args] as const);
  const { code } = await runInGroup(command, all, {
    ...{ cwd: join(tree, folder), env: { ...env, ...ownEnv }, mark: part.mark, signal },
  });
  stop.throwIfAborted();
  return code !== 0;
}

/** The last commit's tree in a folder of its own, with this one's packages. */
async function checkOut(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "mutants-"));
  rmSync(folder, { recursive: true });
  await run("git", ["worktree", "add", "--detach", folder, "HEAD"], { cwd: ROOT });
  for (const modules of MODULES) symlinkSync(join(ROOT, modules), join(folder, modules));
  return folder;
}

function toArea(word: string): Area {
  const area = AREAS.find(({ name }) => name === word);
  if (area) return area;
  throw new UserError({
    what: `there is no area "${word}"`,
    why: `the areas are ${AREAS.map(({ name }) => name).join(", ")}`,
    next: "npm run mutants -- program",
    exitCode: 64,
  });
}

function toNumber(name: string, value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new UserError({
    what: `--${name} ${value} is no number`,
    why: "it has to be a whole number above 0",
    next: `npm run mutants -- --${name} ${COUNT}`,
    exitCode: 64,
  });
}

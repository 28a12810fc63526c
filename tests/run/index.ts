import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../cli/session/workspace";
import { say } from "../../common/progress";
import { toJUnit } from "./junit";
import type { Parts } from "./parts";
import { failures, missed, prove, report, table, unproven } from "./report";
import { readFigures } from "./results";

const START = "<!-- table: npm test -- --record -->";
const END = "<!-- end of table -->";

/** How far a run can be asked for. */
export interface VerifyOptions {
  /** File of the measurements that tests have made. */
  figures: string;
  /** Folder of JUnit's files. */
  junit: string;
  /** Whether every part was to run, so that every requirement must be proven. */
  all: boolean;
  /** Whether docs/verification.md gets the table, where every part did run. */
  record: boolean;
}

/** What a run has come to. */
export interface Verdict {
  passed: number;
  failed: number;
  /** How many requirements no passing test names; only a run of all parts has to prove them. */
  open: number;
}

/** Writes reports/verification.md: what a run's parts have shown of each requirement. */
export function verify(parts: Parts, options: VerifyOptions): Verdict {
  const { results } = parts;
  const proofs = prove(results, [...readFigures(options.figures), ...parts.figures]);
  const file = join(ROOT, "reports/verification.md");
  writeFileSync(file, report(proofs, results, machine()));
  writeFileSync(join(options.junit, "run.xml"), toJUnit(results));
  say(`── the report: ${file}`);
  if (options.record && parts.complete) recordTable(table(proofs));
  else if (options.record)
    say("✗ docs/verification.md stays as it is: a part didn't run to its end");
  for (const goal of missed(proofs)) say(`– goal missed: ${goal}`);
  // Last, where a log that is cut off still has them.
  for (const failure of failures(results)) say(`✗ ${failure}`);
  const open = options.all ? unproven(proofs) : [];
  for (const id of open) say(`✗ ${id} isn't proven`);
  const passed = results.filter((result) => result.passed).length;
  return { passed, failed: results.length - passed, open: open.length };
}

function recordTable(text: string): void {
  const file = join(ROOT, "docs/verification.md");
  const [before = "", rest = ""] = readFileSync(file, "utf8").split(START);
  const after = rest.split(END)[1] ?? "";
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(file, `${before}${START}\n\n${day}. ${machine()}\n\n${text}\n\n${END}${after}`);
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "an unknown processor";
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `Machine: ${cpus().length} × ${model}, ${memory} GiB.`;
}

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { say } from "../../common/progress";
import type { Count } from "../test-counts";
import { ROOT } from "../workspace";
import { prove, report, table, unproven } from "./report";
import { readFigures, readResults } from "./results";

const START = "<!-- table: npm test -- --record -->";
const END = "<!-- end of table -->";

/** How far a run can be asked for. */
export interface VerifyOptions {
  /** Whether every part ran, so that every requirement must be proven. */
  all: boolean;
  /** Whether docs/verification.md gets the table. */
  record: boolean;
}

/**
 * Writes reports/verification.md from the reports of a run's parts. After a run of all parts, each
 * requirement that no passing test names counts as a failure.
 */
export function verify(reports: string, options: VerifyOptions): Count {
  const results = readResults(reports);
  const proofs = prove(results, readFigures(join(reports, "figures.jsonl")));
  const file = join(ROOT, "reports/verification.md");
  writeFileSync(file, report(proofs, results, machine()));
  say(`── the report: ${file}`);
  if (options.record) recordTable(table(proofs));
  if (!options.all) return { passed: 0, failed: 0 };
  const open = unproven(proofs);
  for (const id of open) say(`✗ ${id} isn't proven`);
  return { passed: open.length === 0 ? 1 : 0, failed: open.length };
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

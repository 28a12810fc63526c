import { readFileSync, readdirSync, writeFileSync, existsSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { mutantsOfChart } from "./mutants/chart";
import { draw } from "./mutants/draw";
import { apply, lineOf } from "./mutants/mutant";
const root = "/tmp/mut4-be/helm/todo-app/templates";
const log = readFileSync("/tmp/mut4-chartall.log", "utf8");
const all: any[] = [];
for (const f of readdirSync(root, { recursive: true, encoding: "utf8" }).filter((f) => /\.(ya?ml|tpl)$/.test(f)))
  for (const m of mutantsOfChart(readFileSync(join(root, f), "utf8"))) all.push({ f, m });
let n = 0, unit = 0, old = 0, now = 0;
for (const { f, m } of draw(all, 30, 43)) {
  n++;
  const s = readFileSync(join(root, f), "utf8");
  const name = `${f}:${lineOf(s, m)} ${m.what}`;
  if (!log.includes(name + ":")) { unit++; console.log("helm-unittest", name); continue; }
  writeFileSync(join(root, f), apply(s, m));
  const r = spawnSync("npx", ["jest", "--selectProjects", "chart", "--bail", "--silent", "tests/chart/requirements", "tests/chart/dev"], { cwd: "/tmp/mut4-be", stdio: "ignore" });
  writeFileSync(join(root, f), s);
  if (r.status === 1) now++;
  console.log(r.status === 1 ? "jest" : "LIVED", name);
}
console.log(`chart: of ${n}: ${unit} by helm-unittest, ${now} by jest`);

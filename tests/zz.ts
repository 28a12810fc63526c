import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { mutantsOfChart } from "./mutants/chart";
import { apply, lineOf, shown } from "./mutants/mutant";
const root="/tmp/mut4-chart/todo-app", ut=process.env.UT!;
let n=0, lived=0;
for (const f of readdirSync(join(root,"templates"),{recursive:true,encoding:"utf8"}).filter(f=>/\.(ya?ml|tpl)$/.test(f))) {
  const p=join(root,"templates",f), s=readFileSync(p,"utf8");
  for (const m of mutantsOfChart(s)) {
    n++;
    writeFileSync(p, apply(s,m));
    const r=spawnSync(ut,["--color=false","--failfast","--file","unittests/*_test.yaml",root],{encoding:"utf8"});
    if (r.status===0) { lived++; const {before,after}=shown(s,m); console.log(`${f}:${lineOf(s,m)} ${m.what}: ${before}  =>  ${m.what==="a line goes"?"":after}`); }
  }
  writeFileSync(p,s);
}
console.log("of", n, "lived", lived);

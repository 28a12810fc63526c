import { forStack } from "../../components/names";
import { examine } from "../doctor/examine";
import { type Finding, line } from "../doctor/finding";
import { main } from "../main";

main(
  "doctor",
  "Looks at everything that a stack needs, and changes nothing. Exit code 1 where something must be mended.",
  { json: { type: "boolean", help: "the findings as JSON, when all are there" } },
  async ({ stack, flag }) => {
    const json = flag("json");
    const counts = { ok: 0, warning: 0, problem: 0 };
    const findings: Finding[] = [];
    for await (const examined of examine(stack)) {
      const finding = named(examined, stack);
      counts[finding.level] += 1;
      if (json) findings.push(finding);
      else process.stdout.write(`${line(finding)}\n`);
    }
    const { problem, warning } = counts;
    const told = json
      ? JSON.stringify({ problems: problem, warnings: warning, findings }, null, 2)
      : summary(counts);
    process.stdout.write(`${told}\n`);
    return counts.problem === 0 ? 0 : 1;
  },
);

function named(finding: Finding, stack: string): Finding {
  if (finding.level === "ok") return finding;
  return { ...finding, remedy: forStack(finding.remedy, stack) };
}

function summary({ warning, problem }: Record<"warning" | "problem", number>): string {
  if (problem > 0) return `${problem} to mend`;
  return warning === 0 ? "all is well" : `all is well, but for ${warning} warning(s)`;
}

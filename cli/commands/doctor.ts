import { examine } from "../doctor/examine";
import { line } from "../doctor/finding";
import { main } from "../main";

main(
  "doctor",
  "Looks at everything that a stack needs, and changes nothing. Exit code 1 where something must be mended.",
  {},
  async ({ stack }) => {
    const counts = { ok: 0, warning: 0, problem: 0 };
    for await (const finding of examine(stack)) {
      counts[finding.level] += 1;
      process.stdout.write(`${line(finding)}\n`);
    }
    process.stdout.write(`${summary(counts)}\n`);
    return counts.problem === 0 ? 0 : 1;
  },
);

function summary({ warning, problem }: Record<"warning" | "problem", number>): string {
  if (problem > 0) return `${problem} to mend`;
  return warning === 0 ? "all is well" : `all is well, but for ${warning} warning(s)`;
}

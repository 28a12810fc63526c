import type { Rule } from "../../rule";
import { commands, type Dockerfile, finalStage } from "../dockerfile";
import { installs } from "../installs";

export const rule: Rule<Dockerfile> = {
  id: "docker/multi-stage",
  level: "mandatory",
  title: "Dependencies are installed and code is built in a stage that doesn't ship.",
  reason: "compilers, caches and package managers make the image big, and serve whoever breaks in",
  remedy: "install and build in a stage of their own, and copy the result with COPY --from",
  source: ["FR-001", "FR-002", "CIS Docker 4.3", "Docker documentation: multi-stage builds"],
  *check(dockerfile) {
    const { name: object, stages } = dockerfile;
    const final = finalStage(dockerfile);
    if (final === undefined) yield { object, field: "line 1", problem: "has no stage" };
    else if (stages.length === 1 && final.base !== "scratch")
      yield { object, field: `line ${final.from.line}`, problem: "is the only stage" };
    for (const run of final?.instructions ?? []) {
      if (run.keyword !== "RUN") continue;
      const tool = commands(run).find((words) => installs(words) || builds(words));
      if (tool)
        yield {
          object,
          field: `line ${run.line}`,
          problem: `runs ${tool.slice(0, 3).join(" ")} in the final stage`,
        };
    }
  },
};

function builds([program = "", ...rest]: readonly string[]): boolean {
  const isScript = /^(npm|yarn|pnpm|bun)$/.test(program) && rest.includes("build");
  return isScript || /^(make|gcc|g\+\+|cargo|mvn|gradle|tsc)$/.test(program);
}

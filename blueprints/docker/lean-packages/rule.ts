import type { Rule } from "../../rule";
import { commands, type Dockerfile } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/lean-packages",
  level: "advisory",
  title: "System packages come without recommendations, and leave no lists behind.",
  reason: "what apt recommends and remembers is often more than what was asked for",
  remedy:
    "RUN apt-get update && apt-get install --no-install-recommends … && rm -rf /var/lib/apt/lists/*",
  source: ["SC-001", "CIS Docker 4.3, 4.7", "hadolint DL3009, DL3015, DL3018"],
  *check({ name: object, stages }) {
    for (const run of stages.flatMap(({ instructions }) => instructions)) {
      if (run.keyword !== "RUN") continue;
      const field = `line ${run.line}`;
      const all = commands(run);
      const apt = all.filter(
        ([program = "", ...rest]) => /^apt(-get)?$/.test(program) && rest.includes("install"),
      );
      if (apt.some((words) => !words.includes("--no-install-recommends")))
        yield { object, field, problem: "installs what is recommended too" };
      if (
        apt.length > 0 &&
        !/\/var\/lib\/apt\/lists|type=cache/.test(run.text + JSON.stringify(run.flags))
      )
        yield { object, field, problem: "keeps apt's lists" };
      if (
        all.some(
          ([program, verb, ...rest]) =>
            program === "apk" && verb === "add" && !rest.includes("--no-cache"),
        )
      )
        yield { object, field, problem: "keeps apk's cache" };
    }
  },
};

import type { Rule } from "../../rule";
import type { Dockerfile } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/absolute-folders",
  level: "advisory",
  title: "WORKDIR names an absolute folder, and RUN doesn't use cd for it.",
  reason: "a relative one depends on what a base or an earlier line has set",
  remedy: "write WORKDIR /app",
  source: ["hadolint DL3000, DL3003"],
  *check({ name: object, stages }) {
    for (const each of stages.flatMap(({ instructions }) => instructions)) {
      const field = `line ${each.line}`;
      if (each.keyword === "WORKDIR" && !/^["']?[/$]/.test(each.text))
        yield { object, field, problem: `is WORKDIR ${each.text}` };
      if (each.keyword === "RUN" && /^\s*cd\s/.test(each.text))
        yield { object, field, problem: "begins with cd" };
    }
  },
};

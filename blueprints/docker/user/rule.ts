import type { Rule } from "../../rule";
import { type Dockerfile, effective, finalStage } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/user",
  level: "mandatory",
  title: "The image runs as user 1000, by number.",
  reason: "root is the default; and a name can't be checked by Kubernetes' runAsNonRoot",
  remedy: "end the final stage with USER 1000:1000",
  source: ["FR-003", "CIS Docker 4.1", "hadolint DL3002"],
  *check(dockerfile) {
    const { name: object } = dockerfile;
    const last = finalStage(dockerfile)?.from.line ?? 1;
    const user = effective(dockerfile, "USER");
    if (user === undefined) yield { object, field: `line ${last}`, problem: "has no USER" };
    else if (!/^1000(:|$)/.test(user.words[0] ?? ""))
      yield { object, field: `line ${user.line}`, problem: `is USER ${user.text}` };
  },
};

import type { Rule } from "../../rule";
import { type Dockerfile, effective, finalStage } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/healthcheck",
  level: "mandatory",
  title: "The image says how it is asked whether it is healthy.",
  reason: "outside Kubernetes nothing else notices a server that hangs",
  remedy: 'add HEALTHCHECK --timeout=4s CMD ["python", "-m", "app.healthcheck"], asking /health',
  source: ["FR-007", "CIS Docker 4.6", "Docker Blueprint: health check contracts"],
  *check(dockerfile) {
    const { name: object } = dockerfile;
    const check = effective(dockerfile, "HEALTHCHECK");
    const last = finalStage(dockerfile)?.from.line ?? 1;
    if (check === undefined) yield { object, field: `line ${last}`, problem: "has no HEALTHCHECK" };
    else if (/^NONE\b/i.test(check.text))
      yield { object, field: `line ${check.line}`, problem: "is HEALTHCHECK NONE" };
    else if (/\b(curl|wget)\b/.test(check.text) && finalStage(dockerfile)?.base === "scratch")
      yield { object, field: `line ${check.line}`, problem: "asks by a tool that isn't there" };
  },
};

import type { Rule } from "../../rule";
import { isHook, type Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/bounded-jobs",
  level: "mandatory",
  title: "What runs to its end has a deadline.",
  reason: "a job or test that hangs holds its resources, and Helm, until somebody looks",
  remedy:
    "set activeDeadlineSeconds on the pod, and restartPolicy: Never with a backoffLimit on a Job",
  source: [
    "kube-linter job-ttl-seconds-after-finished, restart-policy",
    "Helm documentation: chart hooks",
  ],
  *check({ pods }) {
    for (const { owner, object, path, spec } of pods) {
      const isJob = owner.kind === "Job" || owner.kind === "CronJob";
      if (!isJob && !(owner.kind === "Pod" && isHook(owner))) continue;
      const job = owner.kind === "CronJob" ? owner.spec?.jobTemplate?.spec : owner.spec;
      const deadline = spec.activeDeadlineSeconds ?? job?.activeDeadlineSeconds;
      if (deadline === undefined)
        yield { object, field: `${path}.activeDeadlineSeconds`, problem: "is not set" };
      if (spec.restartPolicy === undefined || spec.restartPolicy === "Always")
        yield {
          object,
          field: `${path}.restartPolicy`,
          problem: `is ${spec.restartPolicy ?? "not set"}`,
        };
    }
  },
};

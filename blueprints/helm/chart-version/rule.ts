import type { Rule } from "../../rule";
import type { Chart } from "../chart";

const SEMANTIC = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[\w.-]+)?(\+[\w.-]+)?$/;

export const rule: Rule<Chart> = {
  id: "helm/chart-version",
  level: "mandatory",
  title: "The chart has a semantic version, the application's version, and a range of Kubernetes'.",
  reason:
    "helm history can't tell what was deployed, and an old cluster fails in the middle instead of at the start",
  remedy: "set version: MAJOR.MINOR.PATCH, appVersion in quotes, and kubeVersion",
  source: ["FR-037", "FR-054", "Helm Blueprint: versioning policy"],
  *check({ metadata, application }) {
    const object = "Chart.yaml";
    const { version, appVersion, kubeVersion } = metadata;
    if (!SEMANTIC.test(String(version ?? "")))
      yield { object, field: "version", problem: `is ${version ?? "not set"}` };
    if (typeof appVersion !== "string" || appVersion === "")
      yield { object, field: "appVersion", problem: `is no text, but ${appVersion ?? "not set"}` };
    else if (application !== undefined && appVersion !== application)
      yield {
        object,
        field: "appVersion",
        problem: `is ${appVersion}, the application is ${application}`,
      };
    if (typeof kubeVersion !== "string")
      yield { object, field: "kubeVersion", problem: "is not set" };
  },
};

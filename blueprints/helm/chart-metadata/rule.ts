import type { Rule } from "../../rule";
import type { Chart } from "../chart";

const SHORTEST = 20;

export const rule: Rule<Chart> = {
  id: "helm/chart-metadata",
  level: "mandatory",
  title: "Chart.yaml says what the chart is: API v2, its folder's name, a type and a description.",
  reason: "helm list, repositories and people show nothing else",
  remedy: "fill in apiVersion: v2, name, type and description",
  source: ["FR-036", "FR-037", "Helm documentation: charts"],
  *check({ folder, metadata }) {
    const object = "Chart.yaml";
    const { apiVersion, name, type, description } = metadata;
    if (apiVersion !== "v2")
      yield { object, field: "apiVersion", problem: `is ${apiVersion ?? "not set"}` };
    if (name !== folder)
      yield { object, field: "name", problem: `is ${name ?? "not set"}, in the folder ${folder}` };
    if (type !== "application" && type !== "library")
      yield { object, field: "type", problem: `is ${type ?? "not set"}` };
    if (String(description ?? "").length < SHORTEST)
      yield { object, field: "description", problem: "says nothing" };
  },
};

import { dockerfileRules, imageRules } from "./docker";
import { helmRules } from "./helm";
import { kubernetesRules } from "./kubernetes";
import type { Blueprint, RuleFacts } from "./rule";

/** What is told of every rule, by blueprint. */
export const rules: Readonly<Record<Blueprint, readonly RuleFacts[]>> = {
  docker: [...dockerfileRules, ...imageRules],
  kubernetes: kubernetesRules,
  helm: helmRules,
};

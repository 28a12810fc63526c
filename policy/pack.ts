/** The blueprints as a Pulumi policy pack: one policy for each rule, over the stack as a whole. */
import { resolve } from "node:path";
import { PolicyPack, type StackValidationPolicy } from "@pulumi/policy";
import { rules } from "../blueprints";
import { type Violation, violations } from "./resources";

const PROJECT = resolve(__dirname, "..");

/** What was found in the stack that is validated: the policies of one run look at the same resources. */
let looked: { resources: unknown; found: Violation[] } | undefined;

const policies = Object.values(rules)
  .flat()
  .map(
    ({ id, level, title, reason, remedy, source }): StackValidationPolicy => ({
      name: id.replace("/", "-"),
      description: `${title} Else ${reason}. Source: ${source.join("; ")}.`,
      enforcementLevel: level,
      remediationSteps: remedy,
      validateStack({ resources }, report) {
        if (looked?.resources !== resources)
          looked = { resources, found: violations(resources, PROJECT) };
        for (const { finding, urn } of looked.found)
          if (finding.rule.id === id)
            report(
              `${finding.object}, ${finding.field}: ${finding.problem}. To do: ${remedy}.`,
              urn,
            );
      },
    }),
  );

new PolicyPack("todo-app-blueprints", { policies });

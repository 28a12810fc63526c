import type { Rule } from "../rule";
import type { Chart } from "./chart";
import { rule as chartFiles } from "./chart-files/rule";
import { rule as chartMetadata } from "./chart-metadata/rule";
import { rule as chartVersion } from "./chart-version/rule";
import { rule as defaultTags } from "./default-tags/rule";
import { rule as dependenciesLocked } from "./dependencies-locked/rule";
import { rule as environments } from "./environments/rule";
import { rule as namesFromRelease } from "./names-from-release/rule";
import { rule as noSecretValues } from "./no-secret-values/rule";
import { rule as overridesKnown } from "./overrides-known/rule";
import { rule as readmeComplete } from "./readme-complete/rule";
import { rule as repeatableTemplates } from "./repeatable-templates/rule";
import { rule as valuesDocumented } from "./values-documented/rule";
import { rule as valuesGrouped } from "./values-grouped/rule";
import { rule as valuesInSchema } from "./values-in-schema/rule";

/** The Helm blueprint. */
export const helmRules: readonly Rule<Chart>[] = [
  chartFiles,
  chartMetadata,
  chartVersion,
  defaultTags,
  dependenciesLocked,
  environments,
  namesFromRelease,
  noSecretValues,
  overridesKnown,
  readmeComplete,
  repeatableTemplates,
  valuesDocumented,
  valuesGrouped,
  valuesInSchema,
];

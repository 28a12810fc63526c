import type { Rule } from "../../rule";
import type { Chart } from "../chart";

const WANTED: readonly [RegExp, string][] = [
  [/^README\.md$/, "README.md"],
  [/^values\.schema\.json$/, "values.schema.json"],
  [/^\.helmignore$/, ".helmignore"],
  [/^templates\/NOTES\.txt$/, "templates/NOTES.txt"],
  [/^templates\/_helpers\.tpl$/, "templates/_helpers.tpl"],
  [/^templates\/tests\/.+\.ya?ml$/, "templates/tests/"],
];

export const rule: Rule<Chart> = {
  id: "helm/chart-files",
  level: "mandatory",
  title: "A chart has notes, helpers, a README, a schema, an ignore file and a test.",
  reason: "they tell a stranger how to install it, that a value is wrong, and whether it works",
  remedy: "add the file; helm create shows the usual form of each",
  source: ["FR-049", "FR-050", "FR-051", "Helm Blueprint: chart structure", "chart-testing"],
  *check({ files, metadata }) {
    if (metadata.type === "library") return;
    for (const [pattern, name] of WANTED)
      if (!files.some((file) => pattern.test(file)))
        yield { object: name, field: "(file)", problem: "is missing" };
  },
};

import type { Rule } from "../../rule";
import { type Chart, leaves } from "../chart";

export const rule: Rule<Chart> = {
  id: "helm/readme-complete",
  level: "mandatory",
  title:
    "The README lists every value, how to install the chart, and what to do when it doesn't start.",
  reason: "it is what a stranger reads before the first install, and in the middle of the night",
  remedy: "generate the table by helm-docs, and add the sections on installing and on troubles",
  source: ["FR-051", "SC-010"],
  *check({ readme, values }) {
    if (readme === "") return; // helm/chart-files says that it is missing
    const object = "README.md";
    const words = new Set(readme.match(/[\w-]+(\.[\w-]+)*/g));
    const missing = leaves(values).filter((path) => !isNamed(words, path));
    if (missing.length > 0)
      yield { object, field: "values", problem: `lacks ${missing.slice(0, 3).join(", ")}` };
    if (!/helm (install|upgrade)/.test(readme))
      yield { object, field: "installing", problem: "shows no helm install" };
    if (!/^#+ .*(troubl|problem|goes wrong|fail)/im.test(readme))
      yield { object, field: "troubles", problem: "has no such section" };
  },
};

/** Whether a README's words name a value, or an object that it belongs to. */
function isNamed(words: ReadonlySet<string>, path: string): boolean {
  const parts = path.split(".");
  return parts.some((_, index) => {
    const isGroup = index === 0 && parts.length > 1;
    return !isGroup && words.has(parts.slice(0, index + 1).join("."));
  });
}

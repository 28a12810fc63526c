import type { Rule } from "../../rule";
import type { Chart } from "../chart";

/** The name in an object's metadata, with the name's own line. */
const NAME = /^metadata:\n(?:[ \t]+.*\n|\s*\n)*?[ \t]+name:[ \t]*(.+)$/gm;

export const rule: Rule<Chart> = {
  id: "helm/names-from-release",
  level: "mandatory",
  title: "Objects are named by the chart's helpers, and so by their release.",
  reason: "with fixed names a second release in the namespace takes the first one's objects over",
  remedy: 'write name: {{ include "<chart>.fullname" . }}',
  source: ["FR-045", "FR-050", "Helm best practices: names"],
  *check({ templates }) {
    for (const [object, text] of Object.entries(templates)) {
      if (!/\.ya?ml$/.test(object)) continue;
      for (const match of text.matchAll(NAME)) {
        const [whole, name = ""] = match;
        const line = text.slice(0, match.index + whole.length).split("\n").length;
        if (!/\{\{.*(include|template|\.Release\.Name).*\}\}/.test(name))
          yield { object, field: `line ${line}`, problem: `names an object ${name}` };
      }
    }
  },
};

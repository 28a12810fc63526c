import { rules } from ".";
import type { Blueprint, RuleFacts } from "./rule";

const TITLES: Readonly<Record<Blueprint, string>> = {
  docker: "Docker: bases, security, size budget, health contract",
  kubernetes: "Kubernetes: limits, probes, namespaces, rights",
  helm: "Helm: structure, values, versions",
};

/** docs/blueprints.md, made from the rules themselves. */
export function document(): string {
  const count = Object.values(rules).flat().length;
  const blueprints = Object.keys(TITLES) as Blueprint[];
  const sections = blueprints.flatMap((name) => [`## ${TITLES[name]}`, table(rules[name])]);
  return `${[introduction(count), ...sections].join("\n\n")}\n`;
}

function table(facts: readonly RuleFacts[]): string {
  const rows = facts.map(({ id, level, title, reason, remedy, source }) =>
    [
      `[${id}](../blueprints/${id})`,
      level === "mandatory" ? "**mandatory**" : "advisory",
      `${title} Else ${reason}.`,
      remedy,
      source.join("; "),
    ].map((cell) => cell.replaceAll("|", "\\|").replaceAll("<", "&lt;")),
  );
  const head = [
    ["rule", "level", "what and why", "what to do", "source"],
    ["---", "---", "---", "---", "---"],
  ];
  return [...head, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function introduction(count: number): string {
  return `# Blueprints

<!-- Made from the rules: npm run blueprints:document -->

The policy of this project's images, Kubernetes objects and chart, as ${count} rules that run. Each is a folder of
[blueprints/](../blueprints): \`rule.ts\`, and samples that it must and must not complain of; the tests hold it to both.

- **Before every release.** The program renders the chart and asks the rules before it registers anything else. A
  mandatory finding stops \`npm run up\`, a plain \`pulumi up\` and a rollback with nothing changed: object, field, reason
  and remedy. A rollback makes nothing anew, so that only the rules of Kubernetes look at it.
- **In a preview.** \`npm run preview\` has a section "rules" with what is advisory, and what is accepted; a plain
  \`pulumi preview\` shows the same as a warning.
- **By themselves**, for other charts, Dockerfiles and images as well: \`npm run verify -- --chart DIR [--values FILE]\`,
  \`--dockerfile FILE\`, \`--image NAME\`; without any of these, what runs on the stack's cluster, and \`helm test\`.
- **As a policy pack** for Pulumi's own reporting: \`pulumi preview --policy-pack policy\`,
  \`pulumi policy analyze --policy-pack policy --stack dev\` ([policy/](../policy)).

## Exceptions

A finding may be accepted for a while, in the stack's configuration (\`Pulumi.<stack>.yaml\`):

\`\`\`yaml
config:
  todo-app:blueprintExceptions:
    - rule: kubernetes/resources
      object: Deployment/todo-app-backend # left out: every object
      reason: the load test shows next week what it needs
      until: 2026-12-31
\`\`\`

It is shown in every preview with its reason. After its last day (UTC) the finding is mandatory again, and the refusal
names the exception that has ended. One that accepts nothing is shown too, so that it is taken out.`;
}

import type { Found, Rule } from "../../rule";
import type { Dockerfile } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/bases-pinned",
  level: "mandatory",
  title: "Every base image is named by a version or a digest.",
  reason: "the same commit builds another image tomorrow, and nobody has changed anything",
  remedy: "write the version into the tag, such as python:3.11-slim, or add @sha256:…",
  source: ["FR-008", "CIS Docker 4.2", "hadolint DL3006, DL3007"],
  *check({ name: object, stages }) {
    const names = new Set(stages.flatMap(({ name }, index) => [name.toLowerCase(), `${index}`]));
    const found = (line: number, problem: string): Found => ({
      ...{ object, field: `line ${line}`, problem },
    });
    for (const { base, from, instructions } of stages) {
      const bases = [
        { base, line: from.line },
        ...instructions.flatMap(({ flags, line }) =>
          [flags.from, /(?:^|,)from=([^,]+)/.exec(flags.mount ?? "")?.[1]].flatMap((each) =>
            each ? [{ base: each, line }] : [],
          ),
        ),
      ];
      for (const each of bases) {
        if (each.base === "scratch" || names.has(each.base.toLowerCase())) continue;
        const problem = problemOf(each.base);
        if (problem) yield found(each.line, problem);
      }
    }
  },
};

function problemOf(base: string): string | undefined {
  if (/@sha256:[0-9a-f]{64}$/.test(base)) return undefined;
  const tag = /:([^/:]+)$/.exec(base)?.[1];
  if (base.includes("$")) return `takes its base from ${base}`;
  if (tag === undefined) return `has no tag on ${base}`;
  return /\d/.test(tag) ? undefined : `has no version in ${base}`;
}

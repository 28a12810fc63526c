import type { Rule } from "../../rule";
import type { Dockerfile } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/bases-pinned",
  level: "mandatory",
  title: "Every base image is named by a version or a digest.",
  reason: "the same commit builds another image tomorrow, and nobody has changed anything",
  remedy: "write the version into the tag, such as python:3.11-slim, or add @sha256:…",
  source: ["FR-008", "CIS Docker 4.2", "hadolint DL3006, DL3007"],
  *check({ name: object, stages }) {
    const names = new Set(["scratch", ...stages.map(({ name }) => name)]);
    for (const { base, from } of stages) {
      const field = `line ${from.line}`;
      if (names.has(base) || /@sha256:[0-9a-f]{64}$/.test(base)) continue;
      const tag = /:([^/:]+)$/.exec(base)?.[1];
      if (base.includes("$")) yield { object, field, problem: `takes its base from ${base}` };
      else if (tag === undefined) yield { object, field, problem: `has no tag on ${base}` };
      else if (!/\d/.test(tag)) yield { object, field, problem: `has no version in ${base}` };
    }
  },
};

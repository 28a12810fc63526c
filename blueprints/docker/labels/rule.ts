import type { Rule } from "../../rule";
import { assignments, type Dockerfile, finalStage, lineage } from "../dockerfile";

const WANTED = ["title", "description", "licenses"].map(
  (name) => `org.opencontainers.image.${name}`,
);

export const rule: Rule<Dockerfile> = {
  id: "docker/labels",
  level: "advisory",
  title: "The image says what it is, by the labels of the OCI.",
  reason: "whoever finds it in a registry or on a node knows nothing but its name",
  remedy: 'add LABEL org.opencontainers.image.title="…", .description and .licenses',
  source: ["OCI image specification: annotations", "Docker documentation: object labels"],
  *check(dockerfile) {
    const final = finalStage(dockerfile);
    const set = lineage(dockerfile, final)
      .flatMap(({ instructions }) => instructions.filter(({ keyword }) => keyword === "LABEL"))
      .flatMap((each) => assignments(each).map(([name]) => name));
    const missing = WANTED.filter((name) => !set.includes(name));
    if (missing.length > 0)
      yield {
        object: dockerfile.name,
        field: `line ${final?.from.line ?? 1}`,
        problem: `lacks ${missing.join(", ")}`,
      };
  },
};

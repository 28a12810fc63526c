import type { Rule } from "../../rule";
import { type Dockerfile, effective, finalStage } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/exposed-port",
  level: "mandatory",
  title: "The image tells its port, one that needs no rights.",
  reason:
    "docker run --publish-all and people find it by that; below 1024 a plain user can't listen everywhere",
  remedy: "add EXPOSE with the port that the program listens on by default",
  source: ["FR-005", "FR-006", "hadolint DL3011"],
  *check(dockerfile) {
    const { name: object } = dockerfile;
    const exposed = effective(dockerfile, "EXPOSE");
    const last = finalStage(dockerfile)?.from.line ?? 1;
    if (exposed === undefined) yield { object, field: `line ${last}`, problem: "has no EXPOSE" };
    for (const word of exposed?.words ?? []) {
      const port = Number.parseInt(word, 10);
      if (port < 1024 || port > 65535)
        yield { object, field: `line ${exposed?.line}`, problem: `exposes ${word}` };
    }
  },
};

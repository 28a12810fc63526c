import type { Rule } from "../../rule";
import type { Dockerfile, Instruction } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/no-remote-scripts",
  level: "mandatory",
  title: "A build runs nothing that it downloads unchecked.",
  reason: "whoever owns that address on the day of the build owns the image",
  remedy:
    "install from a package registry with a lock file, or ADD --checksum=sha256:… a fixed version",
  source: ["CIS Docker 4.11", "hadolint DL3020, DL4006"],
  *check({ name: object, stages }) {
    for (const each of stages.flatMap(({ instructions }) => instructions)) {
      const problem = problemOf(each);
      if (problem) yield { object, field: `line ${each.line}`, problem };
    }
  },
};

function problemOf({ keyword, text, words, flags }: Instruction): string | undefined {
  if (keyword === "RUN" && /\b(curl|wget)\b[^|;&]*\|\s*(sudo\s+)?(ba|da|z)?sh\b/.test(text))
    return "pipes a download into a shell";
  const isRemote = words.slice(0, -1).some((word) => /^https?:\/\//.test(word));
  if (keyword === "ADD" && isRemote && flags.checksum === undefined)
    return "adds a download without a checksum";
  return undefined;
}

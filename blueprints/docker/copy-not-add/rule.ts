import type { Rule } from "../../rule";
import type { Dockerfile } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/copy-not-add",
  level: "advisory",
  title: "Files of the context are copied by COPY.",
  reason:
    "ADD unpacks archives and follows URLs: what it does depends on what the file happens to be",
  remedy: "write COPY in place of ADD",
  source: ["CIS Docker 4.9", "hadolint DL3020"],
  *check({ name: object, stages }) {
    for (const { keyword, words, line } of stages.flatMap(({ instructions }) => instructions))
      if (keyword === "ADD" && !words.some((word) => /^https?:\/\/|^git@/.test(word)))
        yield { object, field: `line ${line}`, problem: `adds ${words[0]}` };
  },
};

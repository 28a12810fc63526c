import type { Rule } from "../../rule";
import { commands, type Dockerfile, type Instruction } from "../dockerfile";
import { installs } from "../installs";

export const rule: Rule<Dockerfile> = {
  id: "docker/dependencies-first",
  level: "mandatory",
  title: "Dependencies are installed before the application's code is copied.",
  reason: "with the code in the layer below, every edit of a line installs everything anew",
  remedy: "copy the lock file alone, install, and copy the code afterwards",
  source: ["FR-011", "Docker documentation: build cache"],
  *check({ name: object, stages }) {
    for (const { instructions } of stages)
      for (const [index, run] of instructions.entries()) {
        if (run.keyword !== "RUN" || !commands(run).some((words) => installs(words))) continue;
        const copied = instructions.slice(0, index).find(copiesFolder);
        if (copied)
          yield {
            object,
            field: `line ${run.line}`,
            problem: `installs after line ${copied.line} has copied ${copied.words[0]}`,
          };
      }
  },
};

/** Whether it takes more than named files from the build context. */
function copiesFolder({ keyword, words, flags }: Instruction): boolean {
  if ((keyword !== "COPY" && keyword !== "ADD") || flags.from !== undefined) return false;
  return words.slice(0, -1).some((word) => !/\.[\w*]+$|file$/i.test(word));
}

import type { Rule } from "../../rule";
import { assignments, type Dockerfile, effective, finalStage, lineage } from "../dockerfile";

const WANTED = ["PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"];

export const rule: Rule<Dockerfile> = {
  id: "docker/python-environment",
  level: "mandatory",
  title: "Python writes its log at once, and no bytecode.",
  reason:
    "buffered lines are lost with the container; bytecode can't be written to a read-only file system",
  remedy: "set ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 in the final stage",
  source: ["FR-010"],
  *check(dockerfile) {
    const final = finalStage(dockerfile);
    const stages = lineage(dockerfile, final);
    const started = effective(dockerfile, "CMD") ?? effective(dockerfile, "ENTRYPOINT");
    const isPython =
      /(^|\/)python(:|@|$)/.test(stages.at(-1)?.base ?? "") ||
      /\b(python|uvicorn|gunicorn|flask|celery)[\d.]*\b/.test(started?.text ?? "");
    if (!isPython || final === undefined) return;
    const set = stages
      .flatMap(({ instructions }) => instructions.filter(({ keyword }) => keyword === "ENV"))
      .flatMap((each) =>
        assignments(each)
          .filter(([, value]) => value)
          .map(([name]) => name),
      );
    for (const name of WANTED.filter((each) => !set.includes(each)))
      yield {
        object: dockerfile.name,
        field: `line ${final.from.line}`,
        problem: `doesn't set ${name}`,
      };
  },
};

import type { Rule } from "../../rule";
import { type Dockerfile, effective, finalStage, isShellName } from "../dockerfile";

export const rule: Rule<Dockerfile> = {
  id: "docker/exec-form",
  level: "mandatory",
  title: "The program is process 1, started without a shell.",
  reason: "a shell doesn't pass SIGTERM on: the program is killed in the middle of its requests",
  remedy: 'write CMD ["python", "-m", "app"], as a list',
  source: ["FR-034", "SC-011", "hadolint DL3025"],
  *check(dockerfile) {
    const { name: object } = dockerfile;
    const started = [effective(dockerfile, "ENTRYPOINT"), effective(dockerfile, "CMD")];
    for (const each of started.filter((one) => one !== undefined))
      if (!each.isExec || isShell(each.words))
        yield { object, field: `line ${each.line}`, problem: `is ${each.keyword} ${each.text}` };
    const last = finalStage(dockerfile)?.from.line ?? 1;
    if (!started.some((one) => one !== undefined))
      yield { object, field: `line ${last}`, problem: "has neither CMD nor ENTRYPOINT" };
  },
};

function isShell([program = "", flag = "", script = ""]: readonly string[]): boolean {
  return isShellName(program) && /^-\w*c$/.test(flag) && !/^exec /.test(script.trim());
}

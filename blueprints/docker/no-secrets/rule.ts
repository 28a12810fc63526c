import type { Found, Rule } from "../../rule";
import { isSecretName, secretGivenIn, secretIn } from "../../secrets";
import { assignments, type Dockerfile, type Instruction } from "../dockerfile";

/** Files that hold credentials, by their usual names. */
const SECRET_FILE =
  /(^|\/)(\.env(\.(?!example$)[\w.-]*)?|id_(rsa|dsa|ed25519|ecdsa)|\.netrc|\.pgpass|\.pypirc|\.git-credentials|\.aws\/credentials|\.docker\/config\.json|\.kube\/config|[\w.-]*\.(pem|key|p12|pfx))$/;
const TEXTS = ["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "LABEL"];

export const rule: Rule<Dockerfile> = {
  id: "docker/no-secrets",
  level: "mandatory",
  title: "No secret is a build argument, a variable or a file of the image.",
  reason:
    "the history keeps every argument, and every layer its files, also those that a later one deletes",
  remedy:
    "use RUN --mount=type=secret for what a build needs, and variables at run time for the rest",
  source: ["SC-003", "SC-012", "CIS Docker 4.10", "Docker: SecretsUsedInArgOrEnv"],
  *check({ name: object, head, stages }) {
    for (const each of [...head, ...stages.flatMap(({ instructions }) => instructions)])
      for (const problem of problemsOf(each))
        yield { object, field: `line ${each.line}`, problem } satisfies Found;
  },
};

function* problemsOf(instruction: Instruction): Iterable<string> {
  const { keyword, text, words } = instruction;
  if (keyword === "ARG" || keyword === "ENV") {
    for (const [name, value = ""] of assignments(instruction)) {
      const kind = secretIn(value);
      if (kind) yield `gives ${name} ${kind}`;
      else if (isSecretName(name)) yield `has ${name}, which every user of the image can read`;
    }
    return;
  }
  if (keyword === "COPY" || keyword === "ADD")
    for (const file of words
      .slice(0, -1)
      .filter((word) => SECRET_FILE.test(word.replace(/[*?]/g, ""))))
      yield `copies ${file}`;
  if (TEXTS.includes(keyword)) {
    const kind = secretIn(text);
    const name = keyword === "LABEL" ? undefined : secretGivenIn(text);
    if (kind) yield `holds ${kind}`;
    else if (name) yield `gives ${name} a value`;
  }
}

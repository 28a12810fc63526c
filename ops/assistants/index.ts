import { UserError } from "../../common/errors";
import type { Runner } from "../desk";
import { ASSISTANTS, type Assistant, type AssistantName, type ModelChoice } from "./assistant";
import { findGordon } from "./gordon";
import { findKagent } from "./kagent";
import { findKubectlAi } from "./kubectl-ai";

export { type Answer, ASSISTANTS, type Assistant, type AssistantName } from "./assistant";

/** How an assistant is looked for. */
export interface Search {
  env: NodeJS.ProcessEnv;
  run: Runner;
  choice: ModelChoice;
}

/** The first of the assistants in this order that is installed; undefined where none is. */
export async function chooseAssistant(
  order: readonly AssistantName[],
  search: Search,
): Promise<Assistant | undefined> {
  for (const name of order) {
    const found = await findAssistant(name, search);
    if (found) return found;
  }
  return undefined;
}

/** The assistant of a name. @throws UserError where there is no such, or it isn't installed */
export async function namedAssistant(name: string, search: Search): Promise<Assistant> {
  const known = ASSISTANTS.find((assistant) => assistant === name);
  if (known === undefined) {
    throw new UserError({
      what: `"${name}" is no assistant that is known here`,
      why: `there are ${ASSISTANTS.join(", ")}`,
      next: "leave --assistant out: one that is installed is chosen",
      exitCode: 64,
    });
  }
  const found = await findAssistant(known, search);
  if (found) return found;
  throw new UserError({
    what: `${known} isn't installed`,
    why: {
      "kubectl-ai":
        "neither PATH nor this project's tools have the version that is known to be held",
      kagent: "there is no kagent on PATH",
      gordon: "this docker has no `docker ai`: it is a part of Docker Desktop",
    }[known],
    next: {
      "kubectl-ai": "npm run ops -- install kubectl-ai",
      kagent: "install kagent (kagent.dev), or ask without --assistant",
      gordon: "install Docker Desktop, or ask without --assistant",
    }[known],
  });
}

function findAssistant(
  name: AssistantName,
  { env, run, choice }: Search,
): Promise<Assistant | undefined> {
  if (name === "kubectl-ai") return findKubectlAi(env, choice);
  return name === "kagent" ? findKagent(env, run) : findGordon(env, run);
}

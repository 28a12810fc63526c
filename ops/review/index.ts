/**
 * Reads what an assistant suggests as a command, and classes it. Only what is understood as a whole may
 * run; the rest is forbidden. No shell ever sees a suggestion.
 */
import { formatCommand, NotPlain, type PlainCommand, parseCommand } from "../command-line";
import { UnknownFlag } from "./arguments";
import { judgeDocker } from "./docker";
import { judgeHelm } from "./helm";
import { judgeKubectl } from "./kubectl";
import { forbidden, type Scope, type Verdict } from "./verdict";

export type { CommandClass, Scope, Verdict } from "./verdict";

const MOST_CHARACTERS = 20_000;

/** A suggestion that was reviewed. */
export interface Reviewed extends Verdict {
  /** The command as it was suggested. */
  suggestion: string;
  /** The command as it would run, with the cluster and the namespace spelled out; absent where forbidden. */
  command?: PlainCommand & {
    /** `argv` and `stdin` as one text, which does the same in a shell. */
    text: string;
  };
}

/** Reviews one suggested command. */
export function review(suggestion: string, scope: Scope): Reviewed {
  if (suggestion.length > MOST_CHARACTERS)
    return {
      suggestion: suggestion.slice(0, MOST_CHARACTERS),
      ...forbidden("is too long to be read"),
    };
  try {
    const plain = parseCommand(suggestion);
    const verdict = judge(plain, scope);
    if (verdict.class === "forbidden") return { suggestion, ...verdict };
    const command = { ...plain, argv: spelledOut(plain.argv, scope) };
    return { suggestion, ...verdict, command: { ...command, text: formatCommand(command) } };
  } catch (error) {
    if (error instanceof NotPlain)
      return { suggestion, ...forbidden(`needs a shell, or hides something: ${error.message}`) };
    if (error instanceof UnknownFlag) return { suggestion, ...forbidden(error.message) };
    throw error;
  }
}

function judge({ argv, stdin }: PlainCommand, scope: Scope): Verdict {
  const [program = "", ...args] = argv;
  if (program === "kubectl") return judgeKubectl(args, scope, stdin);
  if (stdin !== undefined) return forbidden("has a here-document that nothing reads");
  if (program === "helm") return judgeHelm(args, scope);
  if (program === "docker") return judgeDocker(args);
  return forbidden(`"${program}" is none of kubectl, helm and docker`);
}

/** The command with the stack's cluster and namespace, so that nothing depends on the current context. */
function spelledOut(argv: readonly string[], scope: Scope): string[] {
  const [program = "", ...args] = argv;
  const target = {
    kubectl: [`--context=${scope.kubeContext}`, `--namespace=${scope.namespace}`],
    helm: [`--kube-context=${scope.kubeContext}`, `--namespace=${scope.namespace}`],
  }[program];
  return [program, ...args, ...(target ?? [])];
}

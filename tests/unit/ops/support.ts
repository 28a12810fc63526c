import type { RunOptions, RunResult } from "../../../common/run";
import { AuditTrail } from "../../../ops/audit";
import type { Desk, Runner } from "../../../ops/desk";
import { Redactor } from "../../../ops/redact";

/** A program that was called. */
export interface Call {
  line: string;
  options: RunOptions;
}

/** A runner that answers from a list of patterns and remembers what it was asked. */
export class FakeRunner {
  readonly calls: Call[] = [];

  constructor(private readonly answers: readonly (readonly [RegExp, Partial<RunResult>])[] = []) {}

  readonly run: Runner = async (command, args, options = {}) => {
    const line = [command, ...args].join(" ");
    this.calls.push({ line, options });
    const answer = this.answers.find(([pattern]) => pattern.test(line))?.[1];
    const result = answer ?? { code: 127, stderr: `${command}: not found` };
    for (const text of (result.stdout ?? "").split("\n")) if (text !== "") options.onLine?.(text);
    return { code: 0, stdout: "", stderr: "", ...result };
  };

  get lines(): string[] {
    return this.calls.map(({ line }) => line);
  }
}

/** A desk with an engineer who gives these answers; undefined where there is nobody to ask. */
export function deskFor(
  file: string,
  runner: FakeRunner,
  answers: (string | undefined)[] = [],
  redactor = new Redactor(),
): Desk & { shown: string[]; asked: string[] } {
  const shown: string[] = [];
  const asked: string[] = [];
  const waiting = [...answers];
  return {
    stack: "dev",
    scope: { namespace: "todo-app", release: "todo-app", kubeContext: "minikube" },
    env: { PATH: "/bin" },
    run: runner.run,
    redactor,
    audit: new AuditTrail(file, (entry) => redactor.deep(entry)),
    terminal: {
      show: (text) => {
        shown.push(text);
      },
      ask: async (prompt) => {
        asked.push(prompt);
        return waiting.shift();
      },
    },
    shown,
    asked,
  };
}

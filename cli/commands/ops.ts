import { UserError } from "../../common/errors";
import { tryRun } from "../../common/run";
import { engineersKubectl } from "../../ops/access";
import { askQuestion, checkQuestion } from "../../ops/ask";
import { installKubectlAi } from "../../ops/assistants/kubectl-ai";
import { AuditTrail } from "../../ops/audit";
import type { Desk, Runner } from "../../ops/desk";
import { findingsOf } from "../../ops/health/findings";
import { formatReport, isHealthy } from "../../ops/health/report";
import { takeSnapshot } from "../../ops/health/snapshot";
import { history } from "../../ops/history";
import { secretValues } from "../../ops/known-secrets";
import { Redactor } from "../../ops/redact";
import { processTerminal } from "../../ops/terminal";
import { main } from "../main";
import { openSession } from "../session/session";

/** Exit code of a health report with problems in it. */
const EXIT_UNHEALTHY = 2;
const DEFAULT_LIMIT = 20;

const FLAGS = {
  assistant: {
    type: "string",
    help: "kubectl-ai, kagent or gordon; one that is installed unless said",
  },
  provider: { type: "string", help: "kubectl-ai's model provider, such as openai or ollama" },
  model: { type: "string", help: "kubectl-ai's language model" },
  manual: { type: "boolean", help: "only the commands by hand, whatever is installed" },
  json: { type: "boolean", help: "the health report or the history as JSON" },
  limit: {
    type: "string",
    help: `history: the last so many questions, ${DEFAULT_LIMIT} unless said`,
  },
} as const;

main(
  "ops",
  [
    "Without words: how the stack is, by rules and without any AI. Exit code 2 where something is broken.",
    '"a question": what an assistant makes of it; nothing that it suggests runs without your decision.',
    "history: what was asked, suggested, decided and run.",
    "install kubectl-ai: gets that assistant.",
  ].join("\n"),
  FLAGS,
  async (invocation) => {
    const { stack, words } = invocation;
    const [first, second, ...more] = words;
    const json = invocation.flag("json");
    if (first === "history" && second === undefined) {
      const limit = Number(invocation.option("limit") ?? DEFAULT_LIMIT);
      if (!Number.isInteger(limit) || limit < 1) throw wrongLimit(invocation.option("limit") ?? "");
      process.stdout.write(await history({ stack, limit, json }));
      return 0;
    }
    if (first === "install" && second === "kubectl-ai" && more.length === 0) {
      process.stdout.write(`${await installKubectlAi()}\n`);
      return 0;
    }
    const desk = await openDesk(stack);
    if (words.length === 0) return health(desk, json);
    return askQuestion(
      desk,
      {
        text: checkQuestion(words.join(" ")),
        assistant: invocation.option("assistant"),
        manual: invocation.flag("manual"),
      },
      {
        env: desk.env,
        run: desk.run,
        choice: { provider: invocation.option("provider"), model: invocation.option("model") },
      },
    );
  },
  { takesWords: true },
);

async function openDesk(stack: string): Promise<Desk> {
  const { settings, tools } = await openSession(stack);
  const scope = {
    namespace: settings.namespace,
    release: "todo-app",
    kubeContext: settings.kubeContext,
  };
  const { env } = tools;
  const run: Runner = (command, args, options = {}) => tryRun(command, args, { env, ...options });
  const redactor = new Redactor(await secretValues(engineersKubectl(scope, run)));
  const audit = new AuditTrail(undefined, (entry) => redactor.deep(entry));
  return { stack, scope, env, run, redactor, audit, terminal: processTerminal };
}

async function health(desk: Desk, json: boolean): Promise<number> {
  const snapshot = await takeSnapshot(desk.scope, desk.run);
  const findings = findingsOf(snapshot);
  const { release, usage, nodes } = snapshot;
  desk.terminal.show(
    json
      ? JSON.stringify(
          desk.redactor.deep({ release, usage, nodes: nodes.length, findings }),
          null,
          2,
        )
      : formatReport(snapshot, findings, desk.redactor),
  );
  return isHealthy(findings) ? 0 : EXIT_UNHEALTHY;
}

function wrongLimit(limit: string): UserError {
  return new UserError({
    what: `"${limit}" is no number of questions`,
    why: "--limit takes a whole number from 1",
    next: "npm run ops -- history --limit 5",
    exitCode: 64,
  });
}

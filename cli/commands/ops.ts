import { UserError } from "../../common/errors";
import { askQuestion, checkQuestion } from "../../ops/ask";
import { installKubectlAi } from "../../ops/assistants/kubectl-ai";
import { history } from "../../ops/history";
import { EXIT_UNHEALTHY, healthOf, openDesk } from "../health/health";
import { main } from "../main";

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
    "Asks an AI assistant, guarded. Without words: how the stack is, by rules and without any AI; exit code 2 where something is broken.",
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
    if (words.length === 0) {
      const { healthy, text, data } = await healthOf(desk);
      desk.terminal.show(json ? JSON.stringify(data, null, 2) : text);
      return healthy ? 0 : EXIT_UNHEALTHY;
    }
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

function wrongLimit(limit: string): UserError {
  return new UserError({
    what: `"${limit}" is no number of questions`,
    why: "--limit takes a whole number from 1",
    next: "npm run ops -- history --limit 5",
    exitCode: 64,
  });
}

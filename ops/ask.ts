/** A question from beginning to end: whom to ask, what they say, what is decided, what is recorded. */
import { randomUUID } from "node:crypto";
import { messageOf, UserError } from "../common/errors";
import { say } from "../common/progress";
import { type Assistant, chooseAssistant, namedAssistant, type Search } from "./assistants";
import type { Look } from "./audit";
import { type About, decide } from "./decide";
import type { Desk } from "./desk";
import { guideTo, type QuestionGuide } from "./questions";
import { printable } from "./redact";
import { type Reviewed, review } from "./review";
import { commandsIn } from "./suggestions";

/** What an engineer asks, and how. */
export interface Question {
  text: string;
  /** Name of the assistant; one that is installed and fits where absent. */
  assistant?: string | undefined;
  /** Only the commands by hand. */
  manual: boolean;
}

/**
 * Puts a question and sees it through.
 * @returns the exit code: that of the last command that ran and failed, else 0
 * @throws UserError where there is no answer, or nothing could be recorded
 */
export async function askQuestion(desk: Desk, question: Question, search: Search): Promise<number> {
  const guide = guideTo(question.text, desk.scope, desk.stack);
  const assistant = question.manual ? undefined : await pick(question, guide, search);
  const about = aboutOf(desk, question.text, assistant);
  await desk.audit.append({
    ...about,
    event: "question",
    context: `namespace ${desk.scope.namespace}, release ${desk.scope.release}, context ${desk.scope.kubeContext}`,
  });
  if (!assistant) {
    desk.terminal.show(manualText(guide, question.manual));
    return 0;
  }
  say(
    assistant.name === "gordon"
      ? "Gordon runs under your own account; only Docker Desktop's settings keep it from your files …"
      : `${assistant.name} ${assistant.version} looks, by rights that can only look …`,
  );
  const answer = await assistant.ask(desk, question.text).catch(async (error: unknown) => {
    await desk.audit.append({
      ...about,
      event: "answer",
      context: [],
      answer: `none: ${messageOf(error)}`,
      exit_code: 1,
    });
    desk.terminal.show(manualText(guide, false));
    throw error;
  });
  const text = desk.redactor.text(printable(answer.text));
  await desk.audit.append({
    ...about,
    event: "answer",
    context: answer.looks,
    answer: text,
    exit_code: answer.exitCode,
  });
  desk.terminal.show(`\n${text}`);
  const suggestions = distinct(
    [...answer.suggestions, ...commandsIn(answer.text).map((line) => review(line, desk.scope))],
    answer.looks,
  );
  if (suggestions.length === 0) return 0;
  const count = suggestions.length === 1 ? "1 suggestion" : `${suggestions.length} suggestions`;
  desk.terminal.show(`\n${count}; nothing runs without your decision:`);
  let exitCode = 0;
  for (const suggestion of suggestions) {
    const code = await decide(desk, about, suggestion);
    if (code !== undefined && code !== 0) exitCode = code;
  }
  return exitCode;
}

async function pick(
  { assistant }: Question,
  guide: QuestionGuide,
  search: Search,
): Promise<Assistant | undefined> {
  if (assistant === undefined) return chooseAssistant(guide.assistants, search);
  return namedAssistant(assistant, search);
}

function aboutOf(desk: Desk, question: string, assistant: Assistant | undefined): About {
  return {
    question_id: randomUUID(),
    stack: desk.stack,
    namespace: desk.scope.namespace,
    tool: assistant?.name ?? "none",
    tool_version: assistant?.version ?? "",
    model: assistant?.model ?? "",
    question,
  };
}

/** Each command once, without those that the assistant has already run to look. */
function distinct(suggestions: readonly Reviewed[], looks: readonly Look[]): Reviewed[] {
  const seen = new Set(looks.filter(({ ran }) => ran).map(({ command }) => command));
  return suggestions.filter((item) => {
    const keys = [item.suggestion, item.command?.text ?? item.suggestion];
    if (keys.some((key) => seen.has(key))) return false;
    for (const key of keys) seen.add(key);
    return true;
  });
}

/** The commands by hand for a kind of question. */
function manualText(guide: QuestionGuide, wanted: boolean): string {
  const head = wanted
    ? `${guide.title}, by hand:`
    : `no assistant answers; ${guide.title}, by hand:`;
  return [head, ...guide.manual.map((command) => `  ${command}`)].join("\n");
}

/** @throws UserError for a question that says nothing, or too much */
export function checkQuestion(text: string): string {
  const question = printable(text).trim();
  if (question === "" || question.length > 4000) {
    throw new UserError({
      what: "the question can't be put",
      why: question === "" ? "it is empty" : "it has more than 4000 characters",
      next: 'npm run ops -- "why is the back end not ready?"',
      exitCode: 64,
    });
  }
  return question;
}

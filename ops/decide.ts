/** Shows a suggestion to the engineer, asks, runs what was approved, and records each step. */
import { messageOf, UserError } from "../common/errors";
import type { Decision, Entry } from "./audit";
import type { Desk } from "./desk";
import { printable } from "./redact";
import type { Reviewed } from "./review";

/** Characters of output that the audit file keeps of a command. */
const KEPT_OUTPUT = 4_000;

/** What every record of a question says. */
export type About = Pick<
  Entry,
  "question_id" | "stack" | "namespace" | "tool" | "tool_version" | "model" | "question"
>;

/**
 * Asks about one suggestion and runs it where it was approved, with the engineer's own credentials.
 * @returns the exit code of what ran; undefined where nothing did
 * @throws UserError where it couldn't be recorded: then nothing runs
 */
export async function decide(
  desk: Desk,
  about: About,
  reviewed: Reviewed,
): Promise<number | undefined> {
  const { terminal, audit } = desk;
  terminal.show(describe(reviewed));
  const decision = await ask(desk, reviewed);
  const { command } = reviewed;
  const runs = decision === "approved" && command !== undefined;
  if (runs) await audit.requireRoom();
  const decisionId = await audit.append({
    ...about,
    event: "decision",
    suggestion: reviewed.suggestion,
    class: reviewed.class,
    reasons: reviewed.reasons,
    decision,
    command: runs ? command.text : null,
  });
  if (!runs) {
    if (decision !== "forbidden")
      terminal.show(
        decision === "rejected" ? "  not run" : "  not run: there is no terminal to decide at",
      );
    return undefined;
  }
  const [program = "", ...args] = command.argv;
  const result = await desk.run(program, args, {
    env: desk.env,
    ...(command.stdin === undefined ? {} : { input: command.stdin }),
    onLine: (line) => terminal.show(`  ${printable(line)}`),
  });
  const output = `${result.stdout}${result.stderr}`;
  terminal.show(result.code === 0 ? "  ✓ done" : `  ✗ exit code ${result.code}`);
  try {
    await audit.append({
      ...about,
      event: "result",
      decision_id: decisionId,
      command: command.text,
      exit_code: result.code,
      output: output.slice(-KEPT_OUTPUT),
    });
  } catch (error) {
    throw new UserError({
      what: `the command ran (exit code ${result.code}), but its end is not in the audit file`,
      why: messageOf(error),
      next: "make room; the decision itself is recorded",
    });
  }
  return result.code;
}

async function ask(desk: Desk, reviewed: Reviewed): Promise<Decision> {
  const { terminal } = desk;
  if (reviewed.class === "forbidden" || !reviewed.command) return "forbidden";
  if (reviewed.class === "destructive") {
    const name = reviewed.name ?? "";
    const answer = await terminal.ask(`  type ${name} to run it: `);
    if (answer === undefined) return "not asked";
    return name !== "" && answer.trim() === name ? "approved" : "rejected";
  }
  const answer = await terminal.ask("  run it? [y/N] ");
  if (answer === undefined) return "not asked";
  return /^y(es)?$/i.test(answer.trim()) ? "approved" : "rejected";
}

function describe(reviewed: Reviewed): string {
  const text = printable(reviewed.command?.text ?? reviewed.suggestion);
  const mark = reviewed.class === "forbidden" ? "✗" : "→";
  const note =
    reviewed.class === "forbidden"
      ? `forbidden, never runs here: ${reviewed.reasons.join("; ")}`
      : `${reviewed.class}: ${reviewed.reasons.join("; ")}`;
  return `\n${mark} ${text.split("\n").join("\n  ")}\n  ${printable(note)}`;
}

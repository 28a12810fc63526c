import { createInterface } from "node:readline";
import { UserError } from "../../common/errors";

/**
 * Whether a person at the terminal types "yes". Whoever ends the input, or presses Ctrl-C, has not said it.
 * @param output where the question goes: not where the command's answer does, which may be piped on
 * @throws UserError where nobody is there to be asked, as in CI
 */
export async function isConfirmed(
  question: string,
  input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<boolean> {
  if (!input.isTTY)
    throw new UserError({
      what: "nothing was removed",
      why: "nobody is there to be asked: standard input is no terminal",
      next: "npm run destroy -- --everything --yes removes it unasked",
    });
  return new Promise((resolve) => {
    const terminal = createInterface({ input, output });
    terminal.once("close", () => resolve(false));
    terminal.question(question, (answer) => {
      resolve(answer.trim() === "yes");
      terminal.close();
    });
  });
}

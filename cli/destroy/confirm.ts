import { createInterface } from "node:readline";
import { UserError } from "../../common/errors";

/** Milliseconds for what is piped in to arrive. */
const PIPED_MS = 2_000;

/**
 * Whether a person at the terminal types "yes", or it is piped in. Whoever ends the input, or presses Ctrl-C, has not
 * said it.
 * @param output where the question goes: not where the command's answer does, which may be piped on
 * @throws UserError where nobody is there to be asked, as in CI
 */
export async function isConfirmed(
  question: string,
  input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const terminal = createInterface({ input, output });
    const timer = input.isTTY ? undefined : setTimeout(() => terminal.close(), PIPED_MS);
    terminal.once("close", () => {
      clearTimeout(timer);
      if (input.isTTY) resolve(false);
      else reject(nobodyToAsk());
    });
    terminal.question(question, (answer) => {
      resolve(answer.trim() === "yes");
      terminal.close();
    });
  });
}

function nobodyToAsk(): UserError {
  return new UserError({
    what: "nothing was removed",
    why: "nobody is there to be asked: standard input is no terminal, and says nothing",
    next: "npm run destroy -- --everything --yes removes it unasked",
  });
}

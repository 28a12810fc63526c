import { createInterface } from "node:readline";

/**
 * Whether a person at the terminal types "yes"; true where nobody is there to be asked, as in CI. Whoever ends the input,
 * or presses Ctrl-C, has not said it.
 * @param output where the question goes: not where the command's answer does, which may be piped on
 */
export function isConfirmed(
  question: string,
  input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<boolean> {
  if (!input.isTTY) return Promise.resolve(true);
  return new Promise((resolve) => {
    const terminal = createInterface({ input, output });
    terminal.once("close", () => resolve(false));
    terminal.question(question, (answer) => {
      resolve(answer.trim() === "yes");
      terminal.close();
    });
  });
}

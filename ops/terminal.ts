import { createInterface } from "node:readline/promises";

const EXIT_INTERRUPTED = 130;

/** Where the engineer reads and decides. */
export interface Terminal {
  /** Shows text on standard output. */
  show(text: string): void;
  /** One line of an answer; undefined where nobody can be asked. */
  ask(prompt: string): Promise<string | undefined>;
}

/** The terminal that this process runs in. Answers come from a person: a pipe is not asked. */
export const processTerminal: Terminal = {
  show: (text) => {
    process.stdout.write(`${text}\n`);
  },
  ask: async (prompt) => {
    if (process.stdin.isTTY !== true) return undefined;
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    const closed = new Promise<string>((resolve) => lines.once("close", () => resolve(""))); // Ctrl-D
    lines.once("SIGINT", () => process.exit(EXIT_INTERRUPTED));
    try {
      return await Promise.race([lines.question(prompt), closed]);
    } finally {
      lines.close();
    }
  },
};

import { styleText } from "node:util";

/** A key that the loop reacts to. */
export type Key = "open" | "restart" | "update" | "quit";

const KEYS: Readonly<Record<string, Key>> = {
  o: "open",
  r: "restart",
  u: "update",
  q: "quit",
  "\u0003": "quit", // Ctrl-C, which is a key like any other in raw mode
};
const HELP = "o open · r restart · u update the images · q leave";

/** What stands at the foot of the screen for each component. */
export interface Status {
  name: string;
  pod: string;
  /** The tree that is served, and what became of the last edit. */
  text: string;
  good: boolean;
}

/** Where the loop's lines go, and where keys come from. */
export interface Terminal {
  line(text: string): void;
  /** Shows how things stand, where there is a place for it. */
  status(statuses: readonly Status[]): void;
  /** Calls for each key, where there is a keyboard. */
  keys(onKey: (key: Key) => void): void;
  close(): void;
}

/** The terminal that fits: a screen with keys where there is one, plain lines elsewhere. */
export function terminal(
  input: NodeJS.ReadStream = process.stdin,
  output: NodeJS.WriteStream = process.stdout,
): Terminal {
  return input.isTTY && output.isTTY ? new Screen(input, output) : new Lines(output);
}

/** One line after the other, for a pipe, a file or CI. */
export class Lines implements Terminal {
  constructor(private readonly output: NodeJS.WritableStream) {}

  line(text: string): void {
    this.output.write(`${text}\n`);
  }

  status(): void {
    // Every change of it is a line already.
  }

  keys(): void {
    // A signal ends the loop.
  }

  close(): void {
    // Nothing to put right.
  }
}

/** Lines that scroll above a foot with the state of each component and the keys. */
class Screen implements Terminal {
  private foot: string[] = [];
  private shown = 0;
  private onData: ((data: string) => void) | undefined;

  constructor(
    private readonly input: NodeJS.ReadStream,
    private readonly output: NodeJS.WriteStream,
  ) {}

  line(text: string): void {
    this.output.write(`${this.erased()}${text}\n${this.drawn()}`);
  }

  status(statuses: readonly Status[]): void {
    const width = (this.output.columns ?? 80) - 1;
    const rule = styleText("dim", "─".repeat(width));
    const rows = statuses.map(({ name, pod, text, good }) => {
      const mark = good ? styleText("green", "●") : styleText("red", "●");
      // A row that wraps would count as one when the foot is erased.
      const room = width - 2;
      const told = `${name.padEnd(9)} ${text}  `.slice(0, room);
      return `${mark} ${told}${styleText("dim", pod.slice(0, room - told.length))}`;
    });
    this.foot = [rule, ...rows, styleText("dim", HELP.slice(0, width))];
    this.output.write(`${this.erased()}${this.drawn()}`);
  }

  keys(onKey: (key: Key) => void): void {
    this.onData = (data) => {
      for (const character of data) {
        const key = KEYS[character.toLowerCase()];
        if (key) onKey(key);
      }
    };
    this.input.setRawMode(true);
    this.input.setEncoding("utf8").on("data", this.onData).resume();
  }

  close(): void {
    if (this.onData) this.input.off("data", this.onData);
    this.input.setRawMode(false);
    this.input.pause();
    this.output.write(this.erased());
    this.foot = [];
  }

  private erased(): string {
    const lines = this.shown;
    this.shown = 0;
    return lines === 0 ? "" : `\u001b[${lines}A\u001b[0J`;
  }

  private drawn(): string {
    this.shown = this.foot.length;
    return this.foot.map((line) => `${line}\n`).join("");
  }
}

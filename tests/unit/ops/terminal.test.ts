import { EventEmitter } from "node:events";
import { createInterface } from "node:readline/promises";
import { processTerminal } from "../../../ops/terminal";

jest.mock("node:readline/promises", () => ({ createInterface: jest.fn() }));

/** The reader of a terminal's lines, and how it was used. */
class Lines extends EventEmitter {
  answer: (text: string) => void = () => undefined;
  readonly close = jest.fn();
  readonly question = jest.fn(
    (_prompt: string) =>
      new Promise<string>((resolve) => {
        this.answer = resolve;
      }),
  );
}

let lines: Lines;
let isTerminal: boolean;

beforeEach(() => {
  lines = new Lines();
  isTerminal = process.stdin.isTTY;
  process.stdin.isTTY = true;
  jest
    .mocked(createInterface)
    .mockReset()
    .mockReturnValue(lines as never);
});
afterEach(() => {
  process.stdin.isTTY = isTerminal;
  jest.restoreAllMocks();
});

test("what is shown ends its line", () => {
  const written = jest.spyOn(process.stdout, "write").mockReturnValue(true);
  processTerminal.show("✓ healthy");
  expect(written).toHaveBeenCalledWith("✓ healthy\n");
});

describe("a question", () => {
  test("is answered by a line, and nothing waits for more afterwards", async () => {
    const answer = processTerminal.ask("run it? ");
    expect(lines.question).toHaveBeenCalledWith("run it? ");
    expect(lines.close).not.toHaveBeenCalled();
    lines.answer("y");
    expect(await answer).toBe("y");
    expect(lines.close).toHaveBeenCalledTimes(1);
  });

  test("is answered by nothing at Ctrl-D", async () => {
    const answer = processTerminal.ask("run it? ");
    lines.emit("close");
    expect(await answer).toBe("");
  });

  test("ends the command with 130 at Ctrl-C", () => {
    const exit = jest.spyOn(process, "exit").mockReturnValue(undefined as never);
    void processTerminal.ask("run it? ");
    lines.emit("SIGINT");
    expect(exit).toHaveBeenCalledWith(130);
  });

  test("goes to no pipe: nobody is there who could decide", async () => {
    process.stdin.isTTY = false;
    expect(await processTerminal.ask("run it? ")).toBeUndefined();
    expect(createInterface).not.toHaveBeenCalled();
  });
});

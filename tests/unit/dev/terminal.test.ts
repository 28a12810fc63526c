import { EventEmitter } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { type Key, type Status, type Terminal, terminal } from "../../../dev/terminal";

class Keyboard extends EventEmitter {
  isTTY = true;
  readonly modes: (boolean | string)[] = [];
  setRawMode(raw: boolean): this {
    this.modes.push(raw);
    return this;
  }
  setEncoding(encoding: string): this {
    this.modes.push(encoding);
    return this;
  }
  resume(): this {
    this.modes.push("resumed");
    return this;
  }
  pause(): this {
    this.modes.push("paused");
    return this;
  }
}

const GOOD: Status = { name: "backend", pod: "backend-1", text: "serves 12:01", good: true };
let keyboard: Keyboard;
let written: string[];

function shown(columns: number | undefined, isTTY = true): Terminal {
  const screen = { isTTY, columns, write: (text: string) => written.push(text) };
  return terminal(keyboard as never, screen as never);
}

beforeEach(() => {
  keyboard = new Keyboard();
  written = [];
});

describe("without a screen or a keyboard", () => {
  test.each([
    ["a pipe", true, false],
    ["CI", false, true],
  ])("as in %s, there are lines alone", (_, input, output) => {
    keyboard.isTTY = input;
    const lines = shown(80, output);
    lines.keys(() => undefined);
    lines.status([GOOD]);
    lines.line("· saved");
    lines.close();
    expect(written).toEqual(["· saved\n"]);
    expect(keyboard.modes).toEqual([]);
  });
});

describe("on a screen", () => {
  test("the foot has each component, how it stands, and the keys", () => {
    shown(72).status([GOOD, { ...GOOD, name: "frontend", pod: "frontend-1", good: false }]);
    const [text = ""] = written;
    expect(stripVTControlCharacters(text)).toBe(
      [
        "─".repeat(71),
        "● backend   serves 12:01  backend-1",
        "● frontend  serves 12:01  frontend-1",
        "o open · r restart · u update the images · q leave",
        "",
      ].join("\n"),
    );
  });

  test.each([
    [20, "● backend   xxxxxxx"],
    [80, `● backend   ${"x".repeat(60)}  backe`],
  ])("of %i columns nothing is wider: what wraps can't be erased", (columns, row) => {
    shown(columns).status([{ ...GOOD, text: "x".repeat(60) }]);
    const lines = stripVTControlCharacters(written.join("")).split("\n");
    expect(lines[1]).toBe(row);
    for (const line of lines) expect(line.length).toBeLessThan(columns);
  });

  test("a line scrolls above the foot, which is drawn again", () => {
    const screen = shown(72);
    screen.line("· first");
    expect(written).toEqual(["· first\n"]);
    screen.status([GOOD]);
    const foot = written[1] ?? "";
    screen.line("· second");
    // Three lines of foot go, the line comes, and the foot again.
    expect(written[2]).toBe(`\u001b[3A\u001b[0J· second\n${foot}`);
    screen.status([GOOD, GOOD]);
    expect(written[3]?.startsWith("\u001b[3A\u001b[0J")).toBe(true);
    screen.line("· third");
    expect(written[4]?.startsWith("\u001b[4A\u001b[0J· third\n")).toBe(true);
  });

  test("keys are known, in capitals too, and others do nothing", () => {
    const keys: Key[] = [];
    shown(72).keys((key) => keys.push(key));
    expect(keyboard.modes).toEqual([true, "utf8", "resumed"]);
    keyboard.emit("data", "or");
    keyboard.emit("data", "Ux ?");
    keyboard.emit("data", "q\u0003");
    expect(keys).toEqual(["open", "restart", "update", "quit", "quit"]);
  });

  test("leaving takes the foot away, and gives the keyboard back", () => {
    const keys: Key[] = [];
    const screen = shown(72);
    screen.keys((key) => keys.push(key));
    screen.status([GOOD]);
    screen.close();
    expect(keyboard.modes.slice(-2)).toEqual([false, "paused"]);
    expect(written.at(-1)).toBe("\u001b[3A\u001b[0J");
    keyboard.emit("data", "o");
    expect(keys).toEqual([]);
    screen.line("· bye");
    expect(written.at(-1)).toBe("· bye\n");
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { describeError, log } from "./log";

describe("log", () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    vi.useFakeTimers({ now: new Date("2030-01-01T00:00:00Z") });
    vi.spyOn(process.stdout, "write").mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is one object a line, with when, how bad and what", () => {
    log("error", "proxy.failed", { status: 503 });
    log("info", "server.started");
    expect(lines).toEqual([
      '{"timestamp":"2030-01-01T00:00:00.000Z","level":"error","event":"proxy.failed","status":503}\n',
      '{"timestamp":"2030-01-01T00:00:00.000Z","level":"info","event":"server.started"}\n',
    ]);
  });

  it.each([
    [undefined, ["info", "warning", "error"]],
    ["", ["info", "warning", "error"]],
    ["nonsense", ["info", "warning", "error"]],
    ["debug", ["debug", "info", "warning", "error"]],
    [" INFO ", ["info", "warning", "error"]],
    ["warning", ["warning", "error"]],
    ["warn", ["warning", "error"]],
    ["error", ["error"]],
  ])("is written from a level on: LOG_LEVEL=%s", (level, written) => {
    vi.stubEnv("LOG_LEVEL", level);
    for (const each of ["debug", "info", "warning", "error"] as const) log(each, "x");
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(written);
  });
});

it.each<[string, unknown, object]>([
  ["its message", new Error("broke"), { error: "broke" }],
  [
    "why it came about",
    new Error("broke", { cause: new Error("dead") }),
    { error: "broke", cause: "dead" },
  ],
  ["no cause that is no error", new Error("broke", { cause: "dead" }), { error: "broke" }],
  ["its name where it has no words", new DOMException("", "AbortError"), { error: "AbortError" }],
  ["what was thrown in its place", "oops", { error: "oops" }],
])("of an error a line tells %s", (_, error, told) => {
  expect(describeError(error)).toEqual(told);
});

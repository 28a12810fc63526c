import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { runUntil } from "../../../ops/assistants/run-until";

jest.mock("node:child_process", () => {
  const actual = jest.requireActual<typeof import("node:child_process")>("node:child_process");
  return { ...actual, spawn: jest.fn(actual.spawn) };
});

const script = (code: string, isDone: () => boolean, timeoutMs = 20_000) =>
  runUntil(process.execPath, ["-e", code], {
    cwd: process.cwd(),
    env: {},
    timeoutMs,
    isDone: async () => isDone(),
  });

describe("a program that may not end", () => {
  it("is let end by itself", async () => {
    const result = await script(
      "console.log('out'); console.error('err'); process.exitCode = 3",
      () => false,
    );
    expect(result).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("is ended when it is done, and that is a success", async () => {
    const result = await script("console.log('answer'); setInterval(() => {}, 1000)", () => true);
    expect(result).toMatchObject({ code: 0, stdout: "answer\n" });
  });

  it("is ended after its time, even when it won't hear of it", async () => {
    const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
    expect((await script(deaf, () => false, 500)).code).toBe(124);
  });

  it("may not be there", async () => {
    const options = { cwd: "/", env: {}, timeoutMs: 1000, isDone: async () => false };
    expect((await runUntil("/no/such/program", [], options)).code).toBe(127);
  });
});

/** A program that says what it is told to, and closes when it is ended. */
class Program extends EventEmitter {
  readonly stdout = Object.assign(new EventEmitter(), { setEncoding: () => this.stdout });
  readonly stderr = Object.assign(new EventEmitter(), { setEncoding: () => this.stderr });
  readonly kill = jest.fn((_signal: string) => this.emit("close", null));
}

describe("a program that is done, or silent", () => {
  let program: Program;
  let isDone: boolean;
  let ended: Promise<{ code: number; stdout: string }>;

  beforeEach(() => {
    jest.useFakeTimers();
    [program, isDone] = [new Program(), false];
    jest.mocked(spawn).mockReturnValueOnce(program as never);
    ended = script("", () => isDone, 60_000);
  });
  afterEach(() => jest.useRealTimers());

  it("may think for long: silence alone ends nothing", async () => {
    await jest.advanceTimersByTimeAsync(30_000);
    expect(program.kill).not.toHaveBeenCalled();
    program.stdout.emit("data", "answer");
    program.emit("close", 0);
    expect(await ended).toMatchObject({ code: 0, stdout: "answer" });
  });

  it("may still write when it is done, and is ended two quiet seconds later", async () => {
    isDone = true;
    for (let second = 0; second < 5; second += 1) {
      await jest.advanceTimersByTimeAsync(1000);
      program.stdout.emit("data", ".");
    }
    expect(program.kill).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(4000);
    expect(program.kill).toHaveBeenCalledWith("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stdout: "....." });
  });

  it("that isn't done after all goes on", async () => {
    isDone = true;
    await jest.advanceTimersByTimeAsync(1000);
    isDone = false;
    await jest.advanceTimersByTimeAsync(20_000);
    expect(program.kill).not.toHaveBeenCalled();
    program.emit("close", 0);
    await ended;
  });
});

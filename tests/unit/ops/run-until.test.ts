import { runUntil } from "../../../ops/assistants/run-until";

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

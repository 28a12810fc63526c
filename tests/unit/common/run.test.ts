import { createReadStream, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { run, tryRun } from "../../../common/run";
import { folderWith } from "../support/folder";

describe("a command that is run", () => {
  it("has ended after its time, whatever it has started goes on with its output open", async () => {
    const began = Date.now();
    const result = await tryRun("sh", ["-c", "echo begun; sleep 20"], { timeoutMs: 300 });
    expect(result).toMatchObject({ code: 124, stdout: "begun\n" });
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it.each([
    ["SEGV", 139],
    ["ABRT", 134],
    ["TERM", 143],
  ])("tells by its code that SIG%s has ended it", async (signal, code) => {
    expect((await tryRun("sh", ["-c", `kill -s ${signal} $$`])).code).toBe(code);
  });

  it("fails where its input can't be read, and doesn't take this process with it", async () => {
    const missing = createReadStream(join(folderWith({}), "archive.tar"));
    const result = await tryRun("cat", [], { input: missing });
    expect(result.code).toBe(74);
    expect(result.stderr).toMatch(/its input can't be read: .*ENOENT/);
  });

  it("doesn't count as done where its input broke off in the middle", async () => {
    async function* half(): AsyncGenerator<Buffer> {
      yield Buffer.from("the first half");
      throw new Error("the disk is gone");
    }
    const result = await tryRun("sh", ["-c", "cat >/dev/null"], { input: Readable.from(half()) });
    expect(result).toMatchObject({ code: 74, stderr: "its input can't be read: the disk is gone" });
  });

  it("lets its input go where it ends before it has read everything", async () => {
    const file = join(folderWith({}), "large");
    writeFileSync(file, Buffer.alloc(4 << 20));
    const input = createReadStream(file);
    expect((await tryRun("true", [], { input })).code).toBe(0);
    expect(input.destroyed).toBe(true);
  });

  it("is told apart from one that can't be started", async () => {
    const tooLong = "x".repeat(4 << 20);
    expect((await tryRun("true", [tooLong])).code).toBe(126);
    expect((await tryRun("no-such-command", [])).code).toBe(127);
  });

  it("is named in an error by its beginning, however much it was given", async () => {
    const failing = run("sh", ["-c", "echo the reason >&2; exit 3", "x".repeat(10_000)]);
    const { message } = await failing.then(
      () => new Error("it has not failed"),
      (error: Error) => error,
    );
    expect(message).toMatch(/^"sh -c .*…" exited with 3:\nthe reason$/s);
    expect(message.length).toBeLessThan(400);
  });

  it("hands over each line as it comes, the last one too where nothing ends it", async () => {
    const lines: string[] = [];
    const onLine = (line: string) => lines.push(line);
    const script = "printf 'a\\r\\nb'; sleep 0.1; printf 'c\\n\\nd'; echo e >&2";
    const result = await tryRun("sh", ["-c", script], { onLine });
    expect([...lines].sort()).toEqual(["", "a", "bc", "d", "e"]);
    expect(result).toEqual({ code: 0, stdout: "a\r\nbc\n\nd", stderr: "e\n" });
    lines.length = 0;
    await tryRun("echo", ["whole"], { onLine });
    expect(lines).toEqual(["whole"]);
  });

  it("gets a text as its input, and none unless one is given", async () => {
    expect((await tryRun("cat", [], { input: "words" })).stdout).toBe("words");
    expect((await tryRun("cat", [], { input: "" })).stdout).toBe("");
    expect((await tryRun("cat", [])).stdout).toBe("");
  });

  it("has the folder and the environment that it is given, alone", async () => {
    const cwd = realpathSync(folderWith({}));
    const env = { PATH: process.env.PATH, ONLY: "this" };
    const { stdout } = await tryRun("sh", ["-c", 'pwd; echo "$ONLY $HOME"'], { cwd, env });
    expect(stdout).toBe(`${cwd}\nthis \n`);
    expect((await tryRun("sh", ["-c", 'echo "$HOME"'])).stdout.trim()).toBe(process.env.HOME);
  });

  it("is no longer waited for once it has ended, whatever time it had", async () => {
    const began = Date.now();
    expect((await tryRun("true", [], { timeoutMs: 60_000 })).code).toBe(0);
    expect(Date.now() - began).toBeLessThan(10_000);
    const folder = folderWith({ file: "no program" });
    expect(await tryRun(join(folder, "file"), [])).toMatchObject({ code: 126 });
  });

  it("gives its output without what surrounds it, or an error with the end of what it said", async () => {
    expect(await run("echo", [" a "])).toBe("a");
    const message = async (script: string) =>
      run("sh", ["-c", script]).then(
        () => "",
        (error: Error) => error.message.split("\n").slice(1),
      );
    expect(await message("seq 1 20 >&2; echo out; exit 1")).toEqual(
      Array.from({ length: 15 }, (_, index) => String(index + 6)),
    );
    expect(await message("echo out; exit 1")).toEqual(["out"]);
    await expect(run("sh", ["-c", "exit 4"])).rejects.toThrow(/^"sh -c exit 4" exited with 4$/);
    const exactly = "x".repeat(200 - "false ".length);
    await expect(run("false", [exactly])).rejects.toThrow(`"false ${exactly}" exited with 1`);
    await expect(run("false", [`${exactly}x`])).rejects.toThrow(
      `"false ${exactly}…" exited with 1`,
    );
  });
});

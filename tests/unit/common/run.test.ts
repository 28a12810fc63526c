import { createReadStream, writeFileSync } from "node:fs";
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
});

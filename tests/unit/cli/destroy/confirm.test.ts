import { PassThrough } from "node:stream";
import { isConfirmed } from "../../../../cli/destroy/confirm";

/** What comes of a question that a person answers so at a terminal, or by a pipe; the input ends after it. */
async function answered(text: string, isTTY = true): Promise<{ is: boolean; asked: string }> {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  const is = isConfirmed("Sure? ", input, output);
  input.end(text);
  return { is: await is, asked: String(output.read()) };
}

describe("what is asked at a terminal", () => {
  it.each([
    ["yes\n", true],
    [" yes \n", true],
    ["y\n", false],
    ["\n", false],
  ])("is wanted only by yes: %j", async (text, wanted) => {
    expect(await answered(text)).toEqual({ is: wanted, asked: "Sure? " });
  });

  it("isn't wanted where the input ends without an answer, as by Ctrl-D", async () => {
    expect((await answered("")).is).toBe(false);
  });

  it.each([
    ["yes\n", true],
    ["no\n", false],
  ])("may be answered by a pipe: %j", async (text, wanted) => {
    expect((await answered(text, false)).is).toBe(wanted);
  });

  it("is refused where nobody is there to be asked, and says how it goes without", async () => {
    const refused = {
      what: "nothing was removed",
      next: expect.stringContaining("--everything --yes"),
    };
    await expect(answered("", false)).rejects.toMatchObject(refused);
    // As of a CI runner that leaves it open.
    await expect(isConfirmed("Sure? ", new PassThrough(), new PassThrough())).rejects.toMatchObject(
      refused,
    );
  });
});

import type { Invocation, main } from "../../../../cli/main";

/** Options of a command line: a value, or true for a flag. */
export type Options = Readonly<Record<string, string | true>>;

/** A command as it is called, by what it has handed to the mocked `main`. */
export function commandOf(
  mocked: typeof main,
  stack = "dev",
): (options?: Options, ...words: string[]) => Promise<number | undefined> {
  const [name, , , work] = jest.mocked(mocked).mock.lastCall ?? [];
  if (!work) throw new Error("the module runs no command");
  return (options = {}, ...words) => {
    const value = (flag: string): string | undefined => {
      const given = options[flag];
      return typeof given === "string" ? given : undefined;
    };
    const invocation: Invocation = {
      ...{ stack, words, option: value },
      flag: (flag) => options[flag] === true,
    };
    return Promise.resolve(invocation)
      .then(work)
      .catch((error: unknown) => {
        if (error instanceof Error) error.message = `${name}: ${error.message}`;
        throw error;
      });
  };
}

/** What is written to an output stream, until the test's end. */
export function written(stream: "stdout" | "stderr"): string[] {
  const texts: string[] = [];
  jest.spyOn(process[stream], "write").mockImplementation((text) => {
    texts.push(String(text));
    return true;
  });
  return texts;
}

import { parseArgs } from "node:util";
import { messageOf, UserError } from "../common/errors";
import { ConfigError } from "../components/config";

const STACK_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** The flags of a command beside --stack and --help: whether they take a value, and their meaning. */
export type Flags = Readonly<
  Record<string, { type: "boolean" | "string"; help: string; short?: string }>
>;

/** A command line, parsed. */
export interface Invocation {
  stack: string;
  /** Value of a flag that takes one. */
  option(name: string): string | undefined;
  flag(name: string): boolean;
  /** What is neither a flag nor a flag's value. */
  words: string[];
}

/**
 * Runs a command: the one place where the command line is parsed, where errors are printed, and where
 * the exit code is set.
 * @param name the npm script
 * @param work the command; gives its exit code, 0 where it gives none
 */
export function main(
  name: string,
  summary: string,
  flags: Flags,
  work: (invocation: Invocation) => Promise<number | undefined>,
): void {
  void (async () => {
    try {
      const invocation = parse(name, summary, flags);
      if (invocation) process.exitCode = (await work(invocation)) ?? 0;
    } catch (error) {
      process.exitCode = report(error);
    }
  })();
}

/** Prints an error and gives the exit code that fits. */
export function report(error: unknown): number {
  const shown = error instanceof ConfigError ? fromConfig(error) : error;
  if (shown instanceof UserError) {
    process.stderr.write(`${shown}\n`);
    return shown.exitCode;
  }
  const stack = shown instanceof Error ? shown.stack : undefined;
  process.stderr.write(`✗ unexpected: ${stack ?? messageOf(shown)}\n`);
  return 1;
}

function fromConfig(error: ConfigError): UserError {
  const [what = "", ...mistakes] = error.message.split("\n");
  return new UserError({
    what: what.replace(/:$/, ""),
    why: mistakes.map((line) => line.trim()).join("\n"),
    next: "mend them with pulumi config set (and --secret for secrets), or in the stack's file",
  });
}

function parse(name: string, summary: string, flags: Flags): Invocation | undefined {
  const options = {
    stack: { type: "string", default: "dev" },
    help: { type: "boolean", short: "h" },
    ...Object.fromEntries(
      Object.entries(flags).map(([flag, { type, short }]) => [
        flag,
        short === undefined ? { type } : { type, short },
      ]),
    ),
  } as const;
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new UserError({
      what: `npm run ${name} doesn't understand its arguments`,
      why: messageOf(error).split(". To specify")[0] ?? "",
      next: `npm run ${name} -- --help`,
      exitCode: 64,
    });
  }
  const { values, positionals } = parsed;
  if (values.help) {
    const lines = Object.entries(flags).map(
      ([flag, { type, help }]) => `  --${flag}${type === "string" ? " …" : ""}  ${help}`,
    );
    process.stdout.write(
      `npm run ${name} [-- --stack S]\n${summary}\n${["  --stack S  the stack, dev unless said", ...lines].join("\n")}\n`,
    );
    return undefined;
  }
  const stack = String(values.stack);
  if (!STACK_NAME.test(stack)) {
    throw new UserError({
      what: `"${stack}" can't be the name of a stack`,
      why: "letters, digits, -, _ and . are allowed",
      next: `npm run ${name} -- --stack dev`,
      exitCode: 64,
    });
  }
  return {
    stack,
    option: (flag) => (typeof values[flag] === "string" ? values[flag] : undefined),
    flag: (flag) => values[flag] === true,
    words: positionals,
  };
}

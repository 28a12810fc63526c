import { parseArgs } from "node:util";
import { DISK_FULL, messageOf, UserError } from "../common/errors";
import { CommandError } from "../common/run";
import { DEFAULT_STACK, forStack } from "../components/names";
import { ConfigError } from "../components/settings/settings";

const STACK_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** The flags of a command beside --stack and --help: whether they take a value, and their meaning. */
export type Flags = Readonly<
  Record<
    string,
    {
      type: "boolean" | "string";
      help: string;
      short?: string;
      /** The values that it may have, for completion; anything unless said. */
      values?: readonly string[];
    }
  >
>;

/** A command line, parsed. */
export interface Invocation {
  stack: string;
  /** Value of a flag that takes one. */
  option(name: string): string | undefined;
  flag(name: string): boolean;
  /** Whether the user has named a stack. */
  namesStack?: boolean;
  /** What is neither a flag nor a flag's value. */
  words: string[];
}

/** A command, as its npm script is called. */
export interface Command {
  /** The npm script. */
  name: string;
  summary: string;
  flags: Flags;
  /** Whether it takes words beside its flags; without them a word is a mistake. */
  takesWords?: boolean;
  /** The words that it knows, for completion. */
  words?: readonly string[];
  /** Whether it works on a stack, which --stack names; true unless said. */
  hasStack?: boolean;
}

/** Where commands are only looked at, as for help and completion: those that were loaded meanwhile. */
let described: Command[] | undefined;

/** What is loaded by `load` describes its command instead of running it. */
export function describeCommands(load: () => void): Command[] {
  described = [];
  try {
    load();
    return described;
  } finally {
    described = undefined;
  }
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
  more: Pick<Command, "takesWords" | "words" | "hasStack"> = {},
): void {
  const command = { name, summary, flags, ...more };
  if (described) {
    described.push(command);
    return;
  }
  // Whoever reads the output may stop at any line, as `head` does.
  for (const stream of [process.stdout, process.stderr])
    if (stream.listenerCount("error") === 0) stream.on("error", ignoreClosed);
  void (async () => {
    let stack = DEFAULT_STACK;
    try {
      const invocation = parse(command);
      stack = invocation?.stack ?? stack;
      if (invocation) process.exitCode = (await work(invocation)) ?? 0;
    } catch (error) {
      process.exitCode = report(error, stack);
    }
  })();
}

function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** Prints an error and gives the exit code that fits. @param stack the one that the command was to work on */
export function report(error: unknown, stack: string = DEFAULT_STACK): number {
  const shown =
    error instanceof ConfigError
      ? fromConfig(error)
      : error instanceof CommandError
        ? fromCommand(error)
        : (fromDisk(error) ?? error);
  if (shown instanceof UserError) {
    process.stderr.write(`${forStack(String(shown), stack)}\n`);
    return shown.exitCode;
  }
  const trace = shown instanceof Error ? shown.stack : undefined;
  process.stderr.write(`✗ unexpected: ${trace ?? messageOf(shown)}\n`);
  return 1;
}

/** What the machine refuses is no defect of this project. */
function fromDisk(error: unknown): UserError | undefined {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code === "ENOSPC" || code === "EDQUOT")
    return new UserError({ ...DISK_FULL, why: messageOf(error), cause: error });
  if (path === undefined || (code !== "EACCES" && code !== "EPERM" && code !== "EROFS"))
    return undefined;
  return new UserError({
    what: `this user may not use ${path}`,
    why: messageOf(error),
    next: "see to its owner and mode: what was once run as root, or by sudo, is root's",
    cause: error,
  });
}

/** A program that failed without anybody having told why in other words: it has told it itself. */
function fromCommand(error: CommandError): UserError {
  const { command, result } = error;
  const [program = "", ...words] = command.split(" ");
  const verbs = words.filter((word) => /^[a-z]/.test(word)).slice(0, 2);
  const said = result.stderr.trim() || result.stdout.trim();
  return new UserError({
    what: `${[program, ...verbs].join(" ")} has failed`,
    why: said.split("\n").slice(-15).join("\n") || `exit code ${result.code}`,
    next: "mend the cause, then run this again; npm run doctor looks at everything that is needed",
    cause: error,
  });
}

function fromConfig(error: ConfigError): UserError {
  const [what = "", ...mistakes] = error.message.split("\n");
  return new UserError({
    what: what.replace(/:$/, ""),
    why: mistakes.map((line) => line.trim()).join("\n"),
    next: [
      `mend them in Pulumi.${error.stackName}.yaml, or by pulumi config set KEY VALUE --stack ${error.stackName}`,
      '(pulumi is what eval "$(npm run --silent env)" gives; a secret is set with --secret;',
      `a stack that was never deployed is made first: pulumi stack init ${error.stackName} --no-select)`,
    ].join("\n"),
  });
}

/**
 * Reads a command line. Undefined where only help was wanted, which is printed.
 * @throws UserError with exit code 64 for what the command doesn't understand
 */
export function parse(
  { name, summary, flags, takesWords, words, hasStack = true }: Command,
  args: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env,
): Invocation | undefined {
  const misused = (why: string, next = `npm run ${name} -- --help`): UserError =>
    new UserError({
      what: `npm run ${name} doesn't understand its arguments`,
      why,
      next,
      exitCode: 64,
    });
  const options = {
    ...(hasStack && { stack: { type: "string", default: DEFAULT_STACK } as const }),
    help: { type: "boolean", short: "h" },
    ...Object.fromEntries(
      Object.entries(flags).map(([flag, { type, short }]) => [
        flag,
        short === undefined ? { type } : { type, short },
      ]),
    ),
  } as const;
  const taken = Object.keys(options).find(
    (flag) => isTakenByNpm(name, flag, env) && !args.some((arg) => isFlag(arg, flag)),
  );
  if (taken !== undefined)
    throw misused(
      `npm kept --${taken} for itself: it hands on only what stands behind "--"`,
      `npm run ${name} -- --${taken} …`,
    );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw misused(messageOf(error).split(". To specify")[0] ?? "");
  }
  const { values, positionals } = parsed;
  if (values.help) {
    const lines = Object.entries(flags).map(
      ([flag, { type, help, short }]) =>
        `  --${flag}${short ? `, -${short}` : ""}${type === "string" ? " …" : ""}  ${help}`,
    );
    const word = words ? `[${words.join("|")}]` : takesWords ? "[words]" : "";
    const usage = [word, ...(hasStack ? ["--stack S"] : [])]
      .filter((part) => part !== "")
      .join(" ");
    const stack = hasStack ? ["  --stack S  the stack, dev unless said"] : [];
    const told = [`npm run ${name}${usage ? ` [-- ${usage}]` : ""}`, summary, ...stack, ...lines];
    process.stdout.write(`${told.join("\n")}\n`);
    return undefined;
  }
  if (!takesWords && positionals.length > 0)
    throw misused(`${positionals.map((word) => JSON.stringify(word)).join(" ")} is no flag of it`);
  const stack = String(values.stack ?? DEFAULT_STACK);
  const [, organization, ownName] = /^([^/]+)\/(?:[^/]+\/)?([^/]+)$/.exec(stack) ?? [];
  if (organization !== undefined)
    throw new UserError({
      what: `"${stack}" names an organization`,
      why: "these commands work on the stacks of your default organization, by their short names",
      next: `pulumi org set-default ${organization}; npm run ${name} -- --stack ${ownName}`,
      exitCode: 64,
    });
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
    namesStack: args.some((arg) => isFlag(arg, "stack")),
    words: positionals,
  };
}

/** Whether the user has put a flag before npm's "--": npm then keeps it, and the command would do something else. */
function isTakenByNpm(name: string, flag: string, env: NodeJS.ProcessEnv): boolean {
  if (env.npm_lifecycle_event?.split(":")[0] !== name) return false; // no npm script, or another one's
  // These are npm's own too, and a user's .npmrc may have them: it tells nothing of this command.
  if (flag === "json" || flag === "save" || flag === "yes") return false;
  return env[`npm_config_${flag.replaceAll("-", "_")}`] !== undefined;
}

function isFlag(arg: string, flag: string): boolean {
  return arg === `--${flag}` || arg.startsWith(`--${flag}=`);
}

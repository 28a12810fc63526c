import { type Command, describeCommands, main, parse, report } from "../../../cli/main";
import { UserError } from "../../../common/errors";
import { CommandError } from "../../../common/run";
import { written } from "./commands/support";

const DESTROY: Command = {
  name: "destroy",
  summary: "Takes the stack out of the cluster.",
  flags: { "delete-data": { type: "boolean", help: "the data too" } },
};
const ROLLBACK: Command = {
  name: "rollback",
  summary: "Goes back.",
  flags: { to: { type: "string", help: "the version" } },
};

function refusal(command: Command, args: string[], env: NodeJS.ProcessEnv = {}): UserError {
  try {
    parse(command, args, env);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a command line", () => {
  it("names the stack, dev unless said", () => {
    expect(parse(DESTROY, [], {})?.stack).toBe("dev");
    expect(parse(DESTROY, ["--stack", "staging"], {})?.stack).toBe("staging");
  });

  it("has flags and options", () => {
    const parsed = parse(ROLLBACK, ["--to", "3"], {});
    expect(parsed?.option("to")).toBe("3");
    expect(parse(DESTROY, ["--delete-data"], {})?.flag("delete-data")).toBe(true);
    expect(parse(DESTROY, [], {})?.flag("delete-data")).toBe(false);
  });

  // What npm leaves of `npm run destroy --stack staging`: dev must not be destroyed instead.
  it("is refused where it has a word that the command doesn't take", () => {
    expect(refusal(DESTROY, ["staging"])).toMatchObject({
      what: "npm run destroy doesn't understand its arguments",
      why: '"staging" is no flag of it',
      exitCode: 64,
    });
  });

  it.each([
    ["acme/staging", "acme"],
    ["acme/todo-app/staging", "acme"],
  ])("is told how stack %s of another organization is meant", (stack, organization) => {
    expect(refusal(DESTROY, ["--stack", stack])).toMatchObject({
      what: `"${stack}" names an organization`,
      next: `pulumi org set-default ${organization}; npm run destroy -- --stack staging`,
      exitCode: 64,
    });
  });

  it("keeps words for a command that takes them", () => {
    const ask = { ...DESTROY, name: "ops", takesWords: true };
    expect(parse(ask, ["why", "is it slow?"], {})?.words).toEqual(["why", "is it slow?"]);
  });

  it.each([
    [DESTROY, "stack", "npm_config_stack"],
    [DESTROY, "delete-data", "npm_config_delete_data"],
    [ROLLBACK, "to", "npm_config_to"],
  ])("is refused where npm kept a flag: %#", (command, flag, variable) => {
    const env = { npm_lifecycle_event: command.name, [variable]: "true" };
    expect(refusal(command, [], env)).toMatchObject({
      why: `npm kept --${flag} for itself: it hands on only what stands behind "--"`,
      next: `npm run ${command.name} -- --${flag} …`,
      exitCode: 64,
    });
  });

  it("is not taken for wrong by what a user's .npmrc has, nor where the flag stands in its place, too", () => {
    const preview = { ...DESTROY, name: "preview", flags: { save: { type: "string", help: "x" } } };
    const env = { npm_lifecycle_event: "preview", npm_config_save: "" };
    expect(parse(preview as Command, [], env)?.stack).toBe("dev");
    const yes = { ...DESTROY, flags: { yes: { type: "boolean", help: "x" } } } as Command;
    const unasked = { npm_lifecycle_event: "destroy", npm_config_yes: "true" };
    expect(parse(yes, [], unasked)?.flag("yes")).toBe(false);
    const forced = { npm_lifecycle_event: "rollback", npm_config_to: "true" };
    expect(parse(ROLLBACK, ["--to=3"], forced)?.option("to")).toBe("3");
  });

  it("is told with its words and the short forms of its flags", () => {
    const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
    const logs: Command = {
      ...{ name: "shell", summary: "Opens a shell.", takesWords: true, words: ["backend"] },
      flags: { command: { type: "string", short: "c", help: "one to run" } },
    };
    expect(parse(logs, ["--help"], {})).toBeUndefined();
    expect(write.mock.calls.join("")).toBe(
      "npm run shell [-- [backend] --stack S]\nOpens a shell.\n  --stack S  the stack, dev unless said\n  --command, -c …  one to run\n",
    );
    write.mockRestore();
  });

  it("names no stack where the command is about none", () => {
    const write = jest.spyOn(process.stdout, "write").mockReturnValue(true);
    const release: Command = { ...DESTROY, name: "release", takesWords: true, hasStack: false };
    expect(parse(release, ["--help"], {})).toBeUndefined();
    expect(write.mock.calls.join("")).toMatch(/^npm run release \[-- \[words\]\]\n(?!.*--stack)/s);
    write.mockRestore();
    expect(refusal(release, ["0.2.0", "--stack", "x"])).toMatchObject({ exitCode: 64 });
    expect(parse(release, ["0.2.0"], {})?.words).toEqual(["0.2.0"]);
  });

  it("is not taken for wrong by what an npm script around it was given", () => {
    const env = { npm_lifecycle_event: "test", npm_config_stack: "x" };
    expect(parse(DESTROY, [], env)?.stack).toBe("dev");
  });

  it.each([["--stak", "x"], ["--stack"], ["--to"]])("is refused with %s", (...args) => {
    expect(refusal(ROLLBACK, args)).toMatchObject({
      next: "npm run rollback -- --help",
      exitCode: 64,
    });
  });

  it.each(["../x", "-x", "a b", ""])("is refused for a stack named %j", (name) => {
    expect(refusal(DESTROY, [`--stack=${name}`])).toMatchObject({ exitCode: 64 });
  });
});

describe("a command", () => {
  const { argv, exitCode } = process;
  afterEach(() => {
    Object.assign(process, { argv, exitCode });
    jest.restoreAllMocks();
  });
  /** Its exit code, called so. */
  async function ended(work: Parameters<typeof main>[3], ...args: string[]): Promise<unknown> {
    process.argv = ["node", "x.ts", ...args];
    process.exitCode = undefined;
    main("x", "Does x.", {}, work);
    await new Promise(setImmediate);
    const { exitCode: code } = process;
    process.exitCode = exitCode;
    return code;
  }

  it("ends with the code that it gives, 0 where it gives none", async () => {
    expect(await ended(async () => 3)).toBe(3);
    expect(await ended(async () => undefined)).toBe(0);
  });

  it("that fails ends with its error's code, and tells it", async () => {
    const err = written("stderr");
    const failing = async () => {
      throw new UserError({ what: "a", why: "b", next: "c", exitCode: 64 });
    };
    expect(await ended(failing)).toBe(64);
    expect(err).toEqual(["✗ a\n  why:  b\n  next: c\n"]);
    expect(await ended(async () => 0, "--unknown")).toBe(64);
  });

  it("whose help is wanted does nothing", async () => {
    written("stdout");
    const work = jest.fn();
    expect(await ended(work, "--help")).toBeUndefined();
    expect(work).not.toHaveBeenCalled();
  });

  it("knows whether a stack was named", () => {
    const named = (...args: string[]) => parse(DESTROY, args, {})?.namesStack;
    expect([named(), named("--stack", "dev"), named("--stack=dev")]).toEqual([false, true, true]);
    expect(parse(DESTROY, [], {})?.option("delete-data")).toBeUndefined();
    expect(parse(ROLLBACK, ["--to", "3"], {})?.flag("to")).toBe(false);
  });

  it("may be looked at without being run, and runs again afterwards", async () => {
    const work = jest.fn(async () => 0);
    const found = describeCommands(() => main("x", "Does x.", {}, work, { hasStack: false }));
    expect(found).toEqual([{ name: "x", summary: "Does x.", flags: {}, hasStack: false }]);
    expect(work).not.toHaveBeenCalled();
    expect(() =>
      describeCommands(() => {
        throw new Error("broken");
      }),
    ).toThrow("broken");
    await ended(work);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it("that a program has failed is told by the end of what it said", () => {
    const err = written("stderr");
    const failed = (stdout: string, stderr: string) =>
      new CommandError("docker --debug image build -t y z", { code: 3, stdout, stderr });
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
    expect(report(failed("out", lines.join("\n")))).toBe(1);
    expect(err.join("")).toContain("✗ docker image build has failed\n");
    expect(err.join("")).toMatch(/why: {2}line 5\n/);
    expect(err.join("")).not.toContain("line 4\n");
    report(failed("out\n", ""));
    expect(err.at(-1)).toContain("why:  out\n");
    report(failed("", ""));
    expect(err.at(-1)).toContain("why:  exit code 3\n");
  });

  it("names the command that mends it for the stack that it was to work on", () => {
    const err = written("stderr");
    const error = new UserError({ what: "it's away", why: "so it is", next: "npm run up" });
    report(error, "staging");
    expect(err.at(-1)).toMatch(/next: npm run up -- --stack staging\n$/);
    report(error, "dev");
    expect(err.at(-1)).toMatch(/next: npm run up\n$/);
  });

  it.each([
    ["EROFS", "this user may not use /x"],
    ["EPERM", "this user may not use /x"],
    ["EDQUOT", "the disk is full"],
  ])("that the machine refuses by %s is no defect", (code, what) => {
    const err = written("stderr");
    report(Object.assign(new Error("refused"), { code, path: "/x" }));
    expect(err.join("")).toContain(`✗ ${what}\n`);
  });

  it("that something else has happened to is a defect, with or without a stack", () => {
    const err = written("stderr");
    expect(report(Object.assign(new Error("gone"), { code: "ENOENT", path: "/x" }))).toBe(1);
    expect(report("a text")).toBe(1);
    expect(err[0]).toMatch(/^✗ unexpected: Error: gone\n\s+at /);
    expect(err[1]).toBe("✗ unexpected: a text\n");
  });

  it("goes on where nobody reads its output any more, and ends by any other error of it", () => {
    const on = jest.spyOn(process.stdout, "on");
    const listeners = process.stdout.listeners("error");
    process.stdout.removeAllListeners("error");
    try {
      describeCommands(() => undefined);
      process.argv = ["node", "x.ts"];
      main("x", "Does x.", {}, async () => 0);
      const [listener] = process.stdout.listeners("error");
      expect(() => listener?.(Object.assign(new Error("closed"), { code: "EPIPE" }))).not.toThrow();
      expect(() => listener?.(Object.assign(new Error("broken"), { code: "EIO" }))).toThrow(
        "broken",
      );
      main("x", "Does x.", {}, async () => 0);
      expect(process.stdout.listenerCount("error")).toBe(1);
    } finally {
      process.stdout.removeAllListeners("error");
      for (const listener of listeners) process.stdout.on("error", listener as () => void);
      on.mockRestore();
    }
  });
});

import { forgetImages } from "../../../../cli/session/images";
import { openSession } from "../../../../cli/session/session";
import { follow } from "../../../../cli/update/follow";
import { releaseLocks } from "../../../../cli/update/repair";
import {
  findDatabase,
  removeDatabase,
  whyForeign,
} from "../../../../components/database/container";
import { readProfile } from "../../../../components/minikube/profile";

jest.mock("../../../../cli/destroy/everything", () => ({
  findEverything: mockFind,
  toldOf: () => ["to be removed:", "- stacks: dev"],
}));
jest.mock("../../../../cli/destroy/open", () => ({ openEverything: async () => undefined }));
jest.mock("../../../../cli/destroy/remove", () => ({ removeEverything: mockRemove }));
jest.mock("../../../../cli/session/session");
jest.mock("../../../../cli/session/images");
jest.mock("../../../../cli/update/follow");
jest.mock("../../../../cli/update/repair");
jest.mock("../../../../components/database/container");
jest.mock("../../../../components/minikube/profile");
jest.mock("../../../../tools", () => ({ ensureEngine: async () => undefined }));

const mockFind = jest.fn();
const mockRemove = jest.fn();
const PROVIDER = "urn:pulumi:dev::todo-app::pulumi:providers:kubernetes::cluster";

/** Whether the user presses Ctrl-C while Pulumi is at work. */
let isStopped = false;

/** Runs the command where the cluster doesn't answer; what it printed, what Pulumi was asked, and its exit code. */
async function destroy(
  flags: readonly string[],
  hasProfile: boolean,
): Promise<{ err: string; asked: string[]; code: unknown }> {
  const asked: string[] = [];
  const pulumi = {
    hasStack: async () => true,
    state: async () => ({ resources: [{ urn: PROVIDER, type: "pulumi:providers:kubernetes" }] }),
    quiet: async (args: readonly string[]) => asked.push(args.join(" ")),
  };
  const settings = { delivery: { kind: "minikube", profile: "minikube" }, kubeContext: "minikube" };
  const cluster = { answers: async () => false };
  jest.mocked(openSession).mockResolvedValue({ stack: "dev", pulumi, settings, cluster } as never);
  jest.mocked(readProfile).mockReturnValue(hasProfile ? ({} as never) : undefined);
  jest.mocked(findDatabase).mockResolvedValue({ hasVolume: true } as never);
  jest.mocked(follow).mockImplementation(async (_pulumi, args) => {
    asked.push(args.join(" "));
    return { ended: Promise.resolve(0), running: { isStopped } } as never;
  });
  let err = "";
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
  const { argv, exitCode } = process;
  process.argv = ["node", "destroy.ts", ...flags];
  process.exitCode = undefined;
  try {
    jest.isolateModules(() => require("../../../../cli/commands/destroy"));
    while (process.exitCode === undefined) await new Promise(setImmediate);
    return { err, asked, code: process.exitCode };
  } finally {
    Object.assign(process, { argv, exitCode });
  }
}

afterEach(() => {
  isStopped = false;
  jest.restoreAllMocks();
  jest.clearAllMocks();
});

const FORGOTTEN = [
  `state delete ${PROVIDER} --target-dependents --force --yes`,
  "destroy --yes --skip-preview",
];

describe("npm run destroy, where the cluster doesn't answer", () => {
  test.each<[string, string[], boolean]>([
    ["after minikube delete", ["--delete-data"], false],
    ["where the user says that it is gone", ["--delete-data", "--forget-cluster"], true],
  ])("%s takes it out of the state, and the data away", async (_, flags, hasProfile) => {
    const { asked, code } = await destroy(flags, hasProfile);
    expect([asked, code]).toEqual([FORGOTTEN, 0]);
    expect(jest.mocked(releaseLocks)).toHaveBeenCalled();
    expect(jest.mocked(forgetImages).mock.calls[0]?.[1]).toBe(true);
    expect(jest.mocked(removeDatabase).mock.calls).toEqual([["todo-app-dev-database", true]]);
  });

  test("changes nothing while it may come back, and repeats what was asked for in its next step", async () => {
    const { asked, code, err } = await destroy(["--delete-data"], true);
    expect([asked, code]).toEqual([[], 1]);
    expect(err).toMatch(/npm run destroy -- --stack dev --delete-data --forget-cluster$/m);
    expect(jest.mocked(removeDatabase)).not.toHaveBeenCalled();
  });
});

describe("npm run destroy, which is stopped", () => {
  test("does nothing else, though Pulumi has come to its end", async () => {
    isStopped = true;
    const { asked, code, err } = await destroy(["--delete-data", "--forget-stack"], false);
    expect([asked, code]).toEqual([FORGOTTEN, 130]);
    expect(err).toContain('✗ the end of stack "dev" was stopped');
    expect(jest.mocked(removeDatabase)).not.toHaveBeenCalled();
  });
});

describe("npm run destroy, where another clone's database has the stack's name", () => {
  test("leaves it, says whose it is, and goes to its end", async () => {
    jest.mocked(whyForeign).mockReturnValueOnce('stack "dev" of /clone/a has made it, as user ann');
    const { code, err } = await destroy(["--delete-data"], false);
    expect(code).toBe(0);
    expect(err).toMatch(/volume todo-app-dev-database stays: stack "dev" of \/clone\/a/);
    expect(jest.mocked(removeDatabase)).not.toHaveBeenCalled();
  });

  test("doesn't take its data for this stack's", async () => {
    jest.mocked(whyForeign).mockReturnValueOnce("it is another's");
    expect((await destroy([], false)).err).not.toContain("todo-app-dev-database");
  });
});

describe("npm run destroy -- --everything", () => {
  test("asks nobody where it is told so, and nothing goes where nobody is there to be asked", async () => {
    const out = jest.spyOn(process.stdout, "write").mockReturnValue(true);
    const { isTTY } = process.stdin;
    process.stdin.isTTY = false;
    try {
      const { code, err } = await destroy(["--everything"], true);
      expect([code, err]).toEqual([1, expect.stringContaining("--everything --yes")]);
      expect(out.mock.calls.join("")).toContain("- stacks: dev");
      expect(mockRemove).not.toHaveBeenCalled();
      expect((await destroy(["--everything", "--yes"], true)).code).toBe(0);
      expect(mockRemove).toHaveBeenCalledTimes(1);
    } finally {
      process.stdin.isTTY = isTTY;
    }
  });

  test.each([
    ["a stack, which it would not be about alone", ["--stack", "staging"]],
    ["a flag for one stack", ["--forget-cluster"]],
  ])("is refused beside %s", async (_, flags) => {
    const { asked, code, err } = await destroy(["--everything", ...flags], true);
    expect([asked, code]).toEqual([[], 64]);
    expect(mockFind).not.toHaveBeenCalled();
    expect(err).toContain("✗ --everything goes alone");
  });
});

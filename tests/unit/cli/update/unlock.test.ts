import { hostname } from "node:os";
import type { Pulumi } from "../../../../cli/session/pulumi";
import { releaseSharedLock } from "../../../../cli/update/unlock";

/** As Pulumi's own CLI prints it, for a lock of this process of this machine. */
const locked = (host: string, pid: number): string =>
  [
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.",
    `  s3://team/.pulumi/locks/organization/todo-app/dev/a.json: created by ann@${host} (pid ${pid}) at 2026-11-29T08:00:00Z`,
  ].join("\n");
const FREE = "error: no resource named 'urn:pulumi:dev::none::none:none:None::none' found";
const NO_PROCESS = 2 ** 22 + 1; // more than Linux and macOS ever give

/** What is run to release a lock of which Pulumi says this. */
async function release(said: string, isForced: boolean): Promise<string[]> {
  const run: string[] = [];
  const pulumi = {
    stack: "dev",
    try: async () => ({ code: 1, stdout: "", stderr: said }),
    quiet: async (args: readonly string[]) => {
      run.push(args.join(" "));
      return "";
    },
  };
  await releaseSharedLock(pulumi as unknown as Pulumi, isForced);
  return run;
}

beforeEach(() => {
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => jest.restoreAllMocks());

describe("a lock in a backend that several people share", () => {
  test("is left alone where nobody has it", async () => {
    expect(await release(FREE, true)).toEqual([]);
  });

  test("is a colleague's, who is named", async () => {
    await expect(release(locked("far", 7), false)).rejects.toMatchObject({
      what: 'stack "dev" is being updated',
      why: "process 7 of ann on far has its lock since 2026-11-29T08:00:00Z",
      next: expect.stringMatching(/npm run unlock -- --stack dev --force$/),
    });
  });

  test("of Pulumi Cloud names nobody, and is left alone all the same", async () => {
    const conflict = "error: [409] Conflict: Another update is currently in progress.";
    await expect(release(conflict, false)).rejects.toMatchObject({ why: conflict });
  });

  test("is released by force, whoever has it", async () => {
    expect(await release(locked("far", 7), true)).toEqual(["cancel --yes"]);
  });

  test("is released without force where a process of this machine had it, and has ended", async () => {
    expect(await release(locked(hostname(), NO_PROCESS), false)).toEqual(["cancel --yes"]);
  });
});

import { main } from "../../../../cli/main";
import { openSession } from "../../../../cli/session/session";
import { requireCluster } from "../../../../cli/update/preflight";
import { releaseLocks, repairStack } from "../../../../cli/update/repair";
import { releaseSharedLock } from "../../../../cli/update/unlock";
import "../../../../cli/commands/unlock";
import { commandOf, written } from "./support";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/session", () => ({ openSession: jest.fn() }));
jest.mock("../../../../cli/update/preflight", () => ({ requireCluster: jest.fn() }));
jest.mock("../../../../cli/update/repair", () => ({
  ...{ releaseLocks: jest.fn(), repairStack: jest.fn() },
}));
jest.mock("../../../../cli/update/unlock", () => ({ releaseSharedLock: jest.fn() }));

const unlock = commandOf(main);
let stack: { isLocal: boolean; answers: boolean };
let done: string[];
let err: string[];

beforeEach(() => {
  stack = { isLocal: true, answers: true };
  done = [];
  err = written("stderr");
  jest.mocked(openSession).mockImplementation((async () => ({
    ...{ pulumi: { isLocal: stack.isLocal }, settings: {} },
    cluster: { answers: async () => stack.answers },
  })) as never);
  jest.mocked(requireCluster).mockRejectedValue(new Error("the cluster doesn't answer"));
  jest.mocked(releaseLocks).mockImplementation((async (_: object, all = false) => {
    done.push(all ? "all locks" : "dead locks");
  }) as never);
  jest.mocked(releaseSharedLock).mockImplementation((async (_: object, isForced: boolean) => {
    done.push(isForced ? "shared lock by force" : "shared lock");
  }) as never);
  jest.mocked(repairStack).mockImplementation((async () => {
    done.push("repaired");
    return ["a lock"];
  }) as never);
});
afterEach(() => jest.restoreAllMocks());

describe("npm run unlock", () => {
  test("repairs what a killed update has left, and says that it has", async () => {
    expect(await unlock()).toBe(0);
    expect(done).toEqual(["repaired"]);
    expect(err).toEqual(["the stack is ready for the next up\n"]);
  });

  test("says where there is nothing to do", async () => {
    jest.mocked(repairStack).mockResolvedValue([]);
    expect(await unlock()).toBe(0);
    expect(err).toEqual(["nothing to repair\n"]);
  });

  test("--force takes every lock of this machine's state, whoever holds it", async () => {
    await unlock({ force: true });
    expect(done).toEqual(["all locks", "repaired"]);
  });

  test("asks the shared state for its lock, by force where that is asked for", async () => {
    stack.isLocal = false;
    await unlock();
    await unlock({ force: true });
    expect(done).toEqual(["shared lock", "repaired", "shared lock by force", "repaired"]);
  });

  test("takes dead locks where the cluster is gone: a destroy needs no more", async () => {
    stack.answers = false;
    await expect(unlock()).rejects.toThrow("the cluster doesn't answer");
    expect(done).toEqual(["dead locks"]);
  });
});

import { main } from "../../../../cli/main";
import { whyNotReached } from "../../../../cli/session/reach";
import { openSession, prepareUpdate } from "../../../../cli/session/session";
import { checkPlan } from "../../../../cli/update/plan";
import { repairStack } from "../../../../cli/update/repair";
import { update } from "../../../../cli/update/update";
import "../../../../cli/commands/up";
import { commandOf, written } from "./support";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/session", () => ({
  ...{ openSession: jest.fn(), prepareUpdate: jest.fn() },
}));
jest.mock("../../../../cli/session/reach", () => ({
  whyNotReached: jest.fn(),
  explainUnreached: (_: object, ...words: string[]) => `! ${words.join(" ")}`,
}));
jest.mock("../../../../cli/update/plan", () => ({
  checkPlan: jest.fn(),
  givenPath: (file: string) => `/at/${file}`,
  planned: (file: string) => ({ args: ["--plan", file], env: { PLANNED: "1" } }),
}));
jest.mock("../../../../cli/update/repair", () => ({ repairStack: jest.fn() }));
jest.mock("../../../../cli/update/rotate", () => ({
  rotationArguments: (key?: string) => (key === undefined ? [] : ["--replace", key]),
}));
jest.mock("../../../../cli/update/update", () => ({ update: jest.fn() }));
jest.mock("../../../../cli/update/message", () => ({ messageOfUpdate: async () => "why" }));

const up = commandOf(main, "staging");
const URL = "http://localhost:30000";
const session = {
  ...{ stack: "staging", settings: {} },
  pulumi: { output: async (name: string) => (name === "url" ? URL : "another output") },
};
let done: string[];
let out: string[];
let err: string[];

beforeEach(() => {
  done = [];
  [out, err] = [written("stdout"), written("stderr")];
  const note = (name: string) => async () => void done.push(name);
  jest.mocked(openSession).mockResolvedValue(session as never);
  jest.mocked(checkPlan).mockImplementation(note("plan checked"));
  jest.mocked(prepareUpdate).mockImplementation(note("prepared"));
  jest.mocked(repairStack).mockImplementation(async () => {
    done.push("repaired");
    return [];
  });
  jest.mocked(update).mockImplementation(note("updated") as never);
  jest.mocked(whyNotReached).mockResolvedValue(undefined);
});
afterEach(() => jest.restoreAllMocks());

describe("npm run up", () => {
  test("prepares, repairs, updates, and ends with the URL alone on the last line", async () => {
    expect(await up()).toBe(0);
    expect(openSession).toHaveBeenLastCalledWith("staging");
    expect(done).toEqual(["prepared", "repaired", "updated"]);
    expect([out, err]).toEqual([[`${URL}\n`], []]);
    // A tunnel needs some seconds to serve a new Service.
    expect(whyNotReached).toHaveBeenLastCalledWith(URL, 10_000);
  });

  test("says so where the URL doesn't answer, and still gives it", async () => {
    jest.mocked(whyNotReached).mockResolvedValue("nothing answers");
    expect(await up()).toBe(0);
    expect(err).toEqual([`! staging ${URL} nothing answers\n`]);
    expect(out).toEqual([`${URL}\n`]);
  });

  test("--rotate makes the secret anew", async () => {
    await up({ rotate: "jwtSecret" });
    expect(jest.mocked(update).mock.lastCall?.[1]).toMatchObject({
      ...{ args: ["--replace", "jwtSecret"], env: {} },
    });
  });

  test("--plan deploys what was reviewed, once it is seen to be for this", async () => {
    await up({ plan: "reviewed" });
    expect(done).toEqual(["plan checked", "prepared", "repaired", "updated"]);
    expect(checkPlan).toHaveBeenLastCalledWith("/at/reviewed", session);
    expect(jest.mocked(update).mock.lastCall?.[1]).toMatchObject({
      ...{ args: ["--plan", "/at/reviewed"], env: { PLANNED: "1" } },
    });
  });

  test("--plan with --rotate is refused before anything is opened: a plan deploys what was reviewed", async () => {
    jest.mocked(openSession).mockClear();
    await expect(up({ plan: "reviewed", rotate: "jwtSecret" })).rejects.toMatchObject({
      ...{ what: "a plan can't rotate a secret", exitCode: 64 },
    });
    expect(openSession).not.toHaveBeenCalled();
  });

  test("a plan that doesn't fit changes nothing", async () => {
    jest.mocked(checkPlan).mockRejectedValue(new Error("of another stack"));
    await expect(up({ plan: "reviewed" })).rejects.toThrow("of another stack");
    expect(done).toEqual([]);
  });

  test("an update that fails gives no URL", async () => {
    jest.mocked(update).mockRejectedValue(new Error("the rollout failed"));
    await expect(up()).rejects.toThrow("the rollout failed");
    expect(out).toEqual([]);
  });
});

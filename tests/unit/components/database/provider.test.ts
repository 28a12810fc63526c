import {
  checkOwner,
  claim,
  ensureDatabase,
  findDatabase,
  isAsSpecified,
  legacyPassword,
  removeDatabase,
} from "../../../../components/database/container";
import { DELETE_DATA_VARIABLE, provider } from "../../../../components/database/provider";
import { networkOf } from "../../../../components/minikube/profile";

jest.mock("../../../../components/database/container", () => ({
  ...{
    checkOwner: jest.fn(),
    claim: jest.fn(),
    ensureDatabase: jest.fn(),
    findDatabase: jest.fn(),
  },
  ...{ isAsSpecified: jest.fn(), legacyPassword: jest.fn(), removeDatabase: jest.fn() },
}));
jest.mock("../../../../components/minikube/profile", () => ({ networkOf: jest.fn() }));

const INPUTS = { stack: "dev", name: "todo-app-postgres", profile: "team", port: 55432 };
const STATE = { ...INPUTS, password: "p" };
const SPEC = { stack: "dev", name: "todo-app-postgres", network: "net-of-team", port: 55432 };
const FOUND = { status: "running", hasVolume: true };

beforeEach(() => {
  jest.resetAllMocks();
  jest.mocked(networkOf).mockImplementation((profile) => `net-of-${profile}`);
  jest.mocked(findDatabase).mockResolvedValue(FOUND as never);
  jest.mocked(isAsSpecified).mockReturnValue(true);
  jest.mocked(claim).mockResolvedValue({ owner: "me" } as never);
});
afterEach(() => {
  delete process.env[DELETE_DATA_VARIABLE];
});

describe("a preview", () => {
  const compare = (change: object = {}) => provider.diff?.("me", STATE, { ...INPUTS, ...change });

  test("shows no change where all is as it should be, and lets nobody else's pass", async () => {
    expect(await compare()).toMatchObject({ changes: false });
    expect(checkOwner).toHaveBeenCalledWith(FOUND, SPEC, "me");
    jest.mocked(checkOwner).mockImplementation(() => {
      throw new Error("another stack's");
    });
    await expect(compare()).rejects.toThrow("another stack's");
  });

  test.each([{ port: 55433 }, { profile: "other" }])("shows a change of %j", async (change) => {
    const diff = await compare(change);
    expect(diff).toMatchObject({ changes: true });
    expect(diff?.replaces ?? []).toEqual([]);
  });

  test("shows that a container of another kind is put right", async () => {
    jest.mocked(isAsSpecified).mockReturnValue(false);
    expect(await compare()).toMatchObject({ changes: true });
    expect(isAsSpecified).toHaveBeenCalledWith(FOUND, SPEC);
  });

  test("shows that another name is another database", async () => {
    jest.mocked(findDatabase).mockResolvedValue({ status: undefined, hasVolume: false } as never);
    const diff = await compare({ name: "other" });
    expect(diff).toMatchObject({ changes: true, replaces: ["name"], deleteBeforeReplace: true });
    expect(findDatabase).toHaveBeenCalledWith("other");
  });

  test("refuses to go on with an empty database where the stack with the data was renamed", async () => {
    await expect(compare({ stack: "mine", name: "todo-app-mine-database" })).rejects.toThrow(
      /"dev" is called "mine" now[\s\S]*volume todo-app-postgres[\s\S]*pulumi stack rename dev --stack mine/,
    );
    expect(findDatabase).toHaveBeenLastCalledWith("todo-app-postgres");
  });
});

describe("an update", () => {
  test("makes a database of this stack's own, with a password that nobody can guess", async () => {
    const first = await provider.create(INPUTS);
    const second = await provider.create(INPUTS);
    expect(first).toMatchObject({ id: "me", outs: INPUTS });
    const passwords = [first, second].map(({ outs }) => outs?.password ?? "");
    for (const password of passwords) expect(password).toMatch(/^[\w-]{32}$/);
    expect(passwords[0]).not.toBe(passwords[1]);
    expect(ensureDatabase).toHaveBeenLastCalledWith(SPEC, "me", passwords[1]);
    expect(jest.mocked(claim).mock.lastCall?.[0]).toEqual(SPEC);
  });

  test("goes on with the password that an earlier version has kept", async () => {
    jest.mocked(legacyPassword).mockReturnValue("old");
    expect(await provider.create(INPUTS)).toMatchObject({ outs: { password: "old" } });
  });

  test("changes its own database, and keeps the password", async () => {
    const news = { ...INPUTS, port: 55433 };
    expect(await provider.update?.("me", STATE, news)).toEqual({
      outs: { ...news, password: "p" },
    });
    expect(checkOwner).toHaveBeenCalledWith(FOUND, { ...SPEC, port: 55433 }, "me");
    expect(ensureDatabase).toHaveBeenCalledWith({ ...SPEC, port: 55433 }, "me", "p");
  });
});

describe("a refresh", () => {
  test.each([
    [{ status: "exited", hasVolume: false }, true],
    [{ status: undefined, hasVolume: true }, true],
    [{ status: undefined, hasVolume: false }, false],
  ])("of %j finds one: %s", async (found, isThere) => {
    jest.mocked(findDatabase).mockResolvedValue(found as never);
    expect(await provider.read?.("me", STATE)).toEqual(isThere ? { id: "me", props: STATE } : {});
  });
});

describe("a destroy", () => {
  test("leaves the data where nobody has said otherwise", async () => {
    await provider.delete?.("me", STATE);
    expect(checkOwner).toHaveBeenCalledWith(FOUND, { name: SPEC.name, stack: "dev" }, "me");
    expect(removeDatabase).toHaveBeenLastCalledWith("todo-app-postgres", false);
    process.env[DELETE_DATA_VARIABLE] = "1";
    await provider.delete?.("me", STATE);
    expect(removeDatabase).toHaveBeenLastCalledWith("todo-app-postgres", true);
  });

  test("takes away nobody else's", async () => {
    jest.mocked(checkOwner).mockImplementation(() => {
      throw new Error("another clone's");
    });
    await expect(provider.delete?.("me", STATE)).rejects.toThrow("another clone's");
    expect(removeDatabase).not.toHaveBeenCalled();
  });
});

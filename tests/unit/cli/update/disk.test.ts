import { mkdirSync } from "node:fs";
import promises from "node:fs/promises";
import { join } from "node:path";
import { checkDisk } from "../../../../cli/update/preflight";
import { folderWith } from "../../support/folder";

jest.mock("../../../../common/run", () => ({
  ...jest.requireActual<object>("../../../../common/run"),
  tryRun: async () => ({ code: 0, stdout: "", stderr: "" }),
}));

const GIB = 1024 ** 3;
const root = folderWith({});
const state = join(root, ".state");
mkdirSync(state);

/** The check on a machine whose folders have this much room, in bytes. */
function check(free: Record<string, number>): Promise<void> {
  jest
    .spyOn(promises, "statfs")
    .mockImplementation(async (path) => ({ bavail: free[`${path}`] ?? 0, bsize: 1 }) as never);
  return checkDisk({}, root);
}

afterEach(() => jest.restoreAllMocks());

describe("before an update, the disk", () => {
  it("has room for images and for the record", async () => {
    await expect(check({ [root]: 3 * GIB, [state]: 3 * GIB })).resolves.toBeUndefined();
  });

  it("is refused where the state's own volume is full, whatever there is elsewhere", async () => {
    await expect(check({ [root]: 3 * GIB, [state]: 200 * 1024 })).rejects.toMatchObject({
      what: "the disk is nearly full",
      why: `0 MiB are free at ${state}, 32 MiB are needed`,
    });
  });

  it("is refused where images have no room", async () => {
    await expect(check({ [root]: 1.5 * GIB, [state]: GIB })).rejects.toMatchObject({
      why: `1.5 GiB are free at ${root}, 2.0 GiB are needed`,
    });
  });
});

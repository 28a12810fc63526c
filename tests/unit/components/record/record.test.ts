import * as pulumi from "@pulumi/pulumi";
import { loadedImages, noteLoaded } from "../../../../components/images/loaded-images";
import { pruneImages } from "../../../../components/record/record";
import { folderWith } from "../../support/folder";

jest.mock("typescript", () => ({})); // the SDK loads it for what isn't used here
jest.mock("@npmcli/arborist", () => ({}));

const home = process.cwd();
beforeEach(() => process.chdir(folderWith({})));
afterEach(() => {
  process.chdir(home);
  jest.restoreAllMocks();
});

describe("the images that a deployment no longer needs", () => {
  beforeEach(() => {
    for (const image of ["todo-backend:0", "todo-backend:1", "todo-frontend:1"])
      noteLoaded("dev", image);
  });

  test("go, but for those that a kept deployment has; what stays where it is stays noted", async () => {
    const prune = jest.fn(async () => ["todo-frontend:1"]);
    await pruneImages("dev", ["todo-backend:0"], { prune });
    expect(prune.mock.calls).toEqual([[["todo-backend:1", "todo-frontend:1"]]]);
    expect(loadedImages("dev")).toEqual(["todo-backend:0", "todo-backend:1"]);
  });

  test("are but warned of where they can't be taken away, and tried again by the next update", async () => {
    const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
    const prune = (): Promise<never> => Promise.reject(new Error("the node doesn't answer"));
    await pruneImages("dev", ["todo-backend:0"], { prune });
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/todo-backend:1, todo-frontend:1: the node doesn't answer$/)],
    ]);
    expect(loadedImages("dev")).toEqual(["todo-backend:0", "todo-backend:1", "todo-frontend:1"]);
  });

  test("are asked for nobody where there are none", async () => {
    const prune = jest.fn();
    await pruneImages("dev", loadedImages("dev"), { prune });
    expect(prune).not.toHaveBeenCalled();
  });
});

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

test("an image that a kept deployment needs stays; one that can't be taken away is but warned of, and tried again by the next update", async () => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  for (const image of ["todo-backend:0", "todo-backend:1", "todo-frontend:1"])
    noteLoaded("dev", image);
  const prune = jest.fn(async ([image]: readonly string[]) => {
    if (image === "todo-backend:1") throw new Error("the node doesn't answer");
  });
  await pruneImages("dev", ["todo-backend:0"], { prune });
  expect(prune.mock.calls).toEqual([[["todo-backend:1"]], [["todo-frontend:1"]]]);
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/todo-backend:1 .*: the node doesn't answer$/)],
  ]);
  expect(loadedImages("dev")).toEqual(["todo-backend:0", "todo-backend:1"]);
});

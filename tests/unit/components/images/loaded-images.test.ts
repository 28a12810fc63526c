import {
  loadedImages,
  noteLoaded,
  noteRemoved,
  unusedImages,
} from "../../../../components/images/loaded-images";
import { folderWith } from "../../support/folder";

const home = process.cwd();
beforeEach(() => process.chdir(folderWith({})));
afterEach(() => process.chdir(home));

const load = (stack: string, ...images: string[]): void => {
  for (const image of images) noteLoaded(stack, image);
};

test("a stack's images are noted once each, in their order, until they are taken away", () => {
  expect(loadedImages("dev")).toEqual([]);
  load("dev", "todo-backend:1", "todo-frontend:1", "todo-backend:1");
  load("staging", "todo-backend:2");
  expect(loadedImages("dev")).toEqual(["todo-backend:1", "todo-frontend:1"]);
  noteRemoved("dev", ["todo-backend:1", "todo-backend:2"]);
  expect([loadedImages("dev"), loadedImages("staging")]).toEqual([
    ["todo-frontend:1"],
    ["todo-backend:2"],
  ]);
});

test("an image goes that no kept deployment and no other stack needs", () => {
  load("dev", "todo-backend:1", "todo-backend:2", "todo-backend:3");
  load("staging", "todo-backend:2", "todo-frontend:9");
  expect(unusedImages("dev", ["todo-backend:3"])).toEqual(["todo-backend:1"]);
  expect(unusedImages("other", [])).toEqual([]);
});

test("the last image under development of each component stays: the next loop needs it", () => {
  load("dev", "todo-backend-dev:1", "todo-frontend-dev:1", "todo-backend-dev:2", "todo-backend:1");
  expect(unusedImages("dev", [])).toEqual(["todo-backend-dev:1", "todo-backend:1"]);
});

import { run } from "../../../../common/run";
import { removeFromNodes } from "../../../../components/images/node-removal";
import { imageStores } from "../../../../components/minikube/node-images";

jest.mock("../../../../common/run", () => ({ run: jest.fn() }));
jest.mock("../../../../components/minikube/node-images", () => ({ imageStores: jest.fn() }));

const nodes = [{ remove: jest.fn() }, { remove: jest.fn() }];
beforeEach(() => {
  jest.mocked(imageStores).mockResolvedValue(nodes as never);
  jest.mocked(run).mockResolvedValue("todo-backend:2 todo-frontend:1 docker.io/library/x:1");
  for (const { remove } of nodes) remove.mockReset();
});

test("an image that some clone's workload names stays on the nodes, the others go from all of them", async () => {
  const gone = await removeFromNodes("team", ["todo-backend:1", "todo-frontend:1"]);
  expect(gone).toEqual(["todo-backend:1"]);
  for (const { remove } of nodes) expect(remove.mock.calls).toEqual([["todo-backend:1"]]);
  expect(jest.mocked(run).mock.lastCall?.[1]).toEqual(
    expect.arrayContaining(["--context", "team", "deployments,pods", "--all-namespaces"]),
  );
});

test("nothing goes where the cluster doesn't say what it names", async () => {
  jest.mocked(run).mockRejectedValue(new Error("refused"));
  await expect(removeFromNodes("team", ["todo-backend:1"])).rejects.toThrow("refused");
  for (const { remove } of nodes) expect(remove).not.toHaveBeenCalled();
});

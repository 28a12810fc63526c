import fs, { readFileSync } from "node:fs";
import { localBackend } from "../../../../cli/session/backend";
import { Pulumi } from "../../../../cli/session/pulumi";
import { ROOT } from "../../../../cli/session/workspace";
import { run } from "../../../../common/run";

jest.mock("../../../../common/run", () => ({
  ...jest.requireActual<object>("../../../../common/run"),
  run: jest.fn(),
}));

const rowsOf = (number: number): object => ({
  resources: [{ urn: "u", type: "pulumi:pulumi:Stack", outputs: { url: `http://${number}` } }],
});
/** What an earlier, local backend has left in the clone's folder. */
const LEFT = JSON.stringify({ checkpoint: { latest: rowsOf(1) } });

/** The stack of a clone whose folder holds a state. */
function stack(backend: string): Pulumi {
  const real = { exists: fs.existsSync, read: readFileSync };
  jest
    .spyOn(fs, "existsSync")
    .mockImplementation(
      (path) => /stacks\/todo-app\/staging\.json$/.test(`${path}`) || real.exists(path),
    );
  jest
    .spyOn(fs, "readFileSync")
    .mockImplementation(((path: string, options: "utf8") =>
      /stacks\/todo-app\/staging\.json$/.test(path) ? LEFT : real.read(path, options)) as never);
  const variables = {
    ...{ PULUMI_BACKEND_URL: backend, PULUMI_CREDENTIALS_PATH: "" },
    PULUMI_LANGUAGE_NODEJS_RUN_PATH: "",
  };
  return new Pulumi("staging", { env: {} } as never, variables);
}

beforeEach(() => {
  jest.mocked(run).mockImplementation(async (_command, args) => {
    if (args[0] === "stack" && args[1] === "ls") return JSON.stringify([{ name: "staging" }]);
    if (args[1] === "output") return "http://2";
    return JSON.stringify({ deployment: rowsOf(2) });
  });
});
afterEach(() => jest.restoreAllMocks());

describe("a stack's state", () => {
  it("is read from the clone's folder where that is the backend", async () => {
    const pulumi = stack(localBackend(ROOT));
    expect(await pulumi.state()).toEqual(rowsOf(1));
    expect(await pulumi.output("url")).toBe("http://1");
    expect(run).not.toHaveBeenCalled();
  });

  it("is the shared backend's where one is named, whatever the clone's folder has left of an earlier one", async () => {
    const pulumi = stack("postgres://db.example.com/pulumi");
    expect(await pulumi.state()).toEqual(rowsOf(2));
    expect(await pulumi.output("url")).toBe("http://2");
  });
});

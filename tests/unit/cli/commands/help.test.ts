import { contents, PROJECT_SCRIPTS } from "../../../../cli/contents";
import { main } from "../../../../cli/main";
import "../../../../cli/commands/help";
import { commandOf, written } from "./support";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/contents", () => ({
  contents: jest.fn(),
  PROJECT_SCRIPTS: { lint: "Checks the code.", test: "Tests" },
}));

const help = commandOf(main);
afterEach(() => jest.restoreAllMocks());

test("npm run help lists the commands under their titles, each with its first sentence", async () => {
  const command = (name: string, summary: string) => ({ name, summary });
  jest.mocked(contents).mockReturnValue([
    {
      title: "every day",
      commands: [command("up", "Deploys; waits. More."), command("open", "Opens v1.2. Then more.")],
    },
    { title: "seldom", commands: [command("destroy-all", "Removes")] },
  ] as never);
  const out = written("stdout");
  expect(await help()).toBe(0);
  expect(out.join("").split("\n").slice(1)).toEqual([
    ...["", "every day", "  up          Deploys", "  open        Opens v1.2"],
    ...["", "seldom", "  destroy-all  Removes"],
    ...[
      "",
      "the project itself, by npm run only",
      "  lint        Checks the code",
      "  test        Tests",
    ],
    ...["", expect.stringMatching(/^Each command tells its flags with --help\./), ""],
  ]);
  expect(Object.keys(PROJECT_SCRIPTS)).toHaveLength(2);
});

test("npm run help is of no stack", () => {
  expect(jest.mocked(main).mock.lastCall?.[4]).toEqual({ hasStack: false });
});

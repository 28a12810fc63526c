import { join } from "node:path";
import { askQuestion, checkQuestion } from "../../../ops/ask";
import { namedAssistant } from "../../../ops/assistants";
import type { Answer } from "../../../ops/assistants/assistant";
import { readAudit } from "../../../ops/audit";
import { review } from "../../../ops/review";
import { folderWith } from "../support/folder";
import { deskFor, FakeRunner } from "./support";

jest.mock("../../../ops/assistants", () => ({
  ...{ namedAssistant: jest.fn(), chooseAssistant: jest.fn() },
}));

const RESTART = "kubectl rollout restart deployment/todo-app-backend";
const SCALE = "kubectl scale deployment/todo-app-backend --replicas=2";
const PODS = "kubectl get pods";
let file: string;

/** Puts a question to an assistant that answers so. */
async function asked(
  answer: Partial<Answer> | Error,
  decisions: string[] = [],
  runner = new FakeRunner([[/./, {}]]),
) {
  const desk = deskFor(file, runner, decisions);
  const suggested = (answer instanceof Error
    ? []
    : (answer.suggestions ?? [])) as unknown as string[];
  jest.mocked(namedAssistant).mockResolvedValue({
    ...{ name: "kubectl-ai", version: "0.0.31", model: "openai/m" },
    ask: async () => {
      if (answer instanceof Error) throw answer;
      const suggestions = suggested.map((line) => review(line, desk.scope));
      return { text: "", exitCode: 0, looks: [], ...answer, suggestions };
    },
  } as never);
  const question = { text: "why?", assistant: "kubectl-ai", manual: false };
  const search = { env: desk.env, run: desk.run, choice: {} };
  const ended = await askQuestion(desk, question, search).catch((error: Error) => error);
  return { desk, ended, runner, records: (await readAudit(file)).records };
}
const suggests = (...lines: string[]) => ({ suggestions: lines as never });

beforeEach(() => {
  file = join(folderWith({}), "operations.jsonl");
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => jest.restoreAllMocks());

describe("what an assistant suggests", () => {
  test("is decided once, however often and wherever it is said", async () => {
    const text = `Do this:\n\n\`\`\`\n${RESTART}\n\`\`\`\n\nAnd again:\n\n\`\`\`\n${RESTART}\n\`\`\`\n`;
    const { desk } = await asked({ ...suggests(RESTART, RESTART), text }, ["n", "n", "n"]);
    expect(desk.asked).toHaveLength(1);
    expect(desk.shown).toContain("\n1 suggestion; nothing runs without your decision:");
  });

  test("is counted", async () => {
    const { desk } = await asked(suggests(RESTART, SCALE), ["n", "n"]);
    expect(desk.asked).toHaveLength(2);
    expect(desk.shown).toContain("\n2 suggestions; nothing runs without your decision:");
  });

  test("isn't asked about where the assistant has looked by that command already", async () => {
    const look = { command: PODS, ran: true } as never;
    const { desk } = await asked({ ...suggests(PODS), looks: [look] });
    expect(desk.asked).toEqual([]);
    expect(desk.shown.join("\n")).not.toContain("suggestion");
  });

  test("is asked about where that look was kept back", async () => {
    const look = { command: PODS, ran: false } as never;
    const { desk } = await asked({ ...suggests(PODS), looks: [look] }, ["n"]);
    expect(desk.asked).toHaveLength(1);
  });

  test("is none where there is an answer alone", async () => {
    const { desk, ended } = await asked({ text: "All is well." });
    expect(ended).toBe(0);
    expect(desk.shown).toEqual(["\nAll is well."]);
  });
});

describe("the exit code", () => {
  const failing = () =>
    new FakeRunner([
      [/scale/, { code: 3 }],
      [/./, {}],
    ]);

  test("is that of a command that ran and failed, whatever ran well after it", async () => {
    expect((await asked(suggests(SCALE, RESTART), ["y", "y"], failing())).ended).toBe(3);
  });

  test("is 0 where all ran well, or nothing ran", async () => {
    expect((await asked(suggests(RESTART), ["y"])).ended).toBe(0);
    expect((await asked(suggests(SCALE), ["n"], failing())).ended).toBe(0);
  });
});

test("an assistant that fails is recorded, the commands by hand are shown, and the failure is told", async () => {
  const { ended, desk, records } = await asked(new Error("no model"));
  expect(ended).toEqual(new Error("no model"));
  expect(desk.shown.join("\n")).toMatch(
    /^no assistant answers; why something doesn't run, by hand:/,
  );
  expect(records).toMatchObject([
    { event: "question", tool: "kubectl-ai", tool_version: "0.0.31", model: "openai/m" },
    { event: "answer", answer: "none: no model", exit_code: 1 },
  ]);
});

describe("a question", () => {
  test("of 4000 characters is put, without what surrounds it", () => {
    expect(checkQuestion(` ${"x".repeat(4000)}\n`)).toBe("x".repeat(4000));
  });

  test.each([
    ["x".repeat(4001), "it has more than 4000 characters"],
    [" \n", "it is empty"],
  ])("is refused: %#", (text, why) => {
    expect(() => checkQuestion(text)).toThrow(expect.objectContaining({ why, exitCode: 64 }));
  });
});

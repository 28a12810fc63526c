import { healthOf, openDesk } from "../../../../cli/health/health";
import { main } from "../../../../cli/main";
import { askQuestion } from "../../../../ops/ask";
import { installKubectlAi } from "../../../../ops/assistants/kubectl-ai";
import { history } from "../../../../ops/history";
import "../../../../cli/commands/ops";
import { commandOf, written } from "./support";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/health/health", () => ({
  ...{ EXIT_UNHEALTHY: 2, healthOf: jest.fn(), openDesk: jest.fn() },
}));
jest.mock("../../../../ops/ask", () => ({
  ...{ askQuestion: jest.fn(), checkQuestion: (text: string) => text.trim() },
}));
jest.mock("../../../../ops/assistants/kubectl-ai", () => ({ installKubectlAi: jest.fn() }));
jest.mock("../../../../ops/history", () => ({ history: jest.fn() }));

const ops = commandOf(main, "staging");
const shown: string[] = [];
const desk = { env: { A: "1" }, run: jest.fn(), terminal: { show: (t: string) => shown.push(t) } };
let out: string[];

beforeEach(() => {
  shown.length = 0;
  out = written("stdout");
  jest
    .mocked(openDesk)
    .mockReset()
    .mockResolvedValue(desk as never);
  jest.mocked(healthOf).mockResolvedValue({ healthy: true, text: "✓ well", data: { ok: true } });
  jest.mocked(history).mockReset().mockResolvedValue("the history\n");
  jest.mocked(installKubectlAi).mockReset().mockResolvedValue("/cache/kubectl-ai");
  jest.mocked(askQuestion).mockReset().mockResolvedValue(3);
});
afterEach(() => jest.restoreAllMocks());

describe("npm run ops without words", () => {
  test("tells how the stack is", async () => {
    expect(await ops()).toBe(0);
    expect(openDesk).toHaveBeenLastCalledWith("staging");
    expect(shown).toEqual(["✓ well"]);
  });

  test("ends with 2 where something is broken", async () => {
    jest.mocked(healthOf).mockResolvedValue({ healthy: false, text: "✗", data: {} });
    expect(await ops()).toBe(2);
  });

  test("--json gives it to programs", async () => {
    await ops({ json: true });
    expect(JSON.parse(shown.join(""))).toEqual({ ok: true });
  });
});

describe("npm run ops -- history", () => {
  test.each([
    [{}, { limit: 20, json: false }],
    [{ limit: "1" }, { limit: 1, json: false }],
    [
      { limit: "5", json: true },
      { limit: 5, json: true },
    ],
  ] as const)("with %j asks for %j", async (flags, expected) => {
    expect(await ops(flags, "history")).toBe(0);
    expect(history).toHaveBeenLastCalledWith({ stack: "staging", ...expected });
    expect(out).toEqual(["the history\n"]);
    // What was recorded needs no cluster.
    expect(openDesk).not.toHaveBeenCalled();
  });

  test.each(["0", "-1", "1.5", "many"])("--limit %s is refused", async (limit) => {
    await expect(ops({ limit }, "history")).rejects.toMatchObject({
      ...{ what: `"${limit}" is no number of questions`, exitCode: 64 },
    });
    expect(history).not.toHaveBeenCalled();
  });
});

test("npm run ops -- install kubectl-ai gets it, and prints where it is", async () => {
  expect(await ops({}, "install", "kubectl-ai")).toBe(0);
  expect(out).toEqual(["/cache/kubectl-ai\n"]);
});

describe("a question", () => {
  test("goes to the assistant with what was chosen; the exit code is the last command's", async () => {
    const flags = { assistant: "kubectl-ai", provider: "ollama", model: "small" };
    expect(await ops(flags, "why", "is", "it", "down?")).toBe(3);
    expect(askQuestion).toHaveBeenLastCalledWith(
      desk,
      { text: "why is it down?", assistant: "kubectl-ai", manual: false },
      { env: { A: "1" }, run: desk.run, choice: { provider: "ollama", model: "small" } },
    );
  });

  test("--manual is for the commands alone", async () => {
    await ops({ manual: true }, "why?");
    expect(jest.mocked(askQuestion).mock.lastCall?.[1]).toMatchObject({ manual: true });
  });

  test.each([["history of the pods"], ["install a database"], ["install kubectl-ai for me"]])(
    "may begin with a command's name: %s",
    async (text) => {
      await ops({}, ...text.split(" "));
      expect(jest.mocked(askQuestion).mock.lastCall?.[1]).toMatchObject({ text });
      expect(
        [jest.mocked(history), jest.mocked(installKubectlAi)].map((m) => m.mock.calls),
      ).toEqual([[], []]);
    },
  );
});

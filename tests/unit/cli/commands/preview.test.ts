import { main } from "../../../../cli/main";
import { openSession } from "../../../../cli/session/session";
import "../../../../cli/commands/preview";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/session");

const [, , , work] = jest.mocked(main).mock.lastCall ?? [];
const SECRET = "urn:pulumi:dev::todo-app::kubernetes:core/v1:Secret::todo-app";
const STEPS = [
  { op: "same", urn: "urn:pulumi:dev::todo-app::pulumi:pulumi:Stack::todo-app-dev" },
  {
    ...{ op: "update", urn: SECRET },
    newState: { type: "kubernetes:core/v1:Secret", inputs: { stringData: { JWT: "hidden" } } },
    detailedDiff: { "stringData.JWT": { kind: "update" } },
  },
];

/** Runs the command on what Pulumi says; its exit code and its answer. */
async function preview(steps: unknown[], ...flags: string[]) {
  const stdout = JSON.stringify({ steps, diagnostics: [] });
  const pulumi = { try: async () => ({ code: 0, stdout, stderr: "" }) };
  jest.mocked(openSession).mockResolvedValue({ stack: "dev", pulumi } as never);
  let out = "";
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    const flag = (name: string): boolean => flags.includes(name);
    const code = await work?.({
      ...{ stack: "dev", option: () => undefined, flag, words: [], namesStack: false },
    });
    return { code, out };
  } finally {
    jest.restoreAllMocks();
  }
}

describe("npm run preview -- --json", () => {
  it("tells programs what changes, and no value of a secret", async () => {
    const { code, out } = await preview(STEPS, "json");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      changes: true,
      summary: ["other:", "  ~ Secret todo-app (values masked): ~ JWT"],
      rules: [],
      steps: [{ op: "update", urn: SECRET }],
    });
    expect(out).not.toContain("hidden");
  });

  it("says that nothing changes, with exit code 0", async () => {
    const { code, out } = await preview(STEPS.slice(0, 1), "json");
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { changes: false, summary: ["no changes"], rules: [], steps: [] },
    ]);
  });

  it("is text unless it is asked for", async () => {
    expect((await preview(STEPS)).out).toBe("other:\n  ~ Secret todo-app (values masked): ~ JWT\n");
  });
});

describe("npm run preview -- --diff", () => {
  it("ends where Ctrl-C has stopped it, and looks no second time", async () => {
    const looked = jest.fn();
    const stopped = { isStopped: true, endedDespiteSignals: async () => 1 };
    const pulumi = { start: async () => stopped, try: looked };
    jest.mocked(openSession).mockResolvedValue({ stack: "dev", pulumi } as never);
    const flag = (name: string): boolean => name === "diff";
    const code = await work?.({
      ...{ stack: "dev", option: () => undefined, flag, words: [], namesStack: false },
    });
    expect(code).toBe(130);
    expect(looked).not.toHaveBeenCalled();
  });
});

test("a preview that failed with half an answer is told by what Pulumi said", async () => {
  const failed = { code: 255, stdout: '{"config": {', stderr: "error: the backend is gone\n" };
  jest
    .mocked(openSession)
    .mockResolvedValue({ stack: "dev", pulumi: { try: async () => failed } } as never);
  const progress = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  const flag = (): boolean => false;
  await expect(
    work?.({ stack: "dev", option: () => undefined, flag, words: [], namesStack: false }),
  ).rejects.toMatchObject({
    what: 'stack "dev" has no preview',
    why: "error: the backend is gone",
  });
  expect(progress.mock.calls.flat().join("")).toMatch(/^✗ preview /);
  jest.restoreAllMocks();
});

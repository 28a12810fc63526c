import { recordedBy, type Version } from "../../../../cli/rollback/history";
import { table } from "../../../../cli/rollback/table";
import { openSession, prepareUpdate } from "../../../../cli/session/session";

jest.mock("../../../../cli/session/session");
jest.mock("../../../../cli/rollback/history", () => ({
  ...jest.requireActual<object>("../../../../cli/rollback/history"),
  recordedBy: jest.fn(),
}));

const VERSIONS: Version[] = [
  {
    ...{ number: 1, result: "failed", time: new Date(0), by: "ann@laptop", commit: "" },
    ...{ tags: { backend: "b", frontend: "f" }, configChanged: [], deployment: undefined },
  },
];

/** Runs the command on a stack with one version; its two streams and its exit code. */
async function rollback(...flags: string[]): Promise<{ out: string; err: string; code: unknown }> {
  const pulumi = { stack: "dev", hasStack: async () => true };
  jest.mocked(openSession).mockResolvedValue({ stack: "dev", pulumi } as never);
  jest.mocked(recordedBy).mockResolvedValue({
    ...{ versions: VERSIONS, deployments: [], charts: {}, isDeveloped: false },
  });
  const written = { out: "", err: "" };
  const capture = (stream: keyof typeof written) => (text: unknown) => {
    written[stream] += String(text);
    return true;
  };
  jest.spyOn(process.stdout, "write").mockImplementation(capture("out"));
  jest.spyOn(process.stderr, "write").mockImplementation(capture("err"));
  const { argv, exitCode } = process;
  process.argv = ["node", "rollback.ts", ...flags];
  process.exitCode = undefined;
  try {
    jest.isolateModules(() => require("../../../../cli/commands/rollback"));
    while (process.exitCode === undefined) await new Promise(setImmediate);
    return { ...written, code: process.exitCode };
  } finally {
    Object.assign(process, { argv, exitCode });
    jest.restoreAllMocks();
  }
}

describe("npm run rollback", () => {
  test("--list prints the table on standard output, and needs neither engine nor cluster", async () => {
    const listed = await rollback("--list");
    expect(listed).toEqual({ out: `${table(VERSIONS)}\n`, err: "", code: 0 });
    expect(prepareUpdate).not.toHaveBeenCalled();
  });

  test("--list --json gives the versions to programs, without what they were configured with", async () => {
    const { out, code } = await rollback("--list", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([
      {
        ...{ number: 1, result: "failed", time: "1970-01-01T00:00:00.000Z", by: "ann@laptop" },
        ...{ commit: "", tags: { backend: "b", frontend: "f" }, configChanged: [] },
        ...{ kept: false, current: false },
      },
    ]);
  });

  test("--list beside --to is refused: nothing would go back", async () => {
    const { err, code } = await rollback("--list", "--to", "1");
    expect([code, err]).toEqual([64, expect.stringContaining("--list rolls nothing back")]);
  });

  test("--json alone rolls nothing back", async () => {
    const { err, code } = await rollback("--json");
    expect([code, err]).toEqual([64, expect.stringContaining("npm run rollback -- --list --json")]);
    expect(prepareUpdate).not.toHaveBeenCalled();
  });

  test("shows the table as progress, and says why it can't", async () => {
    const { out, err, code } = await rollback();
    expect([out, code]).toEqual(["", 1]);
    expect(err).toContain(table(VERSIONS));
    expect(err).toContain('✗ stack "dev" has nothing to go back to');
  });
});

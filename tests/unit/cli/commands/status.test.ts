import { healthOf, openDesk } from "../../../../cli/health/health";
import { main } from "../../../../cli/main";
import { UserError } from "../../../../common/errors";
import "../../../../cli/commands/status";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/health/health", () => ({
  ...{ EXIT_UNHEALTHY: 2, healthOf: jest.fn(), openDesk: jest.fn() },
}));
jest.mock("node:timers/promises", () => ({
  setTimeout: (_ms: number, _value: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) =>
      setImmediate(() => (signal.aborted ? reject(signal.reason) : resolve(undefined))),
    ),
}));

const [, , , work] = jest.mocked(main).mock.lastCall ?? [];
const shown: string[] = [];

function status(...flags: string[]): Promise<number | undefined> {
  if (!work) throw new Error("status.ts runs no command");
  const flag = (name: string): boolean => flags.includes(name);
  return work({ stack: "staging", option: () => undefined, flag, words: [] });
}

beforeEach(() => {
  shown.length = 0;
  jest
    .mocked(openDesk)
    .mockResolvedValue({ terminal: { show: (text: string) => shown.push(text) } } as never);
  jest
    .mocked(healthOf)
    .mockResolvedValue({ healthy: true, text: "✓ healthy", data: { healthy: true } });
});

describe("npm run status", () => {
  it("shows the report of the stack that is named, with exit code 0 where it is healthy", async () => {
    expect(await status()).toBe(0);
    expect(openDesk).toHaveBeenLastCalledWith("staging");
    expect(shown).toEqual(["✓ healthy"]);
  });

  it("ends with 2 where something is broken, so that a script can wait for it", async () => {
    jest.mocked(healthOf).mockResolvedValue({ healthy: false, text: "✗ Pod/a", data: {} });
    expect(await status()).toBe(2);
  });

  it("--json prints what a program can read", async () => {
    expect(await status("json")).toBe(0);
    expect(JSON.parse(shown[0] ?? "")).toEqual({ healthy: true });
  });

  it("fails where the cluster doesn't answer", async () => {
    jest.mocked(healthOf).mockRejectedValue(new UserError({ what: "a", why: "b", next: "c" }));
    await expect(status()).rejects.toMatchObject({ what: "a" });
  });
});

describe("npm run status -- --watch", () => {
  /** Stops the command, as Ctrl-C does, when so many reports were asked for. */
  function stopAfter(reports: number, ...answers: (() => never)[]): void {
    let asked = 0;
    jest.mocked(healthOf).mockImplementation(async () => {
      asked += 1;
      if (asked > reports) process.emit("SIGINT", "SIGINT");
      answers[asked - 1]?.();
      return { healthy: true, text: `report ${asked}`, data: { report: asked } };
    });
  }

  it("looks again until Ctrl-C, and leaves no listener behind", async () => {
    const before = process.listenerCount("SIGINT");
    stopAfter(2);
    expect(await status("watch")).toBe(0);
    expect(shown).toEqual(["report 1", "report 2"]);
    expect(process.listenerCount("SIGINT")).toBe(before);
  });

  it("ends where nobody reads any more, as after head", async () => {
    let asked = 0;
    jest.mocked(healthOf).mockImplementation(async () => {
      asked += 1;
      if (asked === 2) process.stdout.emit("error", Object.assign(new Error(), { code: "EPIPE" }));
      if (asked > 3) process.emit("SIGINT", "SIGINT");
      return { healthy: true, text: "", data: {} };
    });
    const ignore = (): void => undefined; // as the command line has one
    process.stdout.on("error", ignore);
    const before = process.stdout.listenerCount("error");
    expect(await status("watch")).toBe(0);
    expect(asked).toBe(2);
    expect(process.stdout.listenerCount("error")).toBe(before);
    process.stdout.off("error", ignore);
  });

  it("with --json gives one report a line", async () => {
    stopAfter(2);
    await status("watch", "json");
    expect(shown).toEqual(['{"report":1}', '{"report":2}']);
  });

  it("goes on when the cluster is away for a while", async () => {
    stopAfter(2, () => {
      throw new UserError({ what: "the cluster is away", why: "it restarts", next: "wait" });
    });
    await status("watch");
    expect(shown).toEqual([expect.stringContaining("✗ the cluster is away"), "report 2"]);
  });

  it("ends by a defect of ours", async () => {
    stopAfter(2, () => {
      throw new TypeError("x is not a function");
    });
    await expect(status("watch")).rejects.toThrow(TypeError);
  });
});

import { duration, say, step } from "../../../common/progress";

let written: string[];
let isTerminal: boolean | undefined;

beforeEach(() => {
  written = [];
  isTerminal = process.stderr.isTTY;
  jest.useFakeTimers();
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  Object.assign(process.stderr, { isTTY: isTerminal });
});

const on = (terminal: boolean): void => void Object.assign(process.stderr, { isTTY: terminal });
/** A step's work that takes so long. */
const during = (ms: number) => (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

async function ran(ms: number): Promise<string[]> {
  const done = step("builds the image", during(ms));
  await jest.advanceTimersByTimeAsync(ms);
  await done;
  return written;
}

test("what is said is one line on standard error", () => {
  say("· it was noticed");
  expect(written).toEqual(["· it was noticed\n"]);
});

describe("a step in a file or CI", () => {
  beforeEach(() => on(false));

  test("of a moment is one line, with how long it took", async () => {
    expect(await ran(200)).toEqual(["✓ builds the image (0.2 s)\n"]);
  });

  test("that takes longer is announced after 0.3 s", async () => {
    expect(await ran(2000)).toEqual(["… builds the image\n", "✓ builds the image (2.0 s)\n"]);
  });

  test("gives a sign of life each 15 s, so that no CI takes it for hung", async () => {
    expect(await ran(31_000)).toEqual([
      "… builds the image\n",
      "… builds the image (15.0 s)\n",
      "… builds the image (30.0 s)\n",
      "✓ builds the image (31.0 s)\n",
    ]);
  });

  test("counts minutes from the first on", async () => {
    expect((await ran(60_000)).at(-1)).toBe("✓ builds the image (1 min 0 s)\n");
    expect((await ran(150_000)).at(-1)).toBe("✓ builds the image (2 min 30 s)\n");
  });

  test("tells with its sign of life what it is at, in 160 characters at most", async () => {
    const done = step("builds", async ({ detail }) => {
      detail(`  pulls ${"x".repeat(200)}\n`);
      await during(16_000)();
    });
    await jest.advanceTimersByTimeAsync(16_000);
    await done;
    expect(written[1]).toBe(`… builds (15.0 s) pulls ${"x".repeat(154)}\n`);
  });

  test("hands back what its work gives", async () => {
    await expect(step("asks", async () => 42)).resolves.toBe(42);
  });

  test("that fails says so, passes the failure on, and falls silent", async () => {
    const failure = new Error("no disk");
    await expect(step("builds", () => Promise.reject(failure))).rejects.toBe(failure);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(written).toEqual(["✗ builds (0.0 s)\n"]);
  });
});

describe("a step on a terminal", () => {
  beforeEach(() => on(true));

  test("rewrites its own line twice a second, and leaves one", async () => {
    expect(await ran(1200)).toEqual([
      "\r\u001b[2K… builds the image (0.5 s)",
      "\r\u001b[2K… builds the image (1.0 s)",
      "\r\u001b[2K✓ builds the image (1.2 s)\n",
    ]);
  });

  test("stays within the line, as nothing can rewrite two", async () => {
    Object.assign(process.stderr, { columns: 20 });
    const [first = ""] = await ran(600);
    expect(first).toBe("\r\u001b[2K… builds the image ");
    Object.assign(process.stderr, { columns: undefined });
  });
});

test.each([
  [0, "0.0 s"],
  [59_940, "59.9 s"],
  [59_960, "1 min 0 s"],
  [119_600, "2 min 0 s"],
])("%d ms are told as %s", (ms, told) => {
  expect(duration(ms)).toBe(told);
});

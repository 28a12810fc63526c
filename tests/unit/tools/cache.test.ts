import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as processes from "../../../common/processes";
import { cachedFolder, cachePath, withLock } from "../../../tools/cache";

let folder: string;
const before = process.env.XDG_CACHE_HOME;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cache-test-"));
  process.env.XDG_CACHE_HOME = folder;
});

afterEach(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  rmSync(folder, { recursive: true, force: true });
});

describe("the tool cache", () => {
  it("keeps what was installed, so that it is installed once", async () => {
    const fill = jest.fn(async (partial: string) => writeFileSync(join(partial, "tool"), "x"));
    const first = await cachedFolder(["tool", "1.0.0"], fill);
    const second = await cachedFolder(["tool", "1.0.0"], fill);
    expect(second).toBe(first);
    expect(fill).toHaveBeenCalledTimes(1);
    expect(readdirSync(first)).toEqual(["tool"]);
  });

  it("leaves nothing of an installation that failed, and does it again next time", async () => {
    const failing = cachedFolder(["tool", "1.0.0"], async (partial) => {
      writeFileSync(join(partial, "half"), "x");
      throw new Error("interrupted");
    });
    await expect(failing).rejects.toThrow("interrupted");
    const again = await cachedFolder(["tool", "1.0.0"], async (partial) =>
      writeFileSync(join(partial, "whole"), "x"),
    );
    expect(readdirSync(again)).toEqual(["whole"]);
  });

  it("installs a tool once, also where two parts of one process want it at the same time", async () => {
    const fill = jest.fn(async (partial: string) => {
      await sleep(20);
      writeFileSync(join(partial, "tool"), "x");
    });
    const both = await Promise.all([
      cachedFolder(["tool", "1.0.0"], fill),
      cachedFolder(["tool", "1.0.0"], fill),
    ]);
    expect(fill).toHaveBeenCalledTimes(1);
    expect(both.map((folder) => readdirSync(folder))).toEqual([["tool"], ["tool"]]);
  });

  it("clears the remains of a killed installation", async () => {
    const partial = cachePath("tool", "1.0.0.partial", "half");
    writeFileSync(partial, "x");
    const whole = await cachedFolder(["tool", "1.0.0"], async (into) =>
      writeFileSync(join(into, "whole"), "x"),
    );
    expect(readdirSync(whole)).toEqual(["whole"]);
  });

  it("names the disk when it is full", async () => {
    const full = cachedFolder(["tool", "1.0.0"], async () => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    });
    await expect(full).rejects.toMatchObject({ what: "the disk is full" });
  });

  it("takes over the lock of a process that is gone", async () => {
    const lock = cachePath("locks", "x.lock");
    writeFileSync(lock, "999999999\n");
    await expect(withLock(lock, async () => "done")).resolves.toBe("done");
    expect(existsSync(lock)).toBe(false);
  });

  it("leaves a lock to the process that was faster to take a dead one's place", async () => {
    const lock = cachePath("locks", "x.lock");
    writeFileSync(lock, "999999999\n");
    const holder = `${process.ppid}\n`;
    const isRunning = jest.spyOn(processes, "isRunning").mockImplementation((pid) => {
      if (pid !== 999999999) return true;
      writeFileSync(lock, holder); // between the look at the dead process and what follows from it
      return false;
    });
    try {
      let isDone = false;
      const waiting = withLock(lock, async () => {
        isDone = true;
      });
      await sleep(600);
      expect(isDone).toBe(false);
      expect(readFileSync(lock, "utf8")).toBe(holder);
      rmSync(lock);
      await waiting;
      expect(readdirSync(join(lock, ".."))).toEqual([]);
    } finally {
      isRunning.mockRestore();
    }
  });

  it("waits for a holder in another container, whose process it can't see", async () => {
    const lock = cachePath("locks", "x.lock");
    writeFileSync(lock, `999999999 another-container ${"0".repeat(36)}\n`);
    let isDone = false;
    const waiting = withLock(lock, async () => {
      isDone = true;
    });
    await sleep(600);
    expect(isDone).toBe(false);
    rmSync(lock);
    await waiting;
    expect(isDone).toBe(true);
  });

  it("lets one part of a process wait for another", async () => {
    const lock = cachePath("locks", "x.lock");
    const events: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      events.push(`${name} begins`);
      await sleep(10);
      events.push(`${name} ends`);
    };
    await Promise.all([withLock(lock, work("a")), withLock(lock, work("b"))]);
    expect(events).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  it("releases the lock when the work fails", async () => {
    const lock = cachePath("locks", "x.lock");
    await expect(
      withLock(lock, async () => {
        throw new Error("failed");
      }),
    ).rejects.toThrow("failed");
    expect(existsSync(lock)).toBe(false);
  });
});

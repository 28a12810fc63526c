import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "./connection";

describe("Connection", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("asks more and more rarely until the back end answers, then tells everyone once", async () => {
    let reachable = false;
    const probe = vi.fn(async () => {
      if (!reachable) throw new Error("refused");
      return true;
    });
    const connection = new Connection(probe);
    const back = vi.fn();
    connection.whenBack(back);

    connection.lost();
    connection.lost();
    expect(connection.getSnapshot().status).toBe("away");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(probe).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    const calls = probe.mock.calls.length;
    expect(calls).toBeGreaterThan(6);
    expect(calls).toBeLessThan(14);

    reachable = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(connection.getSnapshot()).toEqual({ status: "ok", attempts: 0 });
    expect(back).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probe).toHaveBeenCalledTimes(calls + 1);
  });

  it("asks at once when told to, and forgets listeners that left", async () => {
    const connection = new Connection(async () => true);
    const stay = vi.fn();
    const leave = vi.fn();
    connection.whenBack(stay);
    connection.whenBack(leave)();
    connection.lost();
    await connection.retryNow();
    expect(stay).toHaveBeenCalledOnce();
    expect(leave).not.toHaveBeenCalled();
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "./connection";
import { RequestError } from "./http";

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

  it("takes any answer for a sign of life, but not a gateway's", async () => {
    for (const [kind, status] of [
      ["signed-out", "ok"],
      ["failed", "ok"],
      ["rejected", "ok"],
      ["unavailable", "away"],
    ] as const) {
      const connection = new Connection(async () => {
        throw new RequestError(kind, "no");
      });
      connection.lost();
      await connection.retryNow();
      expect(connection.getSnapshot().status).toBe(status);
      connection.dispose();
    }
  });

  it("asks more and more rarely when the back end is gone again each time", async () => {
    const probe = vi.fn(async () => true);
    const connection = new Connection(probe);
    connection.whenBack(() => connection.lost());
    connection.lost();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probe.mock.calls.length).toBeLessThan(14);
    connection.dispose();
  });

  it("asks no more once it is disposed of, even while it waits for an answer", async () => {
    let refuse: (error: Error) => void = () => undefined;
    const probe = vi.fn(
      () =>
        new Promise<boolean>((_, reject) => {
          refuse = reject;
        }),
    );
    const connection = new Connection(probe);
    connection.lost();
    await vi.advanceTimersByTimeAsync(1_000);
    connection.dispose();
    refuse(new Error("refused"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probe).toHaveBeenCalledOnce();
  });
});

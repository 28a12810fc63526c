import { randomUUID } from "node:crypto";
import { Pool } from "pg";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RateLimits } from "./rate-limits";

const databaseUrl = process.env.TEST_DATABASE_URL;

// Needs a database that the back end's migrations have run on.
describe.skipIf(!databaseUrl)("RateLimits", () => {
  const pool = new Pool({ connectionString: databaseUrl });
  afterAll(() => pool.end());
  const replicas = [new RateLimits(pool), new RateLimits(pool)] as const;
  const limit = (windowSeconds = 60) => ({ key: `test:${randomUUID()}`, max: 3, windowSeconds });

  it("count for all replicas together, each time once", async () => {
    const both = [limit(), limit()];
    const counts = await Promise.all(
      Array.from({ length: 20 }, (_, n) => replicas[n % 2 ? 0 : 1].take(both)),
    );
    for (const at of [0, 1]) {
      const seen = counts.map((taken) => taken[at]?.count ?? 0);
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    }
  });

  it("take back what turned out not to count", async () => {
    const one = limit();
    await replicas[0].take([one]);
    await replicas[0].giveBack([one]);
    await replicas[0].giveBack([one]);
    expect(await replicas[0].take([one])).toMatchObject([{ count: 1 }]);
  });

  it("begin anew when the window has passed since the first, however often one has asked", async () => {
    const one = limit(1);
    const first = Date.now();
    let last = await replicas[0].take([one]);
    expect(last).toMatchObject([{ count: 1, secondsLeft: 1 }]);
    while (Date.now() - first < 800) last = await replicas[0].take([one]);
    expect(last[0]?.count).toBeGreaterThan(2);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await replicas[1].take([one])).toMatchObject([{ count: 1 }]);
  });

  it("leave nothing behind", async () => {
    const [gone, kept] = [limit(1), limit(600)];
    await replicas[0].take([gone, kept]);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await new RateLimits(pool).take([limit()]);
    const { rows } = await pool.query(`SELECT key FROM "rateLimit" WHERE key = ANY ($1)`, [
      [gone.key, kept.key],
    ]);
    expect(rows).toEqual([{ key: kept.key }]);
  });
});

describe("RateLimits, as the database is asked", () => {
  const query = vi.fn<(text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>>();
  const limits = new RateLimits({ query: query as never });
  const [minute, hour] = [
    { key: "a", max: 3, windowSeconds: 60 },
    { key: "b", max: 9, windowSeconds: 3_600 },
  ];
  const deletions = () => query.mock.calls.filter(([text]) => text.startsWith("DELETE")).length;

  beforeEach(() => {
    vi.useFakeTimers();
    query.mockReset().mockImplementation(async (text) => ({
      rows: text.startsWith("INSERT")
        ? [
            { key: "b", count: 2, left: "3599001" },
            { key: "a", count: 1, left: "60000" },
          ]
        : [],
    }));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("count for as long as each window is, and tell whole seconds, rounded up", async () => {
    expect(await limits.take([minute, hour])).toEqual([
      { ...minute, count: 1, secondsLeft: 60 },
      { ...hour, count: 2, secondsLeft: 3_600 },
    ]);
    expect(query.mock.lastCall?.[1]).toEqual([
      ["a", "b"],
      [60_000, 3_600_000],
    ]);
  });

  it("give back what they have counted, by its keys", async () => {
    await limits.giveBack([minute, hour]);
    expect(query.mock.calls.map(([, values]) => values)).toEqual([[["a", "b"]]]);
  });

  it("don't let through what wasn't counted", async () => {
    query.mockResolvedValue({ rows: [] });
    await expect(limits.take([minute])).rejects.toThrow("a limit wasn't counted");
  });

  it("delete what no longer counts at first, and every ten minutes", async () => {
    const fresh = new RateLimits({ query: query as never });
    await fresh.take([minute]);
    await fresh.take([minute]);
    expect(deletions()).toBe(1);
    vi.advanceTimersByTime(599_999);
    await fresh.take([minute]);
    expect(deletions()).toBe(1);
    vi.advanceTimersByTime(1);
    await fresh.take([minute]);
    expect(deletions()).toBe(2);
  });
});

import { randomUUID } from "node:crypto";
import { Pool } from "pg";
import { afterAll, describe, expect, it } from "vitest";
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

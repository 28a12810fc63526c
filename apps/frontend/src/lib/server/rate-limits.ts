import type { Pool } from "pg";

/** So many of something within so long, from the first one on. */
export interface Limit {
  /** What is counted, and for whom; the same in all replicas. */
  key: string;
  max: number;
  windowSeconds: number;
}

/** What has been counted against a limit. */
export interface Count extends Limit {
  /** How often, this time included. */
  count: number;
  /** Until it begins anew. */
  secondsLeft: number;
}

/** Counts in the database, for all replicas together and over restarts. */
export class RateLimits {
  private nextPrune = 0;

  constructor(private readonly pool: Pick<Pool, "query">) {}

  /** Counts one against each limit, at once for everybody else who counts. */
  async take<L extends Limit>(limits: readonly L[]): Promise<Array<L & Count>> {
    await this.prune();
    const { rows } = await this.pool.query<{ key: string; count: number; left: string }>(
      `INSERT INTO "rateLimit" AS kept (id, key, count, "lastRequest")
       SELECT gen_random_uuid(), key, 1, ${NOW} + window_ms
       FROM unnest($1::text[], $2::bigint[]) AS given (key, window_ms) ORDER BY key
       ON CONFLICT (key) DO UPDATE SET
         count = CASE WHEN kept."lastRequest" <= ${NOW} THEN 1 ELSE kept.count + 1 END,
         "lastRequest" = CASE WHEN kept."lastRequest" <= ${NOW}
           THEN excluded."lastRequest" ELSE kept."lastRequest" END
       RETURNING key, count, "lastRequest" - ${NOW} AS left`,
      [limits.map(({ key }) => key), limits.map(({ windowSeconds }) => windowSeconds * 1000)],
    );
    return limits.map((limit) => {
      const row = rows.find(({ key }) => key === limit.key);
      if (!row) throw new Error("a limit wasn't counted");
      return { ...limit, count: row.count, secondsLeft: Math.ceil(Number(row.left) / 1000) };
    });
  }

  /** Takes back what was counted by {@link take}. */
  async giveBack(limits: readonly Limit[]): Promise<void> {
    await this.pool.query(
      `UPDATE "rateLimit" SET count = count - 1 WHERE key IN
         (SELECT key FROM "rateLimit" WHERE key = ANY ($1) AND count > 0 ORDER BY key FOR UPDATE)`,
      [limits.map(({ key }) => key)],
    );
  }

  /** Deletes what no longer counts, now and then. */
  private async prune(): Promise<void> {
    if (Date.now() < this.nextPrune) return;
    this.nextPrune = Date.now() + PRUNE_EVERY_MS;
    await this.pool.query(
      `DELETE FROM "rateLimit" WHERE key IN
         (SELECT key FROM "rateLimit" WHERE "lastRequest" <= ${NOW} FOR UPDATE SKIP LOCKED)`,
    );
  }
}

const PRUNE_EVERY_MS = 10 * 60 * 1000;

// The database's clock is the one that all replicas share. The table is Better Auth's, whose own limits
// aren't used; its column for the last request holds the end of the window.
const NOW = "(extract(epoch FROM now()) * 1000)::bigint";

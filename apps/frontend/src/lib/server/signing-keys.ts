import type { GenericEndpointContext } from "better-auth";
import { symmetricDecrypt } from "better-auth/crypto";
import type { Jwk } from "better-auth/plugins";
import type { Pool } from "pg";

/**
 * All signing keys, of which those that were encrypted under another BETTER_AUTH_SECRET count as expired:
 * this process signs with the newest that it can read, or makes one, while every public key stays
 * published. So replicas with the old and the new secret serve side by side while a rotation rolls out,
 * and tokens that were signed before it are good until they end.
 */
export async function signingKeys(context: GenericEndpointContext): Promise<Jwk[]> {
  const keys = await context.context.adapter.findMany<Jwk>({ model: "jwks" });
  const justExpired = new Date(Date.now() - 1);
  return Promise.all(
    keys.map(async (key) =>
      (await isReadable(key, context)) ? key : { ...key, expiresAt: justExpired },
    ),
  );
}

async function isReadable({ privateKey }: Jwk, { context }: GenericEndpointContext) {
  try {
    await symmetricDecrypt({ key: context.secretConfig, data: JSON.parse(privateKey) });
    return true;
  } catch {
    return false;
  }
}

/** Any number that nothing else in this database locks. */
const LOCK = 7_305_991_204;

/**
 * Keeps a new signing key, unless another process has just made one: then it is that one. Two keys would do,
 * but tokens signed with the second are refused until the back end has fetched the keys again.
 */
export async function createSigningKey(
  pool: Pick<Pool, "connect">,
  key: Omit<Jwk, "id">,
  context: GenericEndpointContext,
): Promise<Jwk> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query("BEGIN");
    // Of the transaction, not the session: that is what poolers keep.
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    const { rows } = await client.query<Jwk>(
      `SELECT * FROM jwks WHERE ("expiresAt" IS NULL OR "expiresAt" > now()) AND alg = $1
       ORDER BY "createdAt" DESC`,
      [key.alg],
    );
    let kept: Jwk | undefined;
    for (const row of rows) if (!kept && (await isReadable(row, context))) kept = row;
    if (!kept) {
      const inserted = await client.query<Jwk>(
        `INSERT INTO jwks (id, "publicKey", "privateKey", "createdAt", "expiresAt", alg, crv)
         VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6) RETURNING *`,
        [key.publicKey, key.privateKey, key.createdAt, key.expiresAt, key.alg, key.crv],
      );
      kept = inserted.rows[0];
    }
    await client.query("COMMIT");
    if (!kept) throw new Error("the signing key wasn't kept");
    return kept;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw failure;
  } finally {
    // With an error the connection is closed, and its transaction undone.
    client.release(failure);
  }
}

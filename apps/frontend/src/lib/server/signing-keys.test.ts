import { betterAuth } from "better-auth";
import { type MemoryDB, memoryAdapter } from "better-auth/adapters/memory";
import { jwt } from "better-auth/plugins";
import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { createAuth } from "./auth";
import { Database } from "./database";
import { readServerEnv } from "./env";
import { signingKeys } from "./signing-keys";

const ORIGIN = "http://localhost:3000";

/** A replica: its secret, and the database that all share. */
function replica(secret: string, database: MemoryDB) {
  const auth = betterAuth({
    baseURL: ORIGIN,
    secret: secret.repeat(32),
    database: memoryAdapter(database),
    emailAndPassword: { enabled: true },
    logger: { disabled: true },
    plugins: [jwt({ adapter: { getJwks: signingKeys } })],
  });
  const credentials = { email: "ada@example.com", password: "correct horse" };
  const cookieOf = (headers: Headers): Headers =>
    new Headers({
      cookie: headers
        .getSetCookie()
        .map((line) => line.split(";")[0])
        .join("; "),
    });
  return {
    signUp: async () => {
      const body = { ...credentials, name: "Ada" };
      return cookieOf((await auth.api.signUpEmail({ body, returnHeaders: true })).headers);
    },
    signIn: async () =>
      cookieOf((await auth.api.signInEmail({ body: credentials, returnHeaders: true })).headers),
    token: async (headers: Headers) => (await auth.api.getToken({ headers })).token,
    /** Whether the back end, which reads this replica's key set, takes a token. */
    accepts: async (token: string) => {
      const keys = createLocalJWKSet(await auth.api.getJwks());
      return (await jwtVerify(token, keys, { issuer: ORIGIN })).payload.email === credentials.email;
    },
  };
}

function emptyDatabase(): MemoryDB {
  return { user: [], session: [], account: [], verification: [], jwks: [] };
}

describe("a rotated BETTER_AUTH_SECRET", () => {
  it("neither stops new tokens nor makes old ones invalid", async () => {
    const database = emptyDatabase();
    const before = replica("a", database);
    const old = await before.token(await before.signUp());

    const after = replica("b", database);
    const fresh = await after.token(await after.signIn());
    await expect(after.accepts(fresh)).resolves.toBe(true);
    await expect(after.accepts(old)).resolves.toBe(true);
  });

  it("lets replicas with the old and the new secret sign in turn, each with one key", async () => {
    const database = emptyDatabase();
    const [before, after] = [replica("a", database), replica("b", database)];
    const [old, fresh] = [await before.signUp(), await after.signIn()];
    for (let round = 0; round < 3; round += 1) {
      for (const token of [await before.token(old), await after.token(fresh)]) {
        await expect(before.accepts(token)).resolves.toBe(true);
        await expect(after.accepts(token)).resolves.toBe(true);
      }
    }
    expect(database.jwks).toHaveLength(2);
  });

  it("keeps to one key where nothing was rotated", async () => {
    const database = emptyDatabase();
    const first = replica("a", database);
    const headers = await first.signUp();
    await first.token(headers);
    await replica("a", database).token(headers);
    expect(database.jwks).toHaveLength(1);
  });
});

const databaseUrl = process.env.TEST_DATABASE_URL;

// Needs a database that the back end's migrations have run on; leaves its keys as they are.
describe.skipIf(!databaseUrl)("front ends that start at once without any key", () => {
  it("come to have one key together", async () => {
    const env = readServerEnv({
      NODE_ENV: "test",
      DATABASE_URL: databaseUrl,
      BETTER_AUTH_SECRET: crypto.randomUUID(), // so that no key that is there can be read
      BETTER_AUTH_URL: ORIGIN,
      BACKEND_URL: "http://localhost:7860",
      DB_POOL_SIZE: "2",
    });
    const databases = [1, 2, 3, 4].map(() => new Database(env));
    const [first] = databases as [Database];
    const ids = async (): Promise<string[]> =>
      (await first.query<{ id: string }>("SELECT id FROM jwks")).rows.map(({ id }) => id);
    const before = await ids();
    try {
      await Promise.all(
        databases.map((database) =>
          createAuth(env, database).api.signJWT({ body: { payload: { sub: "u1" } } }),
        ),
      );
      const made = (await ids()).filter((id) => !before.includes(id));
      expect(made).toHaveLength(1);
    } finally {
      await first.query("DELETE FROM jwks WHERE NOT id = ANY ($1)", [before]);
      await Promise.all(databases.map((database) => database.end()));
    }
  });
});

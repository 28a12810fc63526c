import { getMigrations } from "better-auth/db/migration";
import { Pool } from "pg";
import { describe, expect, it } from "vitest";
import { createAuth } from "./auth";
import { readServerEnv } from "./env";

const databaseUrl = process.env.TEST_DATABASE_URL;

// Needs a database that the back end's migrations have run on.
describe.skipIf(!databaseUrl)("the migrated database", () => {
  it("has every table and column that Better Auth wants", async () => {
    const env = readServerEnv({
      NODE_ENV: "test",
      DATABASE_URL: databaseUrl,
      BETTER_AUTH_SECRET: "0123456789abcdef0123456789abcdef",
      BETTER_AUTH_URL: "http://localhost:3000",
      BACKEND_URL: "http://localhost:7860",
    });
    const pool = new Pool({ connectionString: env.databaseUrl });
    try {
      const { toBeCreated, toBeAdded } = await getMigrations(createAuth(env, pool).options);
      expect({ toBeCreated, toBeAdded }).toEqual({ toBeCreated: [], toBeAdded: [] });
    } finally {
      await pool.end();
    }
  });
});

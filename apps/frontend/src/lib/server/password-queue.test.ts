import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createAuth } from "./auth";
import { Database } from "./database";
import { readServerEnv } from "./env";
import { PasswordQueue } from "./password-queue";

const ORIGIN = "http://localhost:3000";
const ask = (path: string, init: RequestInit = {}): Request =>
  new Request(`${ORIGIN}/api/auth/${path}`, { method: "POST", ...init });

/** A handler whose answers come when they are let go. */
function rig(options: { poolSize: number; waitMs?: number }) {
  const queue = new PasswordQueue(options);
  const begun: string[] = [];
  const finish = new Map<string, () => void>();
  const send = (
    name: string,
    path = "sign-in/email",
    init: RequestInit = {},
  ): Promise<Response> => {
    const answer = queue.answer(ask(path, init), () => {
      begun.push(name);
      return new Promise((resolve) => finish.set(name, () => resolve(new Response(name))));
    });
    answer.catch(() => undefined); // Some are left to wait.
    return answer;
  };
  return { begun, finish, send };
}

describe("PasswordQueue", () => {
  it("lets two through at once, and the others in their order", async () => {
    const { begun, finish, send } = rig({ poolSize: 5 });
    const answers = ["a", "b", "c", "d"].map((name) => send(name));
    await new Promise(setImmediate);
    expect(begun).toEqual(["a", "b"]);
    for (const name of ["b", "a", "c", "d"]) {
      finish.get(name)?.();
      await new Promise(setImmediate);
    }
    expect(begun).toEqual(["a", "b", "c", "d"]);
    expect(await Promise.all(answers.map(async (one) => (await one).text()))).toEqual(begun);
  });

  it.each([1, 2])(
    "lets one through at once where the pool has %i connections",
    async (poolSize) => {
      const { begun, send } = rig({ poolSize });
      for (const name of ["a", "b"]) void send(name);
      await new Promise(setImmediate);
      expect(begun).toEqual(["a"]);
    },
  );

  it("lets nothing wait that hashes no password", async () => {
    const { begun, send } = rig({ poolSize: 1 });
    void send("a");
    void send("b", "get-session");
    void send("c", "sign-out");
    await new Promise(setImmediate);
    expect(begun.sort()).toEqual(["a", "b", "c"]);
  });

  it("gives up on one whose turn doesn't come, and goes on with the next", async () => {
    const { begun, finish, send } = rig({ poolSize: 1, waitMs: 50 });
    void send("a");
    await expect(send("b")).rejects.toThrow("too many");
    void send("c");
    finish.get("a")?.();
    await new Promise(setImmediate);
    expect(begun).toEqual(["a", "c"]);
  });

  it("forgets that one alone, and none behind it", async () => {
    const { begun, finish, send } = rig({ poolSize: 1 });
    void send("a");
    const left = new AbortController();
    void send("b", "sign-in/email", { signal: left.signal });
    void send("c");
    void send("d");
    left.abort();
    for (const name of ["a", "c", "d"]) {
      await new Promise(setImmediate);
      finish.get(name)?.();
    }
    await new Promise(setImmediate);
    expect(begun).toEqual(["a", "c", "d"]);
  });

  it("forgets one that nobody waits for any more", async () => {
    const { begun, finish, send } = rig({ poolSize: 1 });
    void send("a");
    const left = new AbortController();
    const gone = send("b", "sign-in/email", { signal: left.signal });
    left.abort();
    await expect(gone).rejects.toThrow();
    finish.get("a")?.();
    await new Promise(setImmediate);
    expect(begun).toEqual(["a"]);
  });

  it("goes on after one that failed", async () => {
    const queue = new PasswordQueue({ poolSize: 1 });
    const failed = queue.answer(ask("sign-up/email"), () => Promise.reject(new Error("away")));
    await expect(failed).rejects.toThrow("away");
    const next = await queue.answer(ask("sign-up/email"), async () => new Response("next"));
    expect(await next.text()).toBe("next");
  });
});

const databaseUrl = process.env.TEST_DATABASE_URL;

// Needs a database that the back end's migrations have run on.
describe.skipIf(!databaseUrl)("twenty who sign up at once", () => {
  it("all have an account, while others get at the database", async () => {
    const env = readServerEnv({
      NODE_ENV: "test",
      DATABASE_URL: databaseUrl,
      BETTER_AUTH_SECRET: "0123456789abcdef0123456789abcdef",
      BETTER_AUTH_URL: ORIGIN,
      BACKEND_URL: "http://localhost:7860",
      DB_POOL_SIZE: "5",
    });
    const database = new Database(env);
    database.options.connectionTimeoutMillis = 1_500;
    const auth = createAuth(env, database);
    // As slow as on half a core, where five at once would hold all connections for longer than that.
    const { password } = await auth.$context;
    const { hash } = password;
    password.hash = async (text) => {
      await sleep(500);
      return hash(text);
    };
    const queue = new PasswordQueue({ poolSize: env.databasePoolSize, waitMs: 60_000 });
    const domain = `${randomUUID()}.example`;
    const headers = { "content-type": "application/json", origin: ORIGIN };
    let answered = 0;
    const signedUp = Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const body = JSON.stringify({
          ...{ name: `Number ${n}`, email: `n${n}@${domain}`, password: "correct horse" },
        });
        const request = ask("sign-up/email", { headers, body });
        const { status } = await queue.answer(request, (one) => auth.handler(one));
        answered += 1;
        return status;
      }),
    );
    try {
      while (answered < 20) {
        await database.query("SELECT 1");
        await sleep(20);
      }
      expect(await signedUp).toEqual(Array(20).fill(200));
    } finally {
      await signedUp.catch(() => undefined);
      await database.query(`DELETE FROM "user" WHERE email LIKE $1`, [`%@${domain}`]);
      await database.end();
    }
  });
});

import { describe, expect, it, vi } from "vitest";
import type { Auth } from "./auth";
import { TokenSource } from "./token";

function setUp() {
  let now = 0;
  let count = 0;
  let session: { session: { id: string }; user: { id: string } } | null = {
    session: { id: "s1" },
    user: { id: "u1" },
  };
  const getSession = vi.fn(async () => ({
    response: session,
    headers: new Headers({ "set-cookie": "better-auth.session_token=x" }),
  }));
  const getToken = vi.fn(async () => ({ token: `token-${++count}` }));
  const auth = { api: { getSession, getToken } } as unknown as Pick<Auth, "api">;
  return {
    source: new TokenSource(auth, () => now),
    getSession,
    pass: (minutes: number) => {
      now += minutes * 60_000;
    },
    become: (id: string | null) => {
      session = id === null ? null : { session: { id }, user: { id: "u1" } };
    },
  };
}

describe("TokenSource", () => {
  it("signs once for a session, but checks the session every time", async () => {
    const { source, getSession, pass } = setUp();
    const first = await source.authorize(new Headers());
    pass(12);
    const second = await source.authorize(new Headers());
    expect([first?.token, second?.token]).toEqual(["token-1", "token-1"]);
    expect(first?.userId).toBe("u1");
    expect(first?.cookies).toEqual(["better-auth.session_token=x"]);
    expect(getSession).toHaveBeenCalledTimes(2);
  });

  it("renews a token before it expires", async () => {
    const { source, pass } = setUp();
    await source.authorize(new Headers());
    pass(13.5);
    expect((await source.authorize(new Headers()))?.token).toBe("token-2");
  });

  it("brings a new one for a token that is discarded, which is done once", async () => {
    const { source } = setUp();
    const [first, second] = [
      await source.authorize(new Headers()),
      await source.authorize(new Headers()),
    ];
    first?.discard();
    expect((await source.authorize(new Headers()))?.token).toBe("token-2");
    second?.discard();
    expect((await source.authorize(new Headers()))?.token).toBe("token-2");
  });

  it("never gives one session's token to another", async () => {
    const { source, become } = setUp();
    await source.authorize(new Headers());
    become("s2");
    expect((await source.authorize(new Headers()))?.token).toBe("token-2");
  });

  it("stops at once when the session is revoked", async () => {
    const { source, become } = setUp();
    await source.authorize(new Headers());
    become(null);
    expect(await source.authorize(new Headers())).toBeNull();
  });
});

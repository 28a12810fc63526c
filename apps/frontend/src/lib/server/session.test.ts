import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Auth } from "./auth";
import { cookieNames } from "./cookies";

const ORIGIN = "http://localhost:30000";
const NAMES = cookieNames(ORIGIN);

const cookie = vi.hoisted(() => ({ value: "" }));
const getSession = vi.hoisted(() =>
  vi.fn<(options: unknown) => Promise<unknown>>(async () => ({ user: { id: "u1" } })),
);
vi.mock("next/headers", () => ({ headers: async () => new Headers({ cookie: cookie.value }) }));
vi.mock("next/navigation", () => ({
  redirect: (path: string) => {
    throw new Error(`to ${path}`);
  },
}));
vi.mock("./auth", () => ({ getAuth: () => ({ api: { getSession } }) as unknown as Auth }));
vi.mock("./env", () => ({ serverEnv: () => ({ publicUrl: ORIGIN }) }));

describe("requireSession", () => {
  beforeEach(() => {
    vi.resetModules();
    getSession.mockClear();
  });

  it("reads the session without extending it, as its cookie would stay as it is", async () => {
    cookie.value = "session=1";
    const session = await import("./session");
    expect(await session.requireSession()).toEqual({ user: { id: "u1" } });
    expect(getSession).toHaveBeenCalledExactlyOnceWith({
      headers: new Headers({ cookie: "session=1" }),
      query: { disableRefresh: true },
    });
  });

  it("takes over a session from when all sites shared a cookie's name", async () => {
    cookie.value = "better-auth.session_token=abc.def";
    const session = await import("./session");
    await session.requireSession();
    const [options] = getSession.mock.calls[0] as [{ headers: Headers }];
    expect(options.headers.get("cookie")).toContain(`${NAMES.session}=abc.def`);
  });

  it.each([
    ["this site's cookie", `${NAMES.session}=x`, "/sign-in?reason=expired"],
    ["another site's on the same host", "todo-00000000.better-auth.session_token=x", "/sign-in"],
  ])("says that a session has ended only to those who had %s", async (_name, value, path) => {
    cookie.value = value;
    getSession.mockResolvedValueOnce(null);
    const session = await import("./session");
    await expect(session.requireSession()).rejects.toThrow(`to ${path}`);
  });
});

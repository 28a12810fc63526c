import { expect, it, vi } from "vitest";
import type { Auth } from "./auth";

const getSession = vi.hoisted(() => vi.fn(async (_options: unknown) => ({ user: { id: "u1" } })));
vi.mock("next/headers", () => ({ headers: async () => new Headers({ cookie: "session=1" }) }));
vi.mock("./auth", () => ({ getAuth: () => ({ api: { getSession } }) as unknown as Auth }));

it("reads the session without extending it, as its cookie would stay as it is", async () => {
  const session = await import("./session");
  expect(await session.requireSession()).toEqual({ user: { id: "u1" } });
  expect(getSession).toHaveBeenCalledExactlyOnceWith({
    headers: new Headers({ cookie: "session=1" }),
    query: { disableRefresh: true },
  });
});

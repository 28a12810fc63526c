import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  type AuthApiDependencies,
  answerAuthRequest,
  inWords,
  MAX_AUTH_BODY_BYTES,
} from "./auth-api";
import { cookieNames } from "./cookies";
import type { Verdict } from "./sign-in-limits";

const ORIGIN = "http://todo.example";
const NAMES = cookieNames(ORIGIN);
const ADA = { email: "Ada@example.com", password: "correct horse" };

function rig(answer: () => Response = () => Response.json({})) {
  const handler = vi.fn(async (_request: Request) => answer());
  const succeeded = vi.fn(async () => undefined);
  const yes = async (): Promise<Verdict> => ({ allowed: true, succeeded });
  const limits = { signIn: vi.fn(yes), signUp: vi.fn(yes) };
  const devices = { known: vi.fn((): string | undefined => undefined), issue: () => "device=1" };
  const userOf = vi.fn(async (): Promise<string | undefined> => "u1");
  const dependencies = {
    ...{ handler, userOf, publicUrl: ORIGIN, trustedOrigins: [ORIGIN], cookies: NAMES },
    ...{ devices, limits, addressOf: () => "192.0.2.1" },
  } satisfies AuthApiDependencies;
  const send = (method: string, path: string, body?: unknown, headers: HeadersInit = {}) =>
    answerAuthRequest(
      new Request(`${ORIGIN}/api/auth/${path}`, {
        method,
        headers: {
          ...(method === "POST" && { origin: ORIGIN }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && {
          body: typeof body === "string" ? body : JSON.stringify(body),
        }),
      }),
      path,
      dependencies,
    );
  const sent = async (): Promise<unknown> => handler.mock.calls.at(-1)?.[0].json();
  return { handler, succeeded, limits, devices, userOf, send, sent };
}

async function kindOf(response: Response): Promise<[number, string]> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await response.json()) as { type: string; status: number };
  expect(problem.status).toBe(response.status);
  return [response.status, problem.type.replace("urn:todo-app:problem:", "")];
}

describe("answerAuthRequest", () => {
  beforeEach(() => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
  });

  it.each(["get-session", "jwks"])("hands a question for %s on, with its query", async (path) => {
    const { send, handler } = rig(() => Response.json({ keys: [] }));
    const response = await send("GET", path);
    expect(await response.json()).toEqual({ keys: [] });
    expect(handler.mock.calls[0]?.[0].url).toBe(`${ORIGIN}/api/auth/${path}`);
  });

  it.each([
    ...[
      "token",
      "list-sessions",
      "change-password",
      "update-user",
      "delete-user",
      "verify-password",
    ],
    ...[
      "set-password",
      "link-social",
      "sign-in/social",
      "ok",
      "error",
      "",
      "__proto__",
      "toString",
    ],
    ...["sign-in/email/", "sign-in//email", "SIGN-IN/EMAIL", "reset-password/x", "jwks/../token"],
  ])("knows nothing of %j", async (path) => {
    const { send, handler } = rig();
    expect(await kindOf(await send("GET", path))).toEqual([404, "not-found"]);
    expect(await kindOf(await send("POST", path, {}))).toEqual([404, "not-found"]);
    expect(handler).not.toHaveBeenCalled();
  });

  it("names the method that an address takes", async () => {
    const { send } = rig();
    const response = await send("GET", "sign-in/email");
    expect(response.headers.get("allow")).toBe("POST");
    expect(await kindOf(response)).toEqual([405, "method-not-allowed"]);
    expect((await send("POST", "jwks", {})).status).toBe(405);
  });

  it.each([
    ["announced", { "content-length": String(250 * 1024 * 1024) }, "{}"],
    ["or not", {}, JSON.stringify({ ...ADA, password: "x".repeat(MAX_AUTH_BODY_BYTES) })],
  ])("refuses a body that is too large, %s, before it is parsed", async (_name, headers, body) => {
    const { send, handler, limits } = rig();
    expect(await kindOf(await send("POST", "sign-in/email", body, headers))).toEqual([
      ...[413, "content-too-large"],
    ]);
    expect(handler).not.toHaveBeenCalled();
    expect(limits.signIn).not.toHaveBeenCalled();
  });

  it.each(["{", "[]", "null", '"x"', "[[[[[[["])("refuses %j as a body", async (body) => {
    const { send, handler } = rig();
    expect(await kindOf(await send("POST", "sign-up/email", body))).toEqual([400, "validation"]);
    expect(handler).not.toHaveBeenCalled();
  });

  it("takes JSON only, and from trusted sites only", async () => {
    const { send, handler } = rig();
    const text = { "content-type": "text/plain" };
    expect((await send("POST", "sign-in/email", ADA, text)).status).toBe(415);
    const origin = "https://evil.example";
    const answer = await send("POST", "sign-in/email", ADA, { origin });
    expect(await answer.json()).toMatchObject({ status: 403, code: "INVALID_ORIGIN" });
    expect(handler).not.toHaveBeenCalled();
  });

  it("takes along nothing but what is known", async () => {
    const { send, sent } = rig();
    const more = { image: "x".repeat(5000), callbackURL: "//evil.example", role: "admin" };
    await send("POST", "sign-up/email", { name: " Ada ", ...ADA, ...more });
    expect(await sent()).toEqual({ name: "Ada", ...ADA });
    await send("POST", "sign-in/email", { ...ADA, ...more, rememberMe: false });
    expect(await sent()).toEqual({ ...ADA, rememberMe: false });
  });

  it.each([
    ["a name of 101 characters", { name: "x".repeat(101) }, "body.name"],
    ["no name", { name: " " }, "body.name"],
    ["a name with a line break", { name: "Ada\nGrace" }, "body.name"],
    ["a name that Postgres can't keep", { name: "Ada\0" }, "body.name"],
    ["a name that turns the line round", { name: "Ada\u202Eadmin" }, "body.name"],
    ["a name that is a list", { name: ["Ada"] }, "body.name"],
    ["an email of 255 characters", { email: `${"x".repeat(243)}@example.com` }, "body.email"],
    ["a password of 129 characters", { password: "x".repeat(129) }, "body.password"],
  ])("makes no account with %s", async (_name, changes, field) => {
    const { send, handler } = rig();
    const answer = await send("POST", "sign-up/email", { name: "Ada", ...ADA, ...changes });
    expect(await answer.json()).toMatchObject({
      status: 400,
      code: "VALIDATION_ERROR",
      errors: [{ name: field }],
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it.each(["x".repeat(100), "Zoë Ångström", "李小龍", "O'Brien-Smith 3rd", "👩‍💻"])(
    "makes one with the name %s",
    async (name) => {
      const { send, sent } = rig();
      expect((await send("POST", "sign-up/email", { name, ...ADA })).status).toBe(200);
      expect(await sent()).toMatchObject({ name });
    },
  );

  it("tells errors as problems, with what Better Auth says of them", async () => {
    const { send } = rig(() =>
      Response.json({ code: "USER_ALREADY_EXISTS", message: "There is one." }, { status: 422 }),
    );
    const answer = await send("POST", "sign-up/email", { name: "Ada", ...ADA });
    expect(await answer.json()).toEqual({
      type: "urn:todo-app:problem:validation",
      title: "Unprocessable Content",
      status: 422,
      detail: "There is one.",
      instance: "/api/auth/sign-up/email",
      request_id: answer.headers.get("x-request-id"),
      code: "USER_ALREADY_EXISTS",
      message: "There is one.",
    });
  });

  it.each([
    [400, "bad-request"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not-found"],
    [409, "conflict"],
    [418, "bad-request"],
    [422, "validation"],
    [429, "rate-limited"],
    [499, "bad-request"],
    [500, "unavailable"],
    [503, "unavailable"],
  ])("calls Better Auth's status %i %s", async (status, slug) => {
    const { send } = rig(() => Response.json({}, { status }));
    expect(await kindOf(await send("POST", "sign-out"))).toEqual([status, slug]);
  });

  it("says that signing in is out of order, and nothing of why", async () => {
    const { send, handler, succeeded } = rig();
    handler.mockRejectedValue(new Error("connect ECONNREFUSED postgres://todo:secret@db"));
    const answer = await send("POST", "sign-in/email", ADA);
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await answer.text()).toMatch(/urn:todo-app:problem:unavailable(?!.*secret)/);
    // Nor is it held against anybody.
    expect(succeeded).toHaveBeenCalledOnce();
  });

  describe("signing in", () => {
    it("counts wrong passwords alone", async () => {
      let status = 401;
      const { send, succeeded, limits } = rig(() => Response.json({}, { status }));
      await send("POST", "sign-in/email", ADA);
      expect(succeeded).not.toHaveBeenCalled();
      for (status of [200, 400, 403, 500]) await send("POST", "sign-in/email", ADA);
      expect(succeeded).toHaveBeenCalledTimes(4);
      expect(limits.signIn).toHaveBeenCalledWith({
        email: "Ada@example.com",
        address: "192.0.2.1",
        device: undefined,
      });
    });

    it("isn't tried beyond the limit, and says for how long", async () => {
      const { send, limits, handler } = rig();
      limits.signIn.mockResolvedValue({ allowed: false, retryAfterSeconds: 293 });
      const answer = await send("POST", "sign-in/email", ADA);
      expect(answer.headers.get("retry-after")).toBe("293");
      expect(await answer.json()).toMatchObject({
        type: "urn:todo-app:problem:rate-limited",
        status: 429,
        code: "TOO_MANY_ATTEMPTS",
        detail: "Too many attempts. Try again in 5 minutes.",
      });
      expect(handler).not.toHaveBeenCalled();
    });

    it("makes a browser known, once", async () => {
      const { send, devices, limits } = rig();
      expect((await send("POST", "sign-in/email", ADA)).headers.getSetCookie()).toEqual([
        "device=1",
      ]);
      devices.known.mockReturnValue("browser");
      expect((await send("POST", "sign-in/email", ADA)).headers.getSetCookie()).toEqual([]);
      expect(limits.signIn).toHaveBeenLastCalledWith(
        expect.objectContaining({ device: "browser" }),
      );
    });

    it("makes no browser known by a wrong password", async () => {
      const { send } = rig(() => Response.json({}, { status: 401 }));
      expect((await send("POST", "sign-in/email", ADA)).headers.getSetCookie()).toEqual([]);
    });
  });

  it("counts whoever asks for an account, acceptable or not", async () => {
    const { send, limits, handler } = rig();
    expect((await send("POST", "sign-up/email", {})).status).toBe(400);
    expect(limits.signUp).toHaveBeenCalledWith("192.0.2.1");
    limits.signUp.mockResolvedValue({ allowed: false, retryAfterSeconds: 60 });
    expect((await send("POST", "sign-up/email", {})).status).toBe(429);
    expect(handler).not.toHaveBeenCalled();
  });

  describe("signing out", () => {
    it.each(["sign-out", "revoke-sessions"])(
      "by %s takes no body, or an empty one",
      async (path) => {
        const { send } = rig();
        expect((await send("POST", path)).status).toBe(200);
        expect((await send("POST", path, {})).status).toBe(200);
      },
    );

    it("doesn't end the session of somebody who has signed in since", async () => {
      const { send, handler } = rig();
      const headers = { "x-expected-user": "u2" };
      expect(await kindOf(await send("POST", "sign-out", {}, headers))).toEqual([
        ...[409, "user-changed"],
      ]);
      expect(handler).not.toHaveBeenCalled();
      expect((await send("POST", "sign-out", {}, { "x-expected-user": "u1" })).status).toBe(200);
    });

    it("ends a session under the name that it was begun under, too", async () => {
      const { send, handler } = rig();
      const cookie = "better-auth.session_token=t.s";
      const answer = await send("POST", "sign-out", {}, { cookie });
      expect(handler.mock.calls[0]?.[0].headers.get("cookie")).toContain(`${NAMES.session}=t.s`);
      expect(answer.headers.getSetCookie()).toEqual([
        "better-auth.session_token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
      ]);
      // Where there is one of this site's, the other may be another site's.
      const both = await send("POST", "sign-out", {}, { cookie: `${cookie}; ${NAMES.session}=x` });
      expect(both.headers.getSetCookie()).toEqual([]);
    });
  });
});

it.each([
  [1, "1 second"],
  [2, "2 seconds"],
  [90, "90 seconds"],
  [91, "2 minutes"],
  [120, "2 minutes"],
  [121, "3 minutes"],
])("a wait of %i s is %s in words", (seconds, words) => {
  expect(inWords(seconds)).toBe(words);
});

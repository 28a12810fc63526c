import { beforeEach, describe, expect, it, vi } from "vitest";
import { type AccountDependencies, answerAccount } from "./account";

const ORIGIN = "http://todo.example";
const ADA = { id: "u1", name: "Ada", email: "ada@example.com" };
type Verdict = Awaited<ReturnType<AccountDependencies["limits"]["password"]>>;

/** Better Auth's answers by path; 200 unless said. */
function rig(answers: Record<string, () => Response> = {}) {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const handler = vi.fn(async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/auth/", "");
    asked.push(path);
    bodies.push(await request.json());
    return answers[path]?.() ?? Response.json({}, { headers: { "set-cookie": `${path}=1` } });
  });
  const erase = vi.fn(async () => void asked.push("erase"));
  const succeeded = vi.fn(async () => undefined);
  const password = vi.fn(async (): Promise<Verdict> => ({ allowed: true, succeeded }));
  const userOf = vi.fn(async (): Promise<typeof ADA | undefined> => ADA);
  const dependencies: AccountDependencies = {
    ...{ handler, userOf, eraser: async () => erase, limits: { password } },
    ...{ publicUrl: ORIGIN, trustedOrigins: [ORIGIN] },
  };
  const send = (fields: Record<string, string>, headers: HeadersInit = {}) => {
    const request = new Request(`${ORIGIN}/account`, {
      method: "POST",
      headers: { origin: ORIGIN, ...headers },
      body: new URLSearchParams({ user: "u1", ...fields }),
    });
    return answerAccount(request, request.headers, dependencies);
  };
  const open = (path = "/account") => {
    const request = new Request(`${ORIGIN}${path}`);
    return answerAccount(request, request.headers, dependencies);
  };
  return { asked, bodies, erase, succeeded, password, userOf, send, open };
}

const wrongPassword = () =>
  Response.json({ code: "INVALID_PASSWORD", message: "Invalid password" }, { status: 400 });
const away = () => Response.json({}, { status: 500 });

const CHANGE = {
  action: "change-password",
  password: "old password",
  newPassword: "new password",
};
const DELETE = { action: "delete-account", password: "old password" };

describe("answerAccount", () => {
  beforeEach(() => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
  });

  it("says that it can't be shown while nobody can tell whose it is, and does nothing", async () => {
    const { open, send, userOf, asked } = rig();
    userOf.mockRejectedValue(new Error("Query read timeout"));
    expect(await open()).toEqual({ status: 503, view: null });
    expect(await send(CHANGE)).toEqual({ status: 503, view: null });
    expect(asked).toEqual([]);
  });

  it("shows whose account it is, and what was just done", async () => {
    const { open } = rig();
    expect(await open()).toEqual({ status: 200, view: { user: ADA, done: null, failure: null } });
    expect(await open("/account?done=change-password")).toMatchObject({
      view: { done: "change-password" },
    });
    expect(await open("/account?done=%3Cscript%3E")).toMatchObject({ view: { done: null } });
  });

  it("has one sign in first", async () => {
    const { userOf, open, send, asked } = rig();
    userOf.mockResolvedValue(undefined);
    const redirect = { redirect: "/sign-in?next=%2Faccount", cookies: [] };
    expect(await open()).toEqual(redirect);
    expect(await send(DELETE)).toEqual(redirect);
    expect(asked).toEqual([]);
  });

  it.each([
    ["another site", 403, DELETE, { origin: "https://evil.example" }],
    ["a page of somebody else's", 409, { ...DELETE, user: "u2" }, {}],
    ["a page without anybody", 409, { ...DELETE, user: "" }, {}],
    ["nowhere", 400, { action: "toString" }, {}],
    ["a novelist", 413, { ...DELETE, password: "x".repeat(17 * 1024) }, {}],
  ])("does nothing for %s", async (_name, status, fields, headers) => {
    const { send, asked } = rig();
    expect(await send(fields, headers)).toMatchObject({ status, view: { failure: {} } });
    expect(asked).toEqual([]);
  });

  describe("changing the password", () => {
    it("ends all other sessions and goes on with a new one", async () => {
      const { send, asked, bodies, succeeded } = rig();
      expect(await send(CHANGE)).toEqual({
        redirect: "/account?done=change-password",
        cookies: ["change-password=1"],
      });
      expect(asked).toEqual(["change-password"]);
      expect(bodies).toEqual([
        {
          currentPassword: "old password",
          newPassword: "new password",
          revokeOtherSessions: true,
        },
      ]);
      expect(succeeded).toHaveBeenCalledOnce();
    });

    it("needs the present one, and counts wrong ones", async () => {
      const { send, succeeded } = rig({ "change-password": wrongPassword });
      expect(await send(CHANGE)).toMatchObject({
        status: 400,
        view: { failure: { action: "change-password", field: "password" } },
      });
      expect(succeeded).not.toHaveBeenCalled();
    });

    it("isn't tried beyond the limit", async () => {
      const { send, password, asked } = rig();
      password.mockResolvedValue({ allowed: false, retryAfterSeconds: 30 });
      expect(await send(CHANGE)).toMatchObject({
        status: 429,
        view: { failure: { message: "Too many wrong passwords. Try again in 30 seconds." } },
      });
      expect(asked).toEqual([]);
    });

    it.each(["x".repeat(7), "x".repeat(129)])("takes no new one like %s", async (newPassword) => {
      const { send, asked } = rig();
      expect(await send({ ...CHANGE, newPassword })).toMatchObject({
        status: 400,
        view: { failure: { field: "newPassword" } },
      });
      expect(asked).toEqual([]);
    });
  });

  it("signs out everywhere, here too", async () => {
    const { send, asked } = rig();
    expect(await send({ action: "sign-out-everywhere" })).toEqual({
      redirect: "/sign-in?reason=everywhere",
      cookies: ["sign-out=1"],
    });
    expect(asked).toEqual(["revoke-sessions", "sign-out"]);
  });

  describe("deleting the account", () => {
    it("erases what the back end has before, and what was written meanwhile", async () => {
      const { send, asked } = rig();
      expect(await send(DELETE)).toEqual({
        redirect: "/sign-in?reason=deleted",
        cookies: ["sign-out=1"],
      });
      expect(asked).toEqual(["verify-password", "erase", "delete-user", "erase", "sign-out"]);
    });

    it("needs the password", async () => {
      const { send, asked, succeeded } = rig({ "verify-password": wrongPassword });
      expect(await send({ ...DELETE, password: "" })).toMatchObject({
        status: 400,
        view: { failure: { action: "delete-account", field: "password" } },
      });
      expect(asked).toEqual(["verify-password"]);
      expect(succeeded).not.toHaveBeenCalled();
    });

    it("keeps the account while its data can't be erased", async () => {
      const { send, erase, asked } = rig();
      erase.mockRejectedValue(new Error("the back end is away"));
      expect(await send(DELETE)).toMatchObject({
        status: 503,
        view: { failure: { message: expect.stringContaining("Nothing was changed") } },
      });
      expect(asked).toEqual(["verify-password"]);
    });

    it("can be repeated when the account itself couldn't be deleted", async () => {
      const { send, asked } = rig({ "delete-user": away });
      expect(await send(DELETE)).toMatchObject({
        status: 503,
        view: { failure: { message: expect.stringContaining("the account isn't yet") } },
      });
      expect(asked).toEqual(["verify-password", "erase", "delete-user"]);
    });

    it("is done even if what was written meanwhile can't be erased", async () => {
      const { send, erase } = rig();
      erase.mockResolvedValueOnce(undefined).mockRejectedValueOnce(new Error("away"));
      expect(await send(DELETE)).toMatchObject({ redirect: "/sign-in?reason=deleted" });
    });
  });
});

describe("what the log is told of an account", () => {
  const told = async (fields: Record<string, string>, answers = {}) => {
    const lines: string[] = [];
    vi.spyOn(process.stdout, "write").mockImplementation((line) => {
      lines.push(String(line));
      return true;
    });
    await rig(answers).send(fields);
    return lines.map((line) => JSON.parse(line)).map(({ event, user_id }) => [event, user_id]);
  };

  it.each([
    [CHANGE, "account.password_changed"],
    [{ action: "sign-out-everywhere" }, "account.signed_out_everywhere"],
    [DELETE, "account.deleted"],
  ])("is what was done, and to whose: %o", async (fields, event) => {
    expect(await told(fields)).toEqual([[event, "u1"]]);
  });

  it("is nothing where nothing was done, and that something failed", async () => {
    expect(await told(CHANGE, { "change-password": wrongPassword })).toEqual([]);
    const broken = () => {
      throw new Error("broken");
    };
    expect(await told(CHANGE, { "change-password": broken })).toEqual([
      ["account.failed", undefined],
    ]);
  });
});

it.each([
  [7, false],
  [8, true],
  [128, true],
  [129, false],
])("a new password of %i characters is taken: %s", async (length, taken) => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const { asked, send } = rig();
  const answer = await send({ ...CHANGE, newPassword: "x".repeat(length) });
  expect(asked).toEqual(taken ? ["change-password"] : []);
  if (!taken) {
    expect(answer).toMatchObject({
      status: 400,
      view: {
        failure: {
          message: "Choose a new password of 8 to 128 characters.",
          field: "newPassword",
          action: "change-password",
        },
      },
    });
  }
});

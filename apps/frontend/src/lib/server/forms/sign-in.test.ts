import { beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_FORM_BYTES } from "./form-data";
import { answerSignIn, type SignInDependencies } from "./sign-in";

const ORIGIN = "http://todo.example";
const COOKIES = ["better-auth.session_token=abc; Path=/; HttpOnly", "other=1; Path=/"];

function rig(answer: () => Response = () => Response.json({})) {
  const userOf = vi.fn<SignInDependencies["userOf"]>(async () => undefined);
  const handler = vi.fn(async (_request: Request, _path: string) => answer());
  const dependencies: SignInDependencies = {
    answer: handler,
    userOf,
    publicUrl: ORIGIN,
    trustedOrigins: [ORIGIN, "http://192.0.2.7:30000"],
  };
  return { dependencies, userOf, handler };
}

const open = (path: string) => new Request(`${ORIGIN}${path}`);

function submit(path: string, fields: Record<string, string>, headers: HeadersInit = {}): Request {
  return new Request(`${ORIGIN}${path}`, {
    method: "POST",
    headers: { origin: ORIGIN, ...headers },
    body: new URLSearchParams(fields),
  });
}

const credentials = { email: " ada@example.com ", password: " secret word " };

describe("answerSignIn", () => {
  beforeEach(() => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
  });

  it("shows an empty form, and why one has to sign in again", async () => {
    const answer = await answerSignIn(
      "sign-in",
      open("/sign-in?next=%2Ftasks&reason=expired"),
      rig().dependencies,
    );
    expect(answer).toEqual({
      status: 200,
      view: {
        mode: "sign-in",
        next: "/tasks",
        reason: "expired",
        entered: { name: "", email: "" },
        failure: null,
        signedOut: true,
      },
    });
  });

  it("sends people on who are signed in", async () => {
    const { dependencies, userOf } = rig();
    userOf.mockResolvedValue("u1");
    const answer = await answerSignIn("sign-up", open("/sign-up?next=%2Ftasks"), dependencies);
    expect(answer).toEqual({ redirect: "/tasks", cookies: [] });
  });

  it("shows the form when sessions can't be looked up", async () => {
    const { dependencies, userOf } = rig();
    userOf.mockRejectedValue(new Error("database away"));
    // And tells nobody that somebody has signed out, as that isn't known.
    expect(await answerSignIn("sign-in", open("/sign-in"), dependencies)).toMatchObject({
      status: 200,
      view: { signedOut: false },
    });
  });

  it("signs in through Better Auth's endpoint and goes where one wanted to", async () => {
    const { dependencies, handler } = rig(() => {
      const headers = new Headers();
      for (const cookie of COOKIES) headers.append("set-cookie", cookie);
      return Response.json({}, { headers });
    });
    const request = submit("/sign-in?next=%2Fchat%2Fthr_1", credentials, {
      cookie: "theme=dark",
      "x-forwarded-for": "192.0.2.1",
    });
    expect(await answerSignIn("sign-in", request, dependencies)).toEqual({
      redirect: "/chat/thr_1",
      cookies: COOKIES,
    });
    const [sent] = handler.mock.calls[0] ?? [];
    expect(sent?.url).toBe(`${ORIGIN}/api/auth/sign-in/email`);
    expect(Object.fromEntries(sent?.headers ?? [])).toMatchObject({
      origin: ORIGIN,
      cookie: "theme=dark",
      "content-type": "application/json",
      "x-forwarded-for": "192.0.2.1",
    });
    expect(await sent?.json()).toEqual({ email: "ada@example.com", password: " secret word " });
  });

  it("signs up with a name", async () => {
    const { dependencies, handler } = rig();
    const request = submit("/sign-up", { name: " Ada ", ...credentials });
    expect(await answerSignIn("sign-up", request, dependencies)).toEqual({
      redirect: "/chat",
      cookies: [],
    });
    const [sent] = handler.mock.calls[0] ?? [];
    expect(sent?.url).toBe(`${ORIGIN}/api/auth/sign-up/email`);
    expect(await sent?.json()).toMatchObject({ name: "Ada" });
  });

  it("never leaves this site afterwards", async () => {
    const request = submit("/sign-in?next=https%3A%2F%2Fevil.example", credentials);
    expect(await answerSignIn("sign-in", request, rig().dependencies)).toMatchObject({
      redirect: "/chat",
    });
  });

  it("shows what went wrong with what was entered, but for the password", async () => {
    const { dependencies } = rig(() =>
      Response.json({ code: "INVALID_EMAIL_OR_PASSWORD" }, { status: 401 }),
    );
    const answer = await answerSignIn("sign-in", submit("/sign-in", credentials), dependencies);
    expect(answer).toMatchObject({
      status: 401,
      view: { entered: { email: "ada@example.com" }, failure: { field: "password" } },
    });
    expect(JSON.stringify(answer)).not.toContain("secret word");
  });

  it("says that signing in is out of order", async () => {
    const { dependencies } = rig(() => Response.json({ title: "away" }, { status: 503 }));
    const answer = await answerSignIn("sign-in", submit("/sign-in", credentials), dependencies);
    expect(answer).toMatchObject({
      status: 503,
      view: { failure: { message: expect.stringContaining("isn't possible right now") } },
    });
  });

  it("says that a form is too long, announced or not, before anybody reads it", async () => {
    const { dependencies, handler } = rig();
    const request = submit("/sign-up", { ...credentials, name: "x".repeat(MAX_FORM_BYTES) });
    expect(await answerSignIn("sign-up", request, dependencies)).toMatchObject({
      status: 413,
      view: { failure: { message: expect.stringContaining("something shorter") } },
    });
    const announced = submit("/sign-in", credentials, {
      "content-length": String(MAX_FORM_BYTES + 1),
    });
    expect(await answerSignIn("sign-in", announced, dependencies)).toMatchObject({ status: 413 });
    expect(handler).not.toHaveBeenCalled();
  });

  it("takes no form from another site", async () => {
    const { dependencies, handler } = rig();
    const headers = { origin: "https://evil.example" };
    expect(
      await answerSignIn("sign-in", submit("/sign-in", credentials, headers), dependencies),
    ).toMatchObject({ status: 403 });
    expect(handler).not.toHaveBeenCalled();
  });

  it("takes forms from every trusted address", async () => {
    const headers = { origin: "http://192.0.2.7:30000" };
    expect(
      await answerSignIn("sign-in", submit("/sign-in", credentials, headers), rig().dependencies),
    ).toMatchObject({ redirect: "/chat" });
  });
});

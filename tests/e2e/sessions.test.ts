/// <reference lib="dom" />
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { newPerson } from "./support/people";
import { settings } from "./support/settings";
import { expect, test } from "./support/test";

const SESSION_COOKIE = /better-auth\.session_token$/;

test.describe("accounts and sessions", () => {
  test("says that email and password don't match, and lets one try again", async ({
    page,
    window,
    open,
    auth,
  }) => {
    const person = newPerson();
    await new AuthPage((await open()).page).join(person);
    await auth.openSignIn();
    await auth.submitSignIn({ ...person, password: "not-the-password" });
    await expect(auth.error).toBeVisible();
    await expect(auth.error).toHaveText(/don't match/, { useInnerText: true });
    await expect(page.getByTestId("email")).toHaveValue(person.email);
    await window.screenshot("sign-in-wrong-password");
    await auth.submitSignIn(person);
    await page.waitForURL("**/chat");
  });

  test("never has the browser ask to send a refused form again, neither by Back nor by a reload", async ({
    page,
    open,
    auth,
  }) => {
    const person = newPerson();
    await new AuthPage((await open()).page).register(person);
    await auth.openSignIn();
    await auth.submitSignIn({ ...person, password: "not-the-password" });
    await expect(auth.error).toBeVisible();
    await page.reload();
    await expect(page.getByTestId("email")).toBeVisible();
    await expect(auth.error).toBeHidden();
    await auth.submitSignIn({ ...person, password: "not-the-password" });
    await expect(auth.error).toBeVisible();
    await auth.submitSignIn(person);
    await page.waitForURL("**/chat");
    await page.goBack();
    await page.waitForURL("**/chat");
  });

  test("needs no script to sign up, to be refused, and to sign in", async ({ open }) => {
    const person = newPerson();
    const first = await open({ javaScriptEnabled: false });
    await new AuthPage(first.page).signUp(person);
    const second = await open({ javaScriptEnabled: false });
    const auth = new AuthPage(second.page);
    await auth.openSignIn();
    await auth.submitSignIn({ ...person, password: "not-the-password" });
    await expect(auth.error).toBeVisible();
    await auth.submitSignIn(person);
    await second.page.waitForURL("**/chat");
  });

  test("a form sent from another site is refused", async ({ open }) => {
    const person = newPerson();
    await new AuthPage((await open()).page).join(person);
    const send = (origin: string): Promise<Response> =>
      fetch(`${settings.baseUrl}/sign-in`, {
        method: "POST",
        redirect: "manual",
        headers: { "content-type": "application/x-www-form-urlencoded", origin },
        body: new URLSearchParams({ email: person.email, password: person.password }),
      });
    const refused = await send("https://evil.example");
    expect(refused.status).toBe(403);
    expect(refused.headers.getSetCookie()).toEqual([]);
    const accepted = await send(settings.baseUrl);
    expect(accepted.status).toBe(303);
    expect(accepted.headers.get("location")).toBe("/chat");
  });

  test("says that an email is taken", async ({ window, open, auth }) => {
    const person = newPerson();
    await new AuthPage((await open()).page).join(person);
    await auth.openSignUp();
    await auth.submitSignUp({ ...person, name: "Somebody else" });
    await expect(auth.error).toBeVisible();
    await expect(auth.error).toHaveText(/already an account/, { useInnerText: true });
    await window.screenshot("sign-up-taken");
  });

  test("brings one back to the same place after the session has expired, and sends what waited", async ({
    page,
    context,
    chat,
    tasks,
    auth,
  }) => {
    const person = newPerson();
    await auth.signUp(person);
    await chat.ask("add buy milk");
    const place = page.url();

    // Ends the session on the server, while the browser goes on believing in it.
    const cookies = await context.cookies();
    expect(cookies.some(({ name }) => SESSION_COOKIE.test(name))).toBe(true);
    const ended = await fetch(`${settings.baseUrl}/api/auth/revoke-sessions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: settings.baseUrl,
        cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; "),
      },
      body: "{}",
    });
    expect(ended.status).toBe(200);

    await chat.send("add precious words");
    await page.waitForURL("**/sign-in?**");
    await expect(auth.expired).toBeVisible();
    await auth.submitSignIn(person);
    await page.waitForURL(place);
    await expect(chat.userMessages.filter({ hasText: "add precious words" })).toBeVisible();
    await tasks.expectTitles("buy milk", "precious words");
    await expect(chat.userMessages).toHaveCount(2);
  });

  test("two people at once never see each other", async ({ open }) => {
    const [first, second] = await Promise.all([open(), open()]);
    await Promise.all([
      new AuthPage(first.page).signUp(newPerson("Ada")),
      new AuthPage(second.page).signUp(newPerson("Grace")),
    ]);
    const [adasChat, gracesChat] = [new ChatPage(first.page), new ChatPage(second.page)];
    for (const [ada, grace] of [
      ["add ada one", "add grace one"],
      ["add ada two", "add grace two"],
    ] as const) {
      await Promise.all([adasChat.ask(ada), gracesChat.ask(grace)]);
    }
    await new TaskPanel(first.page).expectTitles("ada one", "ada two");
    await new TaskPanel(second.page).expectTitles("grace one", "grace two");

    // Nor by asking for the other's conversation outright.
    await second.page.goto(new URL(first.page.url()).pathname);
    await expect(gracesChat.suggestions.first()).toBeVisible();
    expect(await gracesChat.userMessages.count()).toBe(0);
    await expect(
      second.page
        .getByText("doesn’t exist any more")
        .or(second.page.getByText("doesn't exist any more"))
        .first(),
    ).toBeVisible();
  });

  test("cookies can't be read by scripts or sent by other sites", async ({
    page,
    context,
    auth,
  }) => {
    await auth.join(newPerson());
    const session = (await context.cookies()).find(({ name }) => SESSION_COOKIE.test(name));
    expect(session).toMatchObject({
      httpOnly: true,
      sameSite: "Lax",
      secure: settings.baseUrl.startsWith("https:"),
    });
    expect(await page.evaluate(() => document.cookie)).not.toMatch(/session/);
  });

  test("a write from another site is refused, even with the cookies", async ({ context, auth }) => {
    await auth.join(newPerson());
    const cookie = (await context.cookies())
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
    const send = (origin: string): Promise<Response> =>
      fetch(`${settings.baseUrl}/api/backend/api/tasks`, {
        method: "POST",
        headers: { "content-type": "application/json", origin, cookie },
        body: '{"title":"forged"}',
      });
    expect((await send("https://evil.example")).status).toBe(403);
    expect((await send(settings.baseUrl)).status).toBe(201);
  });
});

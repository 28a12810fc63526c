/// <reference lib="dom" />
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { useWindows } from "./support/browser";
import { newPerson } from "./support/people";
import { settings } from "./support/settings";

const SESSION_COOKIE = /better-auth\.session_token$/;

describe("accounts and sessions", () => {
  const open = useWindows();

  test("says that email and password don't match, and lets one try again", async () => {
    const person = newPerson();
    await new AuthPage((await open()).page).join(person);
    const window = await open();
    const auth = new AuthPage(window.page);
    await auth.openSignIn();
    await auth.submitSignIn({ ...person, password: "not-the-password" });
    await auth.error.waitFor();
    expect(await auth.error.innerText()).toMatch(/don't match/);
    expect(await window.page.getByTestId("email").inputValue()).toBe(person.email);
    await window.screenshot("sign-in-wrong-password");
    await auth.submitSignIn(person);
    await window.page.waitForURL("**/chat");
  });

  test("needs no script to sign up, to be refused, and to sign in", async () => {
    const person = newPerson();
    const first = await open({ javaScriptEnabled: false });
    await new AuthPage(first.page).signUp(person);
    const second = await open({ javaScriptEnabled: false });
    const auth = new AuthPage(second.page);
    await auth.openSignIn();
    await auth.submitSignIn({ ...person, password: "not-the-password" });
    await auth.error.waitFor();
    await auth.submitSignIn(person);
    await second.page.waitForURL("**/chat");
  });

  test("a form sent from another site is refused", async () => {
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

  test("says that an email is taken", async () => {
    const person = newPerson();
    await new AuthPage((await open()).page).join(person);
    const window = await open();
    const auth = new AuthPage(window.page);
    await auth.openSignUp();
    await auth.submitSignUp({ ...person, name: "Somebody else" });
    await auth.error.waitFor();
    expect(await auth.error.innerText()).toMatch(/already an account/);
    await window.screenshot("sign-up-taken");
  });

  test("brings one back to the same place after the session has expired, and sends what waited", async () => {
    const person = newPerson();
    const { page, context } = await open();
    const auth = new AuthPage(page);
    const chat = new ChatPage(page);
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
    await auth.expired.waitFor();
    await auth.submitSignIn(person);
    await page.waitForURL(place);
    await chat.userMessages.filter({ hasText: "add precious words" }).waitFor();
    await new TaskPanel(page).expectTitles("buy milk", "precious words");
    expect(await chat.userMessages.count()).toBe(2);
  });

  test("two people at once never see each other", async () => {
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
    await gracesChat.suggestions.first().waitFor();
    expect(await gracesChat.userMessages.count()).toBe(0);
    await second.page
      .getByText("doesn’t exist any more")
      .or(second.page.getByText("doesn't exist any more"))
      .first()
      .waitFor();
  });

  test("cookies can't be read by scripts or sent by other sites", async () => {
    const { page, context } = await open();
    await new AuthPage(page).join(newPerson());
    const session = (await context.cookies()).find(({ name }) => SESSION_COOKIE.test(name));
    expect(session).toMatchObject({
      httpOnly: true,
      sameSite: "Lax",
      secure: settings.baseUrl.startsWith("https:"),
    });
    expect(await page.evaluate(() => document.cookie)).not.toMatch(/session/);
  });

  test("a write from another site is refused, even with the cookies", async () => {
    const { page, context } = await open();
    await new AuthPage(page).join(newPerson());
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

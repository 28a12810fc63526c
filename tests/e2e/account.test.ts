import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { findBarriers } from "./support/accessibility";
import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

const NEW_PASSWORD = "another password";

test.describe("the account page", () => {
  test("changes the password, which ends all other sessions", async ({ open }) => {
    const person = newPerson();
    const [here, elsewhere] = await Promise.all([open(), open({ colorScheme: "dark" })]);
    const { page } = here;
    await new AuthPage(page).join(person);
    await new AuthPage(elsewhere.page).signIn(person);
    await page.getByTestId("account").click();
    await page.waitForURL("**/account");
    await expect(page.getByTestId("account-email")).toHaveText(person.email, {
      useInnerText: true,
    });
    expect(await findBarriers(page)).toEqual([]);
    await here.screenshot("account");
    await elsewhere.page.goto("/account");
    expect(await findBarriers(elsewhere.page)).toEqual([]);
    await elsewhere.screenshot("account-dark");

    const change = async (password: string): Promise<void> => {
      await page.getByTestId("current-password").fill(password);
      await page.getByTestId("new-password").fill(NEW_PASSWORD);
      await page.getByTestId("change-password").click();
    };
    await change("not-the-password");
    await expect(page.getByTestId("form-error")).toBeVisible();
    expect(await findBarriers(page)).toEqual([]);
    await here.screenshot("account-wrong-password");
    await change(person.password);
    await expect(page.getByTestId("password-changed")).toBeVisible();
    await page.goto("/chat");
    await expect(new ChatPage(page).input).toBeVisible();
    await elsewhere.page.goto("/chat");
    await elsewhere.page.waitForURL("**/sign-in**");

    const auth = new AuthPage(elsewhere.page);
    await auth.submitSignIn(person);
    await expect(auth.error).toBeVisible();
    await auth.submitSignIn({ ...person, password: NEW_PASSWORD });
    await elsewhere.page.waitForURL("**/chat");
  });

  test("signs out everywhere", async ({ open }) => {
    const person = newPerson();
    const [here, elsewhere] = await Promise.all([open(), open()]);
    await new AuthPage(here.page).join(person);
    await new AuthPage(elsewhere.page).signIn(person);
    await here.page.goto("/account");
    await here.page.getByTestId("sign-out-everywhere").click();
    await here.page.waitForURL("**/sign-in**");
    // It may notice by itself, and be on its way already.
    await elsewhere.page.goto("/chat").catch(() => undefined);
    await elsewhere.page.waitForURL("**/sign-in**");
  });

  test("deletes the account with all that belongs to it, for whoever knows the password", async ({
    page,
    chat,
    tasks,
    auth,
  }) => {
    const person = newPerson();
    await auth.join(person);
    await chat.ask("add buy milk");
    const thread = new URL(page.url()).pathname;
    await page.goto("/account");
    await page.getByTestId("delete-password").fill("not-the-password");
    await page.getByTestId("delete-account").click();
    await expect(page.getByTestId("form-error")).toBeVisible();
    await page.goto("/tasks");
    await expect(tasks.task("buy milk")).toBeVisible();

    await page.goto("/account");
    await page.getByTestId("delete-password").fill(person.password);
    await page.getByTestId("delete-account").click();
    await page.waitForURL("**/sign-in**");
    await auth.submitSignIn(person);
    await expect(auth.error).toBeVisible();

    // The address is free again, and nothing is left behind it.
    await auth.signUp(person);
    await expect(tasks.empty).toBeVisible();
    await page.goto(thread);
    await expect(page.getByText("doesn't exist any more")).toBeVisible();
    expect(await chat.threads.count()).toBe(0);
  });
});

import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { findBarriers } from "./support/accessibility";
import { useWindows } from "./support/browser";
import { newPerson } from "./support/people";

const NEW_PASSWORD = "another password";

describe("the account page", () => {
  const open = useWindows();

  test("changes the password, which ends all other sessions", async () => {
    const person = newPerson();
    const [here, elsewhere] = await Promise.all([open(), open({ colorScheme: "dark" })]);
    const { page } = here;
    await new AuthPage(page).join(person);
    await new AuthPage(elsewhere.page).signIn(person);
    await page.getByTestId("account").click();
    await page.waitForURL("**/account");
    expect(await page.getByTestId("account-email").innerText()).toBe(person.email);
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
    await page.getByTestId("form-error").waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await here.screenshot("account-wrong-password");
    await change(person.password);
    await page.getByTestId("password-changed").waitFor();
    await page.goto("/chat");
    await new ChatPage(page).input.waitFor();
    await elsewhere.page.goto("/chat");
    await elsewhere.page.waitForURL("**/sign-in**");

    const auth = new AuthPage(elsewhere.page);
    await auth.submitSignIn(person);
    await auth.error.waitFor();
    await auth.submitSignIn({ ...person, password: NEW_PASSWORD });
    await elsewhere.page.waitForURL("**/chat");
  });

  test("signs out everywhere", async () => {
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

  test("deletes the account with all that belongs to it, for whoever knows the password", async () => {
    const person = newPerson();
    const { page } = await open();
    const auth = new AuthPage(page);
    await auth.join(person);
    await new ChatPage(page).ask("add buy milk");
    const thread = new URL(page.url()).pathname;
    await page.goto("/account");
    await page.getByTestId("delete-password").fill("not-the-password");
    await page.getByTestId("delete-account").click();
    await page.getByTestId("form-error").waitFor();
    await page.goto("/tasks");
    await new TaskPanel(page).task("buy milk").waitFor();

    await page.goto("/account");
    await page.getByTestId("delete-password").fill(person.password);
    await page.getByTestId("delete-account").click();
    await page.waitForURL("**/sign-in**");
    await auth.submitSignIn(person);
    await auth.error.waitFor();

    // The address is free again, and nothing is left behind it.
    await auth.signUp(person);
    await new TaskPanel(page).empty.waitFor();
    await page.goto(thread);
    await page.getByText("doesn't exist any more").waitFor();
    expect(await new ChatPage(page).threads.count()).toBe(0);
  });
});

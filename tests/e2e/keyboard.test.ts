import { hasFocus, isFocusLost, tabTo } from "./support/keyboard";
import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

test.describe("with nothing but the keyboard", () => {
  test("one signs up, talks, looks after tasks and conversations, and always sees where one is", async ({
    page,
    chat,
    tasks,
  }) => {
    const { keyboard } = page;
    const person = newPerson();

    await page.goto("/sign-up");
    for (const field of ["name", "email", "password"] as const) {
      await tabTo(page, page.getByTestId(field));
      await keyboard.type(person[field]);
    }
    await keyboard.press("Enter");
    await page.waitForURL("**/chat");

    await expect(chat.input).toBeVisible();
    await tabTo(page, chat.input);
    await keyboard.type("add buy tea");
    await keyboard.press("Enter");
    await tasks.expectTitles("buy tea");
    await chat.lastAnswerIsOver();
    expect(await isFocusLost(page)).toBe(false);

    await tabTo(page, page.getByTestId("task-add-input"));
    await keyboard.type("Call Sam");
    await keyboard.press("Enter");
    await tasks.expectTitles("buy tea", "Call Sam");
    expect(await hasFocus(page.getByTestId("task-add-input"))).toBe(true);

    await expect(
      tasks.task("Call Sam").getByTestId("task-toggle").and(page.locator(":enabled")),
    ).toBeVisible();
    await tabTo(page, tasks.task("Call Sam").getByTestId("task-toggle"));
    await keyboard.press("Space");
    await tasks.expectTitles("buy tea", "Call Sam");
    expect(await isFocusLost(page)).toBe(false);

    await tabTo(page, tasks.task("buy tea").getByTestId("task-edit"));
    await keyboard.press("Enter");
    await tabTo(page, page.getByTestId("task-edit-title"));
    await keyboard.type(", green");
    await keyboard.press("Enter");
    await tasks.expectTitles("buy tea, green", "Call Sam");
    expect(await hasFocus(tasks.task("buy tea, green").getByTestId("task-edit"))).toBe(true);

    await tabTo(page, tasks.task("buy tea, green").getByTestId("task-delete"));
    await keyboard.press("Enter");
    await tasks.expectTitles("Call Sam");
    expect(await isFocusLost(page)).toBe(false);
    await tabTo(page, page.getByTestId("toast-action"));
    await keyboard.press("Enter");
    await tasks.expectTitles("buy tea, green", "Call Sam");
    expect(await isFocusLost(page)).toBe(false);

    const thread = chat.thread("add buy tea");
    await tabTo(page, thread.getByTestId("thread-rename"));
    await keyboard.press("Enter");
    await tabTo(page, page.getByTestId("thread-title-input"));
    await keyboard.press("ControlOrMeta+A");
    await keyboard.type("Tea");
    await keyboard.press("Enter");
    const renamed = chat.thread("Tea");
    await expect(renamed).toBeVisible();
    expect(await hasFocus(renamed.getByTestId("thread-rename"))).toBe(true);

    await tabTo(page, renamed.getByTestId("thread-delete"));
    await keyboard.press("Enter");
    await expect(renamed).toHaveCount(0);
    expect(await isFocusLost(page)).toBe(false);
    await tabTo(page, page.getByTestId("toast-action"));
    await keyboard.press("Enter");
    await expect(renamed).toBeVisible();
    expect(await isFocusLost(page)).toBe(false);
  });

  test("what goes when it is pressed doesn't take the focus along", async ({
    page,
    chat,
    auth,
  }) => {
    const { keyboard } = page;
    await auth.join(newPerson());
    await chat.suggestions.first().focus();
    await keyboard.press("Enter");
    await chat.lastAnswerIsOver();
    expect(await isFocusLost(page)).toBe(false);

    expect(await chat.ask("delete buy milk")).toMatch(/milk/);
    await page.getByTestId("step-undo").focus();
    await keyboard.press("Enter");
    await expect(page.getByTestId("step-undone")).toBeVisible();
    expect(await isFocusLost(page)).toBe(false);

    await page.route("**/api/backend/**", (route) => route.fulfill({ status: 503, body: "" }));
    await chat.send("add buy bread");
    await chat.queued.getByRole("button", { name: "Cancel" }).focus();
    await keyboard.press("Enter");
    await expect(page.getByTestId("chat-retry")).toBeVisible();
    expect(await isFocusLost(page)).toBe(false);
    await page.getByTestId("chat-retry").focus();
    await keyboard.press("Enter");
    await expect(chat.queued).toBeVisible();
    expect(await isFocusLost(page)).toBe(false);
  });

  test("what the assistant has changed is taken back, but for what somebody has changed since", async ({
    page,
    chat,
    tasks,
    auth,
  }) => {
    const { keyboard } = page;
    await auth.join(newPerson());
    const add = async (data: object): Promise<string> => {
      const response = await page.request.post("/api/backend/api/tasks", { data });
      return ((await response.json()) as { id: string }).id;
    };
    const tea = await add({ title: "buy tea", description: "green", priority: "high" });
    const call = await add({ title: "call Sam", due_date: "2031-03-01" });
    const change = (id: string, data: object) =>
      page.request.patch(`/api/backend/api/tasks/${id}`, { data });
    const days = async (): Promise<unknown[]> => {
      const read = (id: string) => page.request.get(`/api/backend/api/tasks/${id}`);
      const found = await Promise.all([tea, call].map(async (id) => (await read(id)).json()));
      return found.map(({ title, due_date, priority }) => [title, due_date, priority]);
    };
    const undo = page.getByTestId("step-undo");
    const undone = page.getByTestId("step-undone");

    await chat.ask("move buy tea and call Sam to 2031-05-01");
    await chat.ask("rename buy tea to buy coffee");
    await tasks.expectTitles("buy coffee", "call Sam");
    await change(tea, { priority: "low" });
    await page.reload();
    await expect(undo).toHaveCount(2);

    await tabTo(page, undo.last());
    await keyboard.press("Enter");
    await tasks.expectTitles("buy tea", "call Sam");
    await expect(undone).toHaveCount(1);
    expect(await isFocusLost(page)).toBe(false);
    expect(await days()).toEqual([
      ["buy tea", "2031-05-01", "low"],
      ["call Sam", "2031-05-01", "medium"],
    ]);

    await change(call, { due_date: "2031-06-01" });
    await undo.focus();
    await keyboard.press("Enter");
    await expect(undone).toHaveCount(2);
    await expect(page.getByTestId("toast")).toContainText(
      "“call Sam” was changed or deleted since, so that can't be undone.",
    );
    expect(await isFocusLost(page)).toBe(false);
    expect(await days()).toEqual([
      ["buy tea", null, "low"],
      ["call Sam", "2031-06-01", "medium"],
    ]);
  });

  test("what unfolds, tries again or turns back on leaves the focus near by", async ({
    page,
    tasks,
    auth,
  }) => {
    const { keyboard } = page;
    await auth.join(newPerson());
    for (let index = 0; index < 8; index++) {
      const data = { title: `done ${index}`, completed: true };
      await page.request.post("/api/backend/api/tasks", { data });
    }
    await tasks.open();
    await page.getByTestId("task-show-done").focus();
    await keyboard.press("Enter");
    await expect(tasks.items.nth(7)).toBeVisible();
    await expect(page.locator("[data-testid=task-item] :focus")).toHaveCount(1);

    await page.route("**/api/backend/**", (route) => route.fulfill({ status: 503, body: "" }));
    await page.getByTestId("task-toggle").first().click();
    const banner = page.getByTestId("banner-backend-away");
    await banner.getByRole("button").focus();
    await page.unroute("**/api/backend/**");
    await keyboard.press("Enter");
    await expect(banner).toHaveCount(0);
    expect(await isFocusLost(page)).toBe(false);
  });

  test("Escape ends what one is in, and not what is around it", async ({ page, chat, auth }) => {
    const { keyboard } = page;
    await auth.signUp(newPerson());
    await chat.ask("add buy tea");
    // Narrow enough for the conversations to be in a menu.
    await page.setViewportSize({ width: 390, height: 844 });

    const menu = page.getByRole("dialog", { name: "Menu" });
    await page.getByTestId("open-menu").focus();
    await keyboard.press("Enter");
    await expect(menu).toBeVisible();
    await menu.getByTestId("thread-rename").focus();
    await keyboard.press("Enter");
    await expect(menu.getByTestId("thread-title-input")).toBeVisible();
    await keyboard.press("Escape");
    await expect(menu.getByTestId("thread-title-input")).toHaveCount(0);
    await expect(menu).toBeVisible();
    expect(await hasFocus(menu.getByTestId("thread-rename"))).toBe(true);
    await keyboard.press("Escape");
    await expect(menu).toHaveCount(0);
    expect(await hasFocus(page.getByTestId("open-menu"))).toBe(true);
  });
});

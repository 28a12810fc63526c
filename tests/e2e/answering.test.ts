import type { Page } from "@playwright/test";
import { ChatPage } from "./pages/chat-page";
import { newPerson } from "./support/people";
import { canStartSlowRelease, test } from "./support/slow-release";
import { expect } from "./support/test";

const words = (count: number): string =>
  Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" ");

test.describe("while an answer comes", () => {
  test.skip(!canStartSlowRelease);

  test.beforeEach(async ({ auth, chat }) => {
    await auth.join(newPerson());
    await expect(chat.input).toBeVisible();
  });

  /** What the newest answer says, in one line. */
  const said = async (page: Page): Promise<string> =>
    (await page.getByTestId("markdown").last().innerText()).replace(/\s+/g, " ").trim();

  test("a reload goes on with it where it is", async ({ page, window, chat }) => {
    await chat.send("say 40 200");
    await expect(page.getByText("word5", { exact: false })).toBeVisible();
    await page.waitForURL("**/chat/*");
    await page.reload();
    await expect(page.getByTestId("typing")).toBeVisible();
    await expect(page.getByTestId("markdown")).toBeVisible();
    expect(await said(page)).toMatch(/^word1 word2 /);
    expect(await said(page)).not.toContain("word40");
    await expect(page.getByTestId("chat-stop")).toBeVisible();
    await window.screenshot("answer-after-reload");

    await chat.lastAnswerIsOver();
    expect(await said(page)).toBe(words(40));
    await expect(chat.answers).toHaveCount(1);
    await expect(chat.userMessages).toHaveCount(1);
    expect(await page.getByTestId("typing").count()).toBe(0);
  });

  test("a reload goes on with its steps, each of which is taken once", async ({
    page,
    chat,
    tasks,
  }) => {
    await chat.send("add 5 1500 say 3 10");
    await expect(chat.steps.nth(1)).toBeVisible();
    await page.reload();
    await expect(page.getByTestId("chat-stop")).toBeVisible();
    await chat.lastAnswerIsOver();
    await expect(page.getByTestId("steps").locator("summary")).toHaveText("5 tasks added", {
      useInnerText: true,
    });
    const titles = Array.from({ length: 5 }, (_, index) => `task ${index + 1}`);
    await tasks.expectTitles(...titles);
  });

  test("another tab shows it coming, and can stop it", async ({ page, context, chat }) => {
    await chat.send("say 200 200");
    await page.waitForURL("**/chat/*");
    await expect(page.getByText("word3", { exact: false })).toBeVisible();
    const second = await context.newPage();
    await second.goto(page.url());
    await expect(second.getByText("word6", { exact: false })).toBeVisible();
    await second.getByTestId("chat-stop").click();
    await expect(new ChatPage(second).stopped).toBeVisible();
    await chat.lastAnswerIsOver();
    const told = await said(page);
    expect(told).not.toContain("word200");
    await page.waitForTimeout(1_000);
    expect(await said(page)).toBe(told);
  });

  test("what is half written looks like what it becomes: a table, code, emphasis", async ({
    page,
    chat,
  }) => {
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        const text = document.querySelector('[data-testid="markdown"]')?.textContent;
        if (text) seen.push(text);
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    await chat.ask(
      "raw: Here is **the whole plan** for\n\n| Task | Due |\n| --- | --- |\n| buy milk | today |\n| pay rent | later |\n\n```js\nconst one = 1;\n```\n\nDone.",
    );
    const answer = chat.answers.last();
    await expect(answer.locator("tbody tr")).toHaveCount(2);
    await expect(answer.locator("strong")).toHaveText("the whole plan", { useInnerText: true });
    await expect(answer.getByTestId("code-block")).toHaveCount(1);
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.filter((text) => /\*\*|\||```/.test(text))).toEqual([]);
  });
});

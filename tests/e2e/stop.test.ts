import type { Locator } from "@playwright/test";
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { newPerson } from "./support/people";
import { expect, test } from "./support/test";
import type { Window } from "./support/window";

/** Many steps, which take even the offline model some time. */
const TITLES = Array.from({ length: 20 }, (_, index) => `water plant ${index + 1}`);
/** How often a machine may be quicker to take all steps than to hear of the end. */
const ATTEMPTS = 5;

test.describe("stopping an answer", () => {
  const shown = async (steps: Locator): Promise<string[]> =>
    (await steps.allInnerTexts()).map((text) => text.trim());

  /** Somebody who has just stopped the assistant in the middle of its work. */
  async function stopInTheMiddle(open: () => Promise<Window>): Promise<Window> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const window = await open();
      const chat = new ChatPage(window.page);
      await new AuthPage(window.page).register(newPerson());
      await chat.open();
      await chat.stopAtFirstStep();
      await chat.send(`add ${TITLES.join(", ")}`);
      await chat.lastAnswerIsOver();
      if (await chat.stopped.isVisible()) return window;
      await window.close();
    }
    throw new Error(`the answer was complete before it was stopped, ${ATTEMPTS} times`);
  }

  test("ends the work, keeps what was done until then, and lets one go on", async ({ open }) => {
    const window = await stopInTheMiddle(open);
    const { page } = window;
    const chat = new ChatPage(page);
    const tasks = new TaskPanel(page);
    const done = await shown(chat.steps);
    const titles = TITLES.slice(0, done.length);
    expect(done).toEqual(titles.map((title) => `Added: ${title}`));
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(TITLES.length);
    await window.screenshot("chat-stopped");

    // The rest isn't done behind one's back, either.
    await page.waitForTimeout(2_000);
    await page.reload();
    await expect(chat.answers.first()).toBeVisible();
    expect(await shown(chat.steps)).toEqual(done);
    await tasks.expectTitles(...titles);

    expect(await chat.ask("add buy milk")).toMatch(/milk/);
    await tasks.expectTitles(...titles, "buy milk");
  });
});

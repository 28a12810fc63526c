import { canControlBackend, startBackend, stopBackend } from "./support/backend";
import { newPerson } from "./support/people";
import { expect, test } from "./support/test";

const RECOVERY_MS = 90_000;

test.describe("the back end stopped and back", () => {
  test.skip(!canControlBackend);

  test.afterAll(startBackend);

  test("says so, keeps what was written, and sends it once the back end is back", async ({
    page,
    window,
    chat,
    tasks,
    auth,
  }) => {
    test.setTimeout(300_000);
    await auth.join(newPerson());
    await chat.ask("add buy milk");

    await stopBackend();
    await chat.send("add buy bread");
    await expect(chat.banner).toBeVisible();
    await expect(chat.queued).toBeVisible();
    await expect(chat.userMessages.filter({ hasText: "add buy bread" })).toBeVisible();
    // Writing goes on meanwhile.
    await chat.input.fill("a thought in between");
    await window.screenshot("backend-away");
    // The front end itself doesn't fall over.
    expect((await page.request.get("/api/health")).status()).toBe(200);

    await startBackend();
    await expect(chat.banner).toHaveCount(0, { timeout: RECOVERY_MS });
    await expect(tasks.task("buy bread")).toBeVisible({ timeout: RECOVERY_MS });
    await expect(chat.queued).toHaveCount(0);
    await expect(chat.input).toHaveValue("a thought in between");
    await tasks.expectTitles("buy milk", "buy bread");
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import type { CDPSession, Page } from "@playwright/test";
import { figure } from "../cluster/support/figures";
import { newPerson } from "./support/people";
import { canStartSlowRelease, test } from "./support/slow-release";
import { expect } from "./support/test";

const CONVERSATIONS = 100;
const AT_ONCE = 10;
const WORDS = 600;
/** Shorter than so many words take at 50 a second. */
const MEASURED_MS = 10_000;
/** Share of one core that a page may use while an answer of so many words comes. */
const MOST_CORE = 0.25;
/** A machine that does something else now and then is given several tries. */
const ROUNDS = 6;
const MEASUREMENT_LIMIT_MS = 240_000;

// A trace would be part of what is measured.
test.use({ trace: "off" });

/** Seconds of processor time that the pages of a browser have used, to run and to be drawn. */
async function pageSeconds(session: CDPSession): Promise<number> {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo
    .filter(({ type }) => type === "renderer" || type === "GPU")
    .reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

async function addConversations(page: Page, count: number): Promise<void> {
  const add = async (number: number): Promise<number> => {
    const data = { title: `Conversation about something ${number}` };
    return (await page.request.post("/api/backend/api/conversations", { data })).status();
  };
  for (let added = 0; added < count; added += AT_ONCE) {
    const statuses = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => add(added + index + 1)),
    );
    expect(new Set(statuses)).toEqual(new Set([201]));
  }
}

test.describe("while an answer comes", () => {
  test.skip(!canStartSlowRelease);
  // As for most people: what moves is part of what a page costs.
  test.use({
    windowOptions: async ({ release }, use) =>
      use({ baseURL: release.url, reducedMotion: "no-preference" }),
  });

  test(`the page uses little of a core: ${WORDS} words beside ${CONVERSATIONS} conversations (goal: page load)`, async ({
    browserName,
    page,
    context,
    auth,
    chat,
  }) => {
    test.skip(browserName !== "chromium", "only Chromium tells what its processes use");
    test.setTimeout(MEASUREMENT_LIMIT_MS);
    await auth.join(newPerson());
    await addConversations(page, CONVERSATIONS);
    await chat.open();
    await expect(chat.threads.nth(29)).toBeVisible();
    for (let listed = await chat.threads.count(); listed < CONVERSATIONS; ) {
      await page.getByRole("button", { name: "Show older" }).click();
      await expect(chat.threads.nth(Math.min(listed + 29, CONVERSATIONS - 1))).toBeVisible();
      listed = await chat.threads.count();
    }
    const session = await context.browser()?.newBrowserCDPSession();
    if (!session) throw new Error("the browser has no session for its processes");
    const shares: number[] = [];
    while (shares.length < ROUNDS && !(Math.min(...shares) < MOST_CORE)) {
      await chat.newThread();
      await chat.send(`say ${WORDS} 20`);
      await expect(page.getByText("word1", { exact: false }).first()).toBeVisible();
      const before = await pageSeconds(session);
      const started = performance.now();
      // Nobody looks into the page meanwhile, as that would be its work too.
      await sleep(MEASURED_MS);
      const seconds = (performance.now() - started) / 1000;
      shares.push(((await pageSeconds(session)) - before) / seconds);
      await expect(page.getByTestId("chat-stop")).toBeVisible();
      await expect(page.getByText(`word${WORDS}`, { exact: false })).toBeVisible();
      await chat.lastAnswerIsOver();
    }
    const share = Math.min(...shares);
    figure("goal: page load", `${WORDS} words: share of a core`, Math.round(share * 100), "%");
    expect(share).toBeLessThan(MOST_CORE);
  });
});

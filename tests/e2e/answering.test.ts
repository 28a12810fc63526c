import { setTimeout as sleep } from "node:timers/promises";
import type { CDPSession, Page } from "playwright-core";
import { figure } from "../cluster/support/figures";
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { useWindows, type Window } from "./support/browser";
import type { FrontEnd } from "./support/front-end";
import { newPerson } from "./support/people";
import { canStartSlowRelease, startSlowRelease } from "./support/slow-release";

const START_MS = 400_000;
const CONVERSATIONS = 100;
const AT_ONCE = 10;
const WORDS = 600;
/** Shorter than so many words take at 50 a second. */
const MEASURED_MS = 10_000;
/** Share of one core that a page may use while an answer of so many words comes. */
const MOST_CORE = 0.25;
/** A machine that does something else now and then is given several tries. */
const ROUNDS = 3;
const MEASUREMENT_LIMIT_MS = 240_000;

const words = (count: number): string =>
  Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" ");

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

(canStartSlowRelease ? describe : describe.skip)("while an answer comes", () => {
  const open = useWindows();
  let release: FrontEnd;
  let window: Window;
  let chat: ChatPage;

  beforeAll(async () => {
    release = await startSlowRelease();
  }, START_MS);
  afterAll(() => release?.stop(), START_MS);

  /** One person for all of it, whose every conversation is a new one. */
  let state: Awaited<ReturnType<Window["context"]["storageState"]>> | undefined;

  beforeEach(async () => {
    window = await open({ baseURL: release.url, ...(state && { storageState: state }) });
    chat = new ChatPage(window.page);
    if (state) await chat.open();
    else await new AuthPage(window.page).join(newPerson());
    await chat.input.waitFor();
    state ??= await window.context.storageState();
  });

  /** What the newest answer says, in one line. */
  const said = async (page = window.page): Promise<string> =>
    (await page.getByTestId("markdown").last().innerText()).replace(/\s+/g, " ").trim();

  test("a reload goes on with it where it is", async () => {
    const { page } = window;
    await chat.send("say 40 200");
    await page.getByText("word5", { exact: false }).waitFor();
    await page.waitForURL("**/chat/*");
    await page.reload();
    await page.getByTestId("typing").waitFor();
    await page.getByTestId("markdown").waitFor();
    expect(await said()).toMatch(/^word1 word2 /);
    expect(await said()).not.toContain("word40");
    expect(await page.getByTestId("chat-stop").isVisible()).toBe(true);
    await window.screenshot("answer-after-reload");

    await chat.lastAnswerIsOver();
    expect(await said()).toBe(words(40));
    expect(await chat.answers.count()).toBe(1);
    expect(await chat.userMessages.count()).toBe(1);
    expect(await page.getByTestId("typing").count()).toBe(0);
  });

  test("a reload goes on with its steps, each of which is taken once", async () => {
    const { page } = window;
    await chat.send("add 5 1500 say 3 10");
    await chat.steps.nth(1).waitFor();
    await page.reload();
    await page.getByTestId("chat-stop").waitFor();
    await chat.lastAnswerIsOver();
    expect(await page.getByTestId("steps").locator("summary").innerText()).toBe("5 tasks added");
    const titles = Array.from({ length: 5 }, (_, index) => `task ${index + 1}`);
    await new TaskPanel(page).expectTitles(...titles);
  });

  test("another tab shows it coming, and can stop it", async () => {
    const { page } = window;
    await chat.send("say 200 200");
    await page.waitForURL("**/chat/*");
    await page.getByText("word3", { exact: false }).waitFor();
    const second = await window.context.newPage();
    await second.goto(page.url());
    await second.getByText("word6", { exact: false }).waitFor();
    await second.getByTestId("chat-stop").click();
    await new ChatPage(second).stopped.waitFor();
    await chat.lastAnswerIsOver();
    const told = await said();
    expect(told).not.toContain("word200");
    await page.waitForTimeout(1_000);
    expect(await said()).toBe(told);
  });

  test("what is half written looks like what it becomes: a table, code, emphasis", async () => {
    const { page } = window;
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
    expect(await answer.locator("tbody tr").count()).toBe(2);
    expect(await answer.locator("strong").innerText()).toBe("the whole plan");
    expect(await answer.getByTestId("code-block").count()).toBe(1);
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.filter((text) => /\*\*|\||```/.test(text))).toEqual([]);
  });

  test(
    `the page uses little of a core: ${WORDS} words beside ${CONVERSATIONS} conversations (goal: page load)`,
    async () => {
      // As for most people: what moves is part of what a page costs.
      const { page, context } = await open({
        baseURL: release.url,
        reducedMotion: "no-preference",
        ...(state && { storageState: state }),
      });
      await window.close();
      chat = new ChatPage(page);
      await addConversations(page, CONVERSATIONS);
      await chat.open();
      await chat.threads.nth(29).waitFor();
      for (let listed = await chat.threads.count(); listed < CONVERSATIONS; ) {
        await page.getByRole("button", { name: "Show older" }).click();
        await chat.threads.nth(Math.min(listed + 29, CONVERSATIONS - 1)).waitFor();
        listed = await chat.threads.count();
      }
      const session = await context.browser()?.newBrowserCDPSession();
      if (!session) throw new Error("the browser has no session for its processes");
      const shares: number[] = [];
      while (shares.length < ROUNDS && !(Math.min(...shares) < MOST_CORE)) {
        await chat.newThread();
        await chat.send(`say ${WORDS} 20`);
        await page.getByText("word1", { exact: false }).first().waitFor();
        const before = await pageSeconds(session);
        const started = performance.now();
        // Nobody looks into the page meanwhile, as that would be its work too.
        await sleep(MEASURED_MS);
        const seconds = (performance.now() - started) / 1000;
        shares.push(((await pageSeconds(session)) - before) / seconds);
        expect(await page.getByTestId("chat-stop").isVisible()).toBe(true);
        await page.getByText(`word${WORDS}`, { exact: false }).waitFor();
        await chat.lastAnswerIsOver();
      }
      const share = Math.min(...shares);
      figure("goal: page load", `${WORDS} words: share of a core`, Math.round(share * 100), "%");
      expect(share).toBeLessThan(MOST_CORE);
    },
    MEASUREMENT_LIMIT_MS,
  );
});

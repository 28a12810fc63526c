/// <reference lib="dom" />
import { AuthPage } from "./pages/auth-page";
import { ChatPage } from "./pages/chat-page";
import { TaskPanel } from "./pages/task-panel";
import { useWindows, type Window } from "./support/browser";
import { CHATKIT_FRAME, CHATKIT_SCRIPT, CHATKIT_STAND_IN } from "./support/chatkit";
import { canStartFrontEnd, type FrontEnd, startFrontEnd } from "./support/front-end";
import { newPerson } from "./support/people";

const DOMAIN_KEY = "domain_pk_e2e";
/** How long the component's script may take, and how late a busy machine may notice. */
const LIMIT_MS = 3_000 + 1_000;

(canStartFrontEnd ? describe : describe.skip)("with a domain key for OpenAI's component", () => {
  const open = useWindows();
  let frontEnd: FrontEnd;
  let window: Window;

  beforeAll(async () => {
    frontEnd = await startFrontEnd({
      CHATKIT_DOMAIN_KEY: DOMAIN_KEY,
      CHATKIT_SCRIPT_URL: CHATKIT_SCRIPT,
    });
  }, 120_000);
  afterAll(() => frontEnd?.stop());
  beforeEach(async () => {
    window = await open({ baseURL: frontEnd.url });
  });

  test.each([
    ["can't be had", "refused"],
    ["never arrives", "silent"],
  ])("the built-in chat is there within 3 s when the script %s", async (_case, network) => {
    const { page } = window;
    const chat = new ChatPage(page);
    let asked = 0;
    await page.route(CHATKIT_SCRIPT, async (route) => {
      asked ||= Date.now();
      if (network === "refused") await route.abort("connectionrefused");
    });
    await new AuthPage(page).join(newPerson());
    await chat.input.waitFor();
    expect(asked).toBeGreaterThan(0);
    expect(Date.now() - asked).toBeLessThanOrEqual(LIMIT_MS);
    expect(await chat.ask("add buy bread")).toMatch(/bread/);
    await new TaskPanel(page).expectTitles("buy bread");
  });

  test("the component talks to this site's back end as the person who is signed in", async () => {
    const { page } = window;
    const chat = new ChatPage(page);
    await page.route(CHATKIT_SCRIPT, (route) =>
      route.fulfill({ contentType: "text/javascript", body: CHATKIT_STAND_IN }),
    );
    await page.route(CHATKIT_FRAME, (route) =>
      route.fulfill({ contentType: "text/html", body: "<p>In the frame</p>" }),
    );
    await new AuthPage(page).join(newPerson());

    // Its frame and its styles get past the page's policy.
    await page.frameLocator("openai-chatkit iframe").getByText("In the frame").waitFor();
    const answer = page.getByTestId("hosted-answer");
    expect(await answer.evaluate((element) => getComputedStyle(element).color)).toBe(
      "rgb(1, 2, 3)",
    );
    expect(JSON.parse(await page.getByTestId("hosted-options").innerText())).toEqual({
      url: `${frontEnd.url}/api/backend/chatkit`,
      domainKey: DOMAIN_KEY,
    });
    expect(await chat.input.count()).toBe(0);

    const thread = page.getByTestId("hosted-thread");
    await page.getByTestId("hosted-input").fill("add buy milk");
    const sending = page.waitForRequest((request) =>
      (request.postData() ?? "").includes("threads.create"),
    );
    await page.getByTestId("hosted-input").press("Enter");
    // Else "tomorrow" and "the first one" would be others than the page's.
    expect((await sending).postDataJSON().metadata).toEqual({
      timezone: expect.any(String),
      task_sort: "position",
    });
    await answer.getByText("milk").waitFor();
    await new TaskPanel(page).expectTitles("buy milk");
    await window.screenshot("chat-hosted");

    // The conversation is in the list and the address, which both lead back to it.
    await page.waitForURL(/\/chat\/thr_/);
    const started = await thread.innerText();
    await page.getByTestId("new-thread").click();
    await thread.getByText("new", { exact: true }).waitFor();
    await chat.openThread("add buy milk");
    await thread.getByText(started).waitFor();
    await page.reload();
    await thread.getByText(started).waitFor();
  });
});

import { CHATKIT_FRAME, CHATKIT_SCRIPT, CHATKIT_STAND_IN } from "./support/chatkit";
import { canStartFrontEnd, type FrontEnd, startFrontEnd } from "./support/front-end";
import { newPerson } from "./support/people";
import { test as base, expect } from "./support/test";

const DOMAIN_KEY = "domain_pk_e2e";
/** How long the component's script may take, and how late a busy machine may notice. */
const LIMIT_MS = 3_000 + 1_000;

const test = base.extend<object, { frontEnd: FrontEnd }>({
  frontEnd: [
    async ({}, use) => {
      const changes = { CHATKIT_DOMAIN_KEY: DOMAIN_KEY, CHATKIT_SCRIPT_URL: CHATKIT_SCRIPT };
      const frontEnd = await startFrontEnd(changes);
      await use(frontEnd);
      await frontEnd.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  windowOptions: async ({ frontEnd }, use) => use({ baseURL: frontEnd.url }),
});

test.describe("with a domain key for OpenAI's component", () => {
  test.skip(!canStartFrontEnd);

  for (const [failure, network] of [
    ["can't be had", "refused"],
    ["never arrives", "silent"],
  ] as const)
    test(`the built-in chat is there within 3 s when the script ${failure}`, async ({
      page,
      auth,
      chat,
      tasks,
    }) => {
      let asked = 0;
      await page.route(CHATKIT_SCRIPT, async (route) => {
        asked ||= Date.now();
        if (network === "refused") await route.abort("connectionrefused");
      });
      await auth.join(newPerson());
      await expect(chat.input).toBeVisible();
      expect(asked).toBeGreaterThan(0);
      expect(Date.now() - asked).toBeLessThanOrEqual(LIMIT_MS);
      expect(await chat.ask("add buy bread")).toMatch(/bread/);
      await tasks.expectTitles("buy bread");
    });

  test("the component talks to this site's back end as the person who is signed in", async ({
    page,
    window,
    frontEnd,
    chat,
    tasks,
    auth,
  }) => {
    await page.route(CHATKIT_SCRIPT, (route) =>
      route.fulfill({ contentType: "text/javascript", body: CHATKIT_STAND_IN }),
    );
    await page.route(CHATKIT_FRAME, (route) =>
      route.fulfill({ contentType: "text/html", body: "<p>In the frame</p>" }),
    );
    await auth.join(newPerson());

    // Its frame and its styles get past the page's policy.
    await expect(
      page.frameLocator("openai-chatkit iframe").getByText("In the frame"),
    ).toBeVisible();
    const answer = page.getByTestId("hosted-answer");
    await expect(answer).toHaveCSS("color", "rgb(1, 2, 3)");
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
    await expect(answer.getByText("milk")).toBeVisible();
    await tasks.expectTitles("buy milk");
    await window.screenshot("chat-hosted");

    // The conversation is in the list and the address, which both lead back to it.
    await page.waitForURL(/\/chat\/thr_/);
    const started = await thread.innerText();
    await page.getByTestId("new-thread").click();
    await expect(thread.getByText("new", { exact: true })).toBeVisible();
    await chat.openThread("add buy milk");
    await expect(thread.getByText(started)).toBeVisible();
    await page.reload();
    await expect(thread.getByText(started)).toBeVisible();
  });
});

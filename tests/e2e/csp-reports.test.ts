import { newPerson } from "./support/people";
import { settings } from "./support/settings";
import { expect, test } from "./support/test";

const ADDRESS = `${settings.baseUrl}/api/csp-reports`;

test.describe("what a page's policy keeps out", () => {
  test("is reported by the browser, and taken", async ({ page, window, chat, auth }) => {
    await auth.join(newPerson());
    await expect(chat.input).toBeVisible();
    const reported = page.waitForRequest(ADDRESS);
    await page.evaluate(() => {
      const picture = new Image();
      picture.src = "https://elsewhere.invalid/picture.png?token=secret";
      document.body.append(picture);
    });
    const report = await reported;
    expect(report.method()).toBe("POST");
    expect((await report.response())?.status()).toBe(204);
    // The browser says so on the console as well.
    const [said, ...others] = window.problems.splice(0);
    expect(said).toContain("Content Security Policy");
    expect(others).toEqual([]);
  });

  test("is taken from anybody, though no more than browsers send, and answered as other requests are", async () => {
    const post = (body: string): Promise<Response> =>
      fetch(ADDRESS, {
        method: "POST",
        headers: { "content-type": "application/csp-report" },
        body,
      });
    expect((await post("{}")).status).toBe(400);
    const long = await post("x".repeat(100_000));
    expect(long.status).toBe(413);
    expect(await long.json()).toMatchObject({ type: "urn:todo-app:problem:content-too-large" });
    expect((await fetch(ADDRESS)).status).toBe(405);
  });
});

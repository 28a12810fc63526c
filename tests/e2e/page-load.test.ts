/// <reference lib="dom" />
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { figure } from "../cluster/support/figures";
import { test } from "./support/conversation";
import { settings } from "./support/settings";
import { expect } from "./support/test";
import { keepVitals, measureLoad, WORST_SHIFT } from "./support/vitals";

/** What a page may take to come up on a busy machine, in milliseconds. */
const WORST = { firstContentfulPaint: 3_000, largestContentfulPaint: 4_000, blocked: 1_500 };

// A trace would be part of what is measured.
test.use({ trace: "off" });

test.describe("looks", () => {
  for (const [name, limit, signedIn] of [
    // Forms, without the framework's client runtime.
    ["/sign-in", 5_000, false],
    ["/sign-up", 5_000, false],
    ["/chat", 300_000, true],
    ["/chat/<thread>", 300_000, true],
    ["/tasks", 205_000, true],
  ] as const)
    test(`${name} loads at most ${limit} bytes of JavaScript, soon, and doesn't shift (goal: page load)`, async ({
      browserName,
      page,
      context,
      conversation,
    }) => {
      test.skip(browserName !== "chromium", "only Chromium tells how a page has come up");
      const path = name.replace("/chat/<thread>", conversation.path);
      if (signedIn) await context.addCookies(conversation.cookies);
      const client = await context.newCDPSession(page);
      await client.send("Network.enable");
      await client.send("Network.setCacheDisabled", { cacheDisabled: true });
      const scripts = new Set<string>();
      let bytes = 0;
      client.on("Network.responseReceived", ({ requestId, type }) => {
        if (type === "Script") scripts.add(requestId);
      });
      client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
        if (scripts.has(requestId)) bytes += encodedDataLength;
      });
      await keepVitals(page);
      const vitals = await measureLoad(page, path);
      const inline = await page.evaluate(() =>
        Array.from(document.scripts, (script) => script.text.length).reduce(
          (sum, one) => sum + one,
          0,
        ),
      );
      const report = {
        path: name,
        scriptBytes: bytes,
        scripts: scripts.size,
        inlineScriptCharacters: inline,
        ...vitals,
      };
      writeFileSync(
        join(settings.reportDir, `load-${name.replace(/\W+/g, "-").replace(/^-|-$/g, "")}.json`),
        `${JSON.stringify(report, null, 2)}\n`,
      );
      const measured = (what: string, value: number, unit: string): void =>
        figure("goal: page load", `${name}: ${what}`, value, unit);
      measured("JavaScript", Math.round(bytes / 1000), "kB");
      measured("largest contentful paint", vitals.largestContentfulPaint, "ms");
      measured("blocked by scripts", vitals.blocked, "ms");
      // Every page has some script, so nothing at all would mean that nothing was measured.
      expect(bytes + inline).toBeGreaterThan(500);
      expect(bytes + (signedIn ? 0 : inline)).toBeLessThanOrEqual(limit);
      expect(vitals.firstContentfulPaint).toBeGreaterThan(0);
      expect(vitals.firstContentfulPaint).toBeLessThanOrEqual(WORST.firstContentfulPaint);
      expect(vitals.largestContentfulPaint).toBeLessThanOrEqual(WORST.largestContentfulPaint);
      expect(vitals.blocked).toBeLessThanOrEqual(WORST.blocked);
      expect(vitals.shift).toBeLessThanOrEqual(WORST_SHIFT);
    });
});

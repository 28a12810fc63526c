/// <reference lib="dom" />
import type { Page } from "@playwright/test";

/** How a page has come up, in milliseconds, and by how much it has shifted. */
export interface Vitals {
  firstContentfulPaint: number;
  largestContentfulPaint: number;
  /** For how long scripts kept it from answering, beyond the 50 ms that nobody notices. */
  blocked: number;
  shift: number;
}

/** By how much a page may shift. */
export const WORST_SHIFT = 0.1;

const UNNOTICED_MS = 50;
/** What may still move or run after the network has fallen silent. */
const SETTLE_MS = 500;

/** Has every page that is opened from now on keep its vitals. */
export async function keepVitals(page: Page): Promise<void> {
  await page.addInitScript((unnoticed: number) => {
    const vitals = {
      firstContentfulPaint: 0,
      largestContentfulPaint: 0,
      blocked: 0,
      shift: 0,
    };
    Object.assign(window, { vitals });
    const observe = (type: string, take: (entry: PerformanceEntry) => void): void => {
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
        type,
        buffered: true,
      });
    };
    observe("paint", ({ name, startTime }) => {
      if (name === "first-contentful-paint") vitals.firstContentfulPaint = startTime;
    });
    observe("largest-contentful-paint", ({ startTime }) => {
      vitals.largestContentfulPaint = startTime;
    });
    observe("longtask", ({ duration }) => {
      vitals.blocked += Math.max(0, duration - unnoticed);
    });
    observe("layout-shift", (entry) => {
      vitals.shift += (entry as PerformanceEntry & { value: number }).value;
    });
  }, UNNOTICED_MS);
}

/** Opens a page and tells how it has come up, once it has. */
export async function measureLoad(page: Page, path: string): Promise<Vitals> {
  await page.goto(path, { waitUntil: "networkidle" });
  await page.waitForTimeout(SETTLE_MS);
  const vitals = await page.evaluate(
    () => (window as unknown as { vitals: Record<keyof Vitals, number> }).vitals,
  );
  return {
    firstContentfulPaint: Math.round(vitals.firstContentfulPaint),
    largestContentfulPaint: Math.round(vitals.largestContentfulPaint),
    blocked: Math.round(vitals.blocked),
    shift: vitals.shift,
  };
}

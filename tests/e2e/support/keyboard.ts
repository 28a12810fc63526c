/// <reference lib="dom" />
import { expect, type Locator, type Page } from "@playwright/test";

/** More than any page has places to stop at. */
const MOST_STOPS = 100;

/** Waits until it can be seen where the focus is: on the element, or on the frame close around it. */
async function expectVisibleFocus(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) return true;
    if (!focused.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    let element: Element | null = focused;
    for (let level = 0; level < 3 && element; level++) {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      if (outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0) return true;
      element = element.parentElement;
    }
    return false;
  });
}

/** Goes on with Tab until `target` has the focus, which can be seen at every stop. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeAttached();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await hasFocus(target)) return;
    await page.keyboard.press("Tab");
    await expectVisibleFocus(page);
  }
  throw new Error(`${target} can't be reached with Tab`);
}

export function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement);
}

/** Tells whether the focus is nowhere, so that one would have to begin at the top of the page. */
export function isFocusLost(page: Page): Promise<boolean> {
  return page.evaluate(
    () => document.activeElement === null || document.activeElement === document.body,
  );
}

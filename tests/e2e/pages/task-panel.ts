import { expect, type Locator, type Page } from "@playwright/test";

/** How long a finger stays before it drags: longer than the page asks for. */
const HOLD_MS = 500;
const DRAG_STEPS = 10;
const LIST_LIMIT_MS = 15_000;
const SCRIPTS_LIMIT_MS = 20_000;

async function middle(element: Locator): Promise<{ x: number; y: number }> {
  const box = await element.boundingBox();
  if (!box) throw new Error("what is to be dragged can't be seen");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** The task list, beside the chat or on its own page. */
export class TaskPanel {
  readonly items: Locator;
  readonly titles: Locator;
  readonly empty: Locator;
  /** Tells of a task that it waits to be saved, or couldn't be. */
  readonly unsaved: Locator;

  constructor(private readonly page: Page) {
    this.items = page.getByTestId("task-item");
    this.titles = page.getByTestId("task-title");
    this.empty = page.getByTestId("task-empty");
    this.unsaved = page.getByTestId("task-unsaved");
  }

  async open(): Promise<void> {
    await this.page.goto("/tasks");
    await expect(this.page.getByTestId("task-add-input")).toBeVisible();
  }

  /** The task with exactly this title. */
  task(title: string): Locator {
    return this.items.filter({ has: this.page.getByText(title, { exact: true }) });
  }

  async add(title: string): Promise<void> {
    await this.page.getByTestId("task-add-input").fill(title);
    await this.page.getByTestId("task-add-submit").click();
    await expect(
      this.task(title).getByTestId("task-toggle").and(this.page.locator(":enabled")),
    ).toBeVisible();
  }

  async toggle(title: string): Promise<void> {
    await this.task(title).getByTestId("task-toggle").click();
  }

  async rename(title: string, newTitle: string): Promise<void> {
    await this.task(title).hover();
    await this.task(title).getByTestId("task-edit").click();
    await this.page.getByTestId("task-edit-title").fill(newTitle);
    await this.page.getByTestId("task-edit-save").click();
  }

  /** Takes a task off the list; it is deleted when the message that offers to undo it goes. */
  async delete(title: string): Promise<void> {
    await this.task(title).hover();
    await this.task(title).getByTestId("task-delete").click();
  }

  /** Drags a task by its handle to where another one is. */
  async drag(title: string, onto: string): Promise<void> {
    await this.task(title).hover();
    const from = await middle(this.task(title).getByTestId("task-drag"));
    const to = await middle(this.task(onto));
    const { mouse } = this.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move(from.x, to.y, { steps: DRAG_STEPS });
    await mouse.up();
  }

  /** Holds a finger on a task until it can be dragged, and drags it to where another one is. */
  async holdAndDrag(title: string, onto: string): Promise<void> {
    const from = await middle(this.task(title));
    const to = await middle(this.task(onto));
    const session = await this.page.context().newCDPSession(this.page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", y?: number) =>
      session.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: y === undefined ? [] : [{ x: from.x, y }],
      });
    await touch("touchStart", from.y);
    await this.page.waitForTimeout(HOLD_MS);
    for (let step = 1; step <= DRAG_STEPS; step++) {
      await touch("touchMove", from.y + ((to.y - from.y) * step) / DRAG_STEPS);
    }
    await touch("touchEnd");
    await session.detach();
  }

  async undo(): Promise<void> {
    await this.page.getByTestId("toast-action").click();
  }

  /** Puts the list into another order; tries until it is kept, as the list is there before the page's scripts are. */
  async order(by: "position" | "created_at" | "due" | "priority" | "title"): Promise<void> {
    await expect(async () => {
      await this.page.getByTestId("task-order").selectOption(by);
      const cookies = await this.page.context().cookies();
      expect(cookies.find(({ name }) => name === "task-order")?.value).toBe(by);
    }).toPass({ timeout: SCRIPTS_LIMIT_MS });
  }

  async filter(value: "all" | "open" | "done" | "overdue" | "today" | "upcoming"): Promise<void> {
    await this.page.getByTestId(`task-filter-${value}`).click();
  }

  async search(text: string): Promise<void> {
    await this.page.getByTestId("task-search").fill(text);
  }

  /** Waits until the list shows exactly these titles, in this order. */
  async expectTitles(...titles: string[]): Promise<void> {
    const options = { timeout: LIST_LIMIT_MS, useInnerText: true };
    await expect(this.titles).toHaveText(titles, options);
  }
}

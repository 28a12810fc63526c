import type { Locator, Page } from "playwright-core";

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
    await this.page.getByTestId("task-add-input").waitFor();
  }

  /** The task with exactly this title. */
  task(title: string): Locator {
    return this.items.filter({ has: this.page.getByText(title, { exact: true }) });
  }

  async add(title: string): Promise<void> {
    await this.page.getByTestId("task-add-input").fill(title);
    await this.page.getByTestId("task-add-submit").click();
    await this.task(title).getByTestId("task-toggle").and(this.page.locator(":enabled")).waitFor();
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

  async undo(): Promise<void> {
    await this.page.getByTestId("toast-action").click();
  }

  async filter(value: "all" | "open" | "done" | "overdue" | "today" | "upcoming"): Promise<void> {
    await this.page.getByTestId(`task-filter-${value}`).click();
  }

  async search(text: string): Promise<void> {
    await this.page.getByTestId("task-search").fill(text);
  }

  /** Waits until the list shows exactly these titles, in this order. */
  async expectTitles(...titles: string[]): Promise<void> {
    const deadline = Date.now() + 15_000;
    let shown: string[] = [];
    while (Date.now() < deadline) {
      shown = await this.titles.allInnerTexts();
      if (JSON.stringify(shown) === JSON.stringify(titles)) return;
      await this.page.waitForTimeout(100);
    }
    expect(shown).toEqual(titles);
  }
}

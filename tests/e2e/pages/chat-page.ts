/// <reference lib="dom" />
import { expect, type Locator, type Page } from "@playwright/test";

/** The chat: conversation, composer, list of conversations. */
export class ChatPage {
  readonly input: Locator;
  readonly userMessages: Locator;
  readonly answers: Locator;
  /** What the assistant did, a line for each tool call. */
  readonly steps: Locator;
  /** Tells that the last answer was stopped. */
  readonly stopped: Locator;
  readonly banner: Locator;
  readonly queued: Locator;
  readonly threads: Locator;
  readonly suggestions: Locator;

  constructor(readonly page: Page) {
    this.input = page.getByTestId("chat-input");
    this.userMessages = page.getByTestId("message-user");
    this.answers = page.getByTestId("message-assistant");
    this.steps = page.getByTestId("tool-step");
    this.stopped = page.getByTestId("chat-stopped");
    this.banner = page.getByTestId("banner-backend-away");
    this.queued = page.getByTestId("message-queued");
    this.threads = page.getByTestId("thread-item");
    this.suggestions = page.getByTestId("suggestion");
  }

  async open(): Promise<void> {
    await this.page.goto("/chat");
    await expect(this.input).toBeVisible();
  }

  /** Sends a message without waiting for anything. */
  async send(text: string): Promise<void> {
    await this.input.fill(text);
    await this.page.getByTestId("chat-send").click();
  }

  /** Sends a message and waits for the whole answer, which it returns. */
  async ask(text: string): Promise<string> {
    const before = await this.answers.count();
    await this.send(text);
    const answer = this.answers.nth(before);
    await expect(answer.getByTestId("message-copy")).toBeAttached();
    return answer.innerText();
  }

  /** Waits until the assistant is done with the newest message, in whatever way. */
  async lastAnswerIsOver(): Promise<void> {
    await expect(this.answers.last().getByTestId("message-copy")).toBeAttached();
  }

  /** From now on, presses Stop as soon as the assistant has taken a step; quicker than from out here. */
  async stopAtFirstStep(): Promise<void> {
    await this.page.evaluate(() => {
      const observer = new MutationObserver(() => {
        const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
        if (!find("tool-step")) return;
        observer.disconnect();
        find("chat-stop")?.click();
      });
      observer.observe(document.body, { childList: true, subtree: true });
    });
  }

  async newThread(): Promise<void> {
    await this.page.getByTestId("new-thread").click();
    await expect(this.suggestions.first()).toBeVisible();
  }

  thread(title: string): Locator {
    return this.threads.filter({ hasText: title });
  }

  async openThread(title: string): Promise<void> {
    await this.thread(title).getByRole("button", { name: title, exact: true }).click();
  }

  async renameThread(title: string, newTitle: string): Promise<void> {
    await this.thread(title).hover();
    await this.thread(title).getByTestId("thread-rename").click();
    const input = this.page.getByTestId("thread-title-input");
    await input.fill(newTitle);
    await input.press("Enter");
  }

  async deleteThread(title: string): Promise<void> {
    await this.thread(title).hover();
    await this.thread(title).getByTestId("thread-delete").click();
  }
}

import type { BrowserContext, BrowserContextOptions } from "@playwright/test";
import { AuthPage } from "../pages/auth-page";
import { ChatPage } from "../pages/chat-page";
import { newPerson, type Person } from "./people";
import { test as base } from "./test";
import { Window } from "./window";

const LIMIT_MS = 120_000;

/** Somebody with tasks, and with a conversation about them. */
export interface Conversation {
  person: Person;
  /** Its address, without the origin. */
  path: string;
  /** By which a window is this person's. */
  cookies: Awaited<ReturnType<BrowserContext["cookies"]>>;
}

interface Fixtures {
  /** Opens a window in which the person of the conversation is signed in. */
  openSignedIn: (options?: BrowserContextOptions) => Promise<Window>;
}

/** Tests that only look, all at the same conversation. */
export const test = base.extend<Fixtures, { conversation: Conversation }>({
  conversation: [
    async ({ browser }, use) => {
      const person = newPerson();
      const window = await Window.open(browser);
      const chat = new ChatPage(window.page);
      await new AuthPage(window.page).join(person);
      await chat.ask("add buy milk");
      await chat.ask("add pay the rent due tomorrow with high priority");
      await chat.ask("mark buy milk as done");
      await chat.ask("what is on my list?");
      const path = new URL(window.page.url()).pathname;
      const cookies = await window.context.cookies();
      await window.close();
      await use({ person, path, cookies });
    },
    { scope: "worker", timeout: LIMIT_MS },
  ],
  openSignedIn: async ({ open, conversation }, use) =>
    use(async (options) => {
      const window = await open(options);
      await window.context.addCookies(conversation.cookies);
      return window;
    }),
});

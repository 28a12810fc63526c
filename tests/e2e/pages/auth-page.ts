import { expect, type Locator, type Page } from "@playwright/test";
import type { Person } from "../support/people";

/** The sign-in and sign-up pages. */
export class AuthPage {
  readonly error: Locator;
  readonly expired: Locator;

  constructor(private readonly page: Page) {
    this.error = page.getByTestId("form-error");
    this.expired = page.getByTestId("session-expired");
  }

  async openSignIn(): Promise<void> {
    await this.page.goto("/sign-in");
  }

  async openSignUp(): Promise<void> {
    await this.page.goto("/sign-up");
  }

  /** Fills in the sign-in form, wherever one got to it, and sends it. */
  async submitSignIn({ email, password }: Pick<Person, "email" | "password">): Promise<void> {
    await this.page.getByTestId("email").fill(email);
    await this.page.getByTestId("password").fill(password);
    await this.page.getByTestId("submit").click();
  }

  /** Fills in the sign-up form and sends it. */
  async submitSignUp(person: Person): Promise<void> {
    await this.page.getByTestId("name").fill(person.name);
    await this.submitSignIn(person);
  }

  /** Makes an account and waits for the chat. */
  async signUp(person: Person): Promise<void> {
    await this.openSignUp();
    await this.submitSignUp(person);
    await this.page.waitForURL("**/chat");
  }

  /** Has an account made past the forms; whatever page is opened next is this person's. */
  async register(person: Person): Promise<void> {
    const made = await this.page.request.post("/api/auth/sign-up/email", { data: person });
    expect(made.status()).toBe(200);
  }

  /** Has an account made past the forms, and opens the chat with it. */
  async join(person: Person): Promise<void> {
    await this.register(person);
    await this.page.goto("/chat");
  }

  /** Signs in and waits for the chat. */
  async signIn(person: Person): Promise<void> {
    await this.openSignIn();
    await this.submitSignIn(person);
    await this.page.waitForURL("**/chat");
  }
}

// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SignInView } from "@/lib/auth-forms";
import { eventually } from "@/lib/eventually.fixture";
import { SignInPage } from "./sign-in-page";

const SCRIPT = readFileSync("src/components/auth/forms.js", "utf8");

/** The page as the browser gets it, with its script run. */
function show(mode: "sign-in" | "sign-up", changes: Partial<SignInView> = {}): void {
  const view: SignInView = {
    mode,
    next: "/chat",
    reason: null,
    entered: { name: "", email: "" },
    failure: null,
    signedOut: false,
    ...changes,
  };
  const html = renderToStaticMarkup(
    <SignInPage view={view} css="" script={SCRIPT} nonce="n1" theme="system" />,
  );
  const page = new DOMParser().parseFromString(html, "text/html");
  document.title = page.title;
  document.body.innerHTML = page.body.innerHTML;
  if (page.documentElement.hasAttribute("data-signed-out")) {
    document.documentElement.dataset.signedOut = "";
  }
  const script = document.querySelector("script");
  expect(script?.getAttribute("nonce")).toBe("n1");
  new Function(script?.textContent ?? "")();
}

function find<E extends HTMLElement>(selector: string): E {
  const element = document.querySelector<E>(selector);
  if (!element) throw new Error(`${selector} isn't on the page`);
  return element;
}

const password = () => find<HTMLInputElement>("input[name=password]");
const toggle = () => find<HTMLButtonElement>("button[aria-controls=password]");
const submit = () => find<HTMLButtonElement>("button[type=submit]");

/** Whether the browser would send the form. */
function send(): boolean {
  return find("form").dispatchEvent(new Event("submit", { cancelable: true }));
}

describe("SignInPage", () => {
  afterEach(() => {
    document.body.replaceChildren();
    delete document.documentElement.dataset.signedOut;
  });

  it("shows and hides the password", () => {
    show("sign-in");
    expect(toggle().hidden).toBe(false);
    toggle().click();
    expect(password().type).toBe("text");
    expect(toggle().textContent).toBe("Hide password");
    toggle().click();
    expect(password().type).toBe("password");
    expect(toggle().textContent).toBe("Show password");
  });

  it("sends the form once, with the password hidden again", () => {
    show("sign-up");
    toggle().click();
    expect(send()).toBe(true);
    expect(password().type).toBe("password");
    expect(submit().textContent).toBe("Creating your account…");
    expect(send()).toBe(false);
  });

  it("can be sent again when one comes back to it", () => {
    show("sign-in");
    send();
    window.dispatchEvent(new Event("pageshow"));
    expect(submit().disabled).toBe(false);
    expect(submit().textContent).toBe("Sign in");
    expect(send()).toBe(true);
  });

  it("names the field that is wrong, keeps the rest, and never the password", () => {
    show("sign-in", {
      entered: { name: "", email: "ada@example.com" },
      failure: { message: "No match.", field: "password" },
    });
    expect(find("[role=alert]").textContent).toBe("No match.");
    expect(password().getAttribute("aria-errormessage")).toBe(find("[role=alert]").id);
    expect(password().hasAttribute("autofocus")).toBe(true);
    expect(find("input[name=email]").getAttribute("value")).toBe("ada@example.com");
    expect(password().hasAttribute("value")).toBe(false);
  });

  it("takes along where one wanted to go", () => {
    show("sign-in", { next: "/tasks", reason: "expired" });
    expect(find("a").getAttribute("href")).toBe("/sign-up?next=%2Ftasks");
    expect(document.body.textContent).toContain("Your session has expired");
  });

  it("tells other tabs that nobody is signed in, where that is certain", async () => {
    const heard = vi.fn();
    const channel = new BroadcastChannel("todo-auth");
    channel.addEventListener("message", ({ data }) => heard(data));
    try {
      show("sign-in");
      show("sign-in", { signedOut: true });
      await eventually(() => expect(heard).toHaveBeenCalled());
      expect(heard.mock.calls).toEqual([[{ user: null }]]);
    } finally {
      channel.close();
    }
  });

  const text = (selector: string) => document.querySelector(selector)?.textContent ?? null;
  const fields = () =>
    [...document.querySelectorAll<HTMLInputElement>("form input")].map(
      ({ name, type, required, autocomplete, minLength, maxLength }) => [
        ...[name, type, required, autocomplete, minLength, maxLength],
      ],
    );

  it("asks those who come back for what they have, and takes no longer than the server does", () => {
    show("sign-in");
    expect([document.title, text("h1"), submit().textContent]).toEqual([
      "Sign in · Todo AI Chatbot",
      "Welcome back",
      "Sign in",
    ]);
    expect(fields()).toEqual([
      ["email", "email", true, "email", -1, 254],
      ["password", "password", true, "current-password", -1, 128],
    ]);
    expect(text("#password-hint")).toBeNull();
    expect(text("[role=alert]")).toBeNull();
    expect(text(".notice")).toBeNull();
    expect([text("a"), find("a").getAttribute("href")]).toEqual(["Create an account", "/sign-up"]);
  });

  it("asks those who are new for a name and a password of some length", () => {
    show("sign-up", { entered: { name: "Ada", email: "" } });
    expect([document.title, text("h1"), submit().textContent]).toEqual([
      "Create an account · Todo AI Chatbot",
      "Create your account",
      "Create account",
    ]);
    expect(fields()).toEqual([
      ["name", "text", true, "name", -1, 100],
      ["email", "email", true, "email", -1, 254],
      ["password", "password", true, "new-password", 8, 128],
    ]);
    expect(text("#password-hint")).toBe("At least 8 characters.");
    expect(find("[name=name]").getAttribute("value")).toBe("Ada");
    expect([text("a"), find("a").getAttribute("href")]).toEqual(["Sign in", "/sign-in"]);
  });

  it.each<["name" | "email" | "password"]>([["name"], ["email"], ["password"]])(
    "leads to the field that is wrong, and to no other: %s",
    (field) => {
      show("sign-up", { failure: { message: "No.", field } });
      expect(document.title).toBe("Error: Create an account · Todo AI Chatbot");
      const invalid = [...document.querySelectorAll<HTMLInputElement>("[aria-invalid=true]")];
      expect(invalid.map(({ name }) => name)).toEqual([field]);
      expect(
        [...document.querySelectorAll<HTMLInputElement>("[autofocus]")].map(({ name }) => name),
      ).toEqual([field]);
    },
  );

  it("calls no field wrong where none is", () => {
    show("sign-in", { failure: { message: "Too many attempts." } });
    expect(text("[role=alert]")).toBe("Too many attempts.");
    expect(document.querySelector("[aria-invalid]")).toBeNull();
    expect(document.querySelector("[autofocus]")).toBeNull();
  });

  it.each<[NonNullable<SignInView["reason"]>, string, string]>([
    ["expired", "warning", "Your session has expired. Sign in again to go on where you left off."],
    ["everywhere", "done", "You are signed out, here and on all your other devices."],
    ["deleted", "done", "Your account is deleted, with its tasks and conversations."],
  ])("says why one is there: %s", (reason, tone, words) => {
    show("sign-in", { reason });
    expect(text(`.notice.${tone}`)).toBe(words);
  });
});

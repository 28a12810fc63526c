// @vitest-environment happy-dom
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, describe, expect, it } from "vitest";
import { AuthPage, type AuthPageProps } from "./auth-page";

const props: AuthPageProps = {
  next: "/chat",
  expired: false,
  entered: { name: "", email: "" },
  failure: null,
  nonce: "n1",
};

/** The page as the browser gets it, with its script run. */
function show(mode: "sign-in" | "sign-up", changes: Partial<AuthPageProps> = {}): void {
  document.body.innerHTML = renderToStaticMarkup(<AuthPage mode={mode} {...props} {...changes} />);
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

describe("AuthPage", () => {
  afterEach(() => {
    document.body.replaceChildren();
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
    show("sign-in", { next: "/tasks", expired: true });
    expect(find("a").getAttribute("href")).toBe("/sign-up?next=%2Ftasks");
    expect(document.body.textContent).toContain("Your session has expired");
  });
});

// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeEach, describe, expect, it } from "vitest";
import type { AccountAction, AccountView } from "@/lib/auth-forms";
import type { Change } from "@/lib/outbox/changes";
import { LocalOutboxStorage } from "@/lib/outbox/storage";
import { AccountAwayPage, AccountPage } from "./account-page";

const SCRIPT = readFileSync("src/components/auth/forms.js", "utf8");
const user = { id: "u1", name: "Ada", email: "ada@example.com" };

/** The page as the browser gets it, with its script run. */
function show(changes: Partial<AccountView> = {}): void {
  const view: AccountView = { user, done: null, failure: null, ...changes };
  const html = renderToStaticMarkup(
    <AccountPage view={view} css="" script={SCRIPT} nonce="n1" theme="system" />,
  );
  const page = new DOMParser().parseFromString(html, "text/html");
  document.title = page.title;
  document.body.innerHTML = page.body.innerHTML;
  new Function(SCRIPT)();
}

const formOf = (action: AccountAction): HTMLFormElement => {
  const form = document.querySelector<HTMLInputElement>(`input[value=${action}]`)?.form;
  if (!form) throw new Error(`there is no form to ${action}`);
  return form;
};
const warned = (action: AccountAction): boolean =>
  formOf(action).querySelector<HTMLElement>("[data-unsent]")?.hidden === false;

function wait(userId: string, change: Change): void {
  const entry = `000000001-${change.kind}`;
  new LocalOutboxStorage(userId).write({ ...change, entry, tab: "t", at: "2030-01-01T00:00:00Z" });
}
const EDIT: Change = { kind: "task.edit", id: "1", changes: { title: "precious" } };

describe("AccountPage", () => {
  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    window.history.replaceState(null, "", "/account");
  });

  it("warns of what waits in the browser before all sessions or the account end", () => {
    wait("u1", EDIT);
    show();
    expect(warned("sign-out-everywhere")).toBe(true);
    expect(warned("delete-account")).toBe(true);
  });

  it.each<[string, () => void]>([
    ["nothing waits", () => undefined],
    ["only somebody else's changes do", () => wait("u2", EDIT)],
    ["an answer is to be ended", () => wait("u1", { kind: "answer.stop", key: "k" })],
    [
      "an answer is under way",
      () => {
        const message = { kind: "message", key: "k", threadId: null, text: "a" } as const;
        wait("u1", { ...message, accepted: true });
      },
    ],
  ])("warns of nothing where %s", (_, before) => {
    before();
    show();
    expect(warned("sign-out-everywhere")).toBe(false);
    expect(warned("delete-account")).toBe(false);
  });

  it("has a deleted account's changes and drafts go with it, and nobody else's", () => {
    wait("u1", EDIT);
    wait("u2", EDIT);
    sessionStorage.setItem("draft/u1/message", "precious");
    show();
    formOf("delete-account").dispatchEvent(new Event("submit"));
    // A wrong password ends nothing.
    show();
    expect(new LocalOutboxStorage("u1").read()).toHaveLength(1);
    window.history.replaceState(null, "", "/sign-in?reason=deleted");
    show();
    expect(new LocalOutboxStorage("u1").read()).toEqual([]);
    expect(new LocalOutboxStorage("u2").read()).toHaveLength(1);
    expect(sessionStorage).toHaveLength(0);
  });

  it("keeps what waits where no account was deleted from here", () => {
    wait("u1", EDIT);
    window.history.replaceState(null, "", "/sign-in?reason=deleted");
    show();
    expect(new LocalOutboxStorage("u1").read()).toHaveLength(1);
  });

  const text = (selector: string) => document.querySelector(selector)?.textContent ?? null;
  const field = (id: string) => document.getElementById(id) as HTMLInputElement;

  it("tells whose account it is, and leads back", () => {
    show();
    expect(document.title).toBe("Account · Todo AI Chatbot");
    expect(text("dl")).toBe("NameAdaEmailada@example.com");
    expect(document.querySelector("nav a")?.getAttribute("href")).toBe("/chat");
    expect(document.querySelectorAll("[role]")).toHaveLength(0);
  });

  it("has a form for each thing that one can do, which says whose page it is", () => {
    show();
    const sent = [...document.forms].map((form) => [
      form.method,
      ...["action", "user"].map(
        (name) => form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value,
      ),
    ]);
    expect(sent).toEqual([
      ["post", "change-password", "u1"],
      ["post", "sign-out-everywhere", "u1"],
      ["post", "delete-account", "u1"],
    ]);
    const submits = [...document.querySelectorAll<HTMLButtonElement>("button[type=submit]")];
    expect(
      submits.map(({ textContent, className, dataset }) => [textContent, className, dataset.busy]),
    ).toEqual([
      ["Change password", "secondary", "Changing…"],
      ["Sign out everywhere", "secondary", "Signing out…"],
      ["Delete my account", "danger", "Deleting…"],
    ]);
    for (const section of document.querySelectorAll("section[aria-labelledby]")) {
      const heading = document.getElementById(section.getAttribute("aria-labelledby") ?? "");
      expect(section.contains(heading)).toBe(true);
    }
  });

  it("wants passwords as the server does, and lets password managers know which", () => {
    show();
    const fields = ["current-password", "new-password", "delete-password"].map((id) => {
      const { name, type, required, autocomplete, minLength, maxLength } = field(id);
      return [name, type, required, autocomplete, minLength, maxLength];
    });
    expect(fields).toEqual([
      ["password", "password", true, "current-password", -1, -1],
      ["newPassword", "password", true, "new-password", 8, 128],
      ["password", "password", true, "current-password", -1, -1],
    ]);
    expect(text("#new-password-hint")).toBe("At least 8 characters.");
    expect(field("new-password").getAttribute("aria-describedby")).toBe("new-password-hint");
    expect(field("current-password").hasAttribute("aria-describedby")).toBe(false);
    const username = document.querySelector<HTMLInputElement>("[name=username]");
    expect(username?.value).toBe("ada@example.com");
    for (const action of ["change-password", "delete-account"] as const) {
      const owner = formOf(action).querySelector<HTMLInputElement>("[autocomplete=username]");
      expect([owner?.type, owner?.value, owner?.hidden]).toEqual(["text", "ada@example.com", true]);
    }
  });

  it("says that the password is changed", () => {
    show({ done: "change-password" });
    expect(text("[role=status]")).toBe("Your password is changed.");
  });

  const wrong = () =>
    ["current-password", "new-password", "delete-password"].filter(
      (id) => field(id).getAttribute("aria-invalid") === "true",
    );

  it.each<[AccountAction, "password" | "newPassword", string]>([
    ["change-password", "password", "current-password"],
    ["change-password", "newPassword", "new-password"],
    ["delete-account", "password", "delete-password"],
  ])("says in the form to %s that its %s is wrong, and leads there", (action, name, id) => {
    show({ failure: { action, message: "That is wrong.", field: name } });
    expect(document.title).toBe("Error: Account · Todo AI Chatbot");
    const alerts = [...document.querySelectorAll("[role=alert]")];
    expect(alerts.map(({ textContent }) => textContent)).toEqual(["That is wrong."]);
    expect(formOf(action).contains(alerts[0] ?? null)).toBe(true);
    expect(wrong()).toEqual([id]);
    expect(field(id).getAttribute("aria-errormessage")).toBe(alerts[0]?.id);
    expect(field(id).hasAttribute("autofocus")).toBe(true);
  });

  it("says that nobody can tell whose it is, and offers nothing then but the way back", () => {
    const html = renderToStaticMarkup(
      <AccountAwayPage css="" script={SCRIPT} nonce="n1" theme="system" />,
    );
    document.body.innerHTML = new DOMParser().parseFromString(html, "text/html").body.innerHTML;
    expect(text("[role=alert]")).toContain("can't be shown right now");
    expect(document.forms).toHaveLength(0);
    expect(document.querySelector("nav a")?.getAttribute("href")).toBe("/chat");
  });

  it("says above all forms what belongs to none of them", () => {
    show({ failure: { action: null, message: "Load the page anew." } });
    const alerts = [...document.querySelectorAll("[role=alert]")];
    expect(alerts.map((alert) => [alert.textContent, alert.closest("form")])).toEqual([
      ["Load the page anew.", null],
    ]);
    expect(wrong()).toEqual([]);
  });

  it("says in its form why sessions weren't ended", () => {
    show({ failure: { action: "sign-out-everywhere", message: "Not now." } });
    expect(formOf("sign-out-everywhere").querySelector("[role=alert]")?.textContent).toBe(
      "Not now.",
    );
    expect(document.querySelectorAll("[role=alert]")).toHaveLength(1);
  });
});

// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeEach, describe, expect, it } from "vitest";
import type { AccountAction } from "@/lib/auth-forms";
import type { Change } from "@/lib/outbox/changes";
import { LocalOutboxStorage } from "@/lib/outbox/storage";
import { AccountPage } from "./account-page";

const SCRIPT = readFileSync("src/components/auth/forms.js", "utf8");
const user = { id: "u1", name: "Ada", email: "ada@example.com" };

/** The page as the browser gets it, with its script run. */
function show(): void {
  const view = { user, done: null, failure: null };
  const html = renderToStaticMarkup(
    <AccountPage view={view} css="" script={SCRIPT} nonce="n1" theme="system" />,
  );
  document.body.innerHTML = new DOMParser().parseFromString(html, "text/html").body.innerHTML;
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
});

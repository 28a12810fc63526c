// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Observable } from "@/lib/observable";
import { ConnectionBanner } from "./connection-banner";

class State<T> extends Observable<T> {
  constructor(state: T) {
    super(state);
  }
  become(state: T): void {
    this.set(state);
  }
}

const edit = { kind: "task.edit", id: "1", changes: {} };
let app: {
  connection: State<{ status: "ok" | "away" }> & { retryNow: () => Promise<void> };
  outbox: State<{ changes: readonly object[]; durable: boolean }>;
};
vi.mock("./app-provider", () => ({ useApp: () => app }));

let root: Root;
let answered: () => void;
const text = () => document.querySelector('[role="status"]')?.textContent ?? "";
const button = () => document.querySelector<HTMLButtonElement>("button");

async function show(
  status: "ok" | "away",
  changes: readonly object[] = [],
  durable = true,
): Promise<void> {
  const retryNow = () =>
    new Promise<void>((resolve) => {
      answered = resolve;
    });
  app = {
    connection: Object.assign(new State({ status }), { retryNow }),
    outbox: new State({ changes, durable }),
  };
  await act(async () => root.render(<ConnectionBanner />));
}

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  root = createRoot(document.body.appendChild(document.createElement("div")));
});
afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
});

it("says nothing while all is well", async () => {
  await show("ok", [edit]);
  expect(text()).toBe("");
});

it.each([
  [[], "What you write is kept and goes out as soon as it is back."],
  [[edit], "1 change is kept and goes out as soon as it is back."],
  [[edit, edit], "2 changes are kept and go out as soon as it is back."],
])("says that nothing is lost: %j", async (changes, expected) => {
  await show("away", changes);
  expect(text()).toContain(`The assistant can’t be reached. ${expected}`);
});

it.each([
  [[edit], "1 change waits and can’t be kept by this browser."],
  [[edit, edit], "2 changes wait and can’t be kept by this browser."],
])("doesn't promise what a full storage can't keep: %j", async (changes, expected) => {
  await show("away", changes, false);
  expect(text()).toContain(`${expected} Leave the page open until it is back.`);
  expect(text()).not.toContain("is kept");
});

it("leaves the focus in the page when it goes", async () => {
  document.body.insertAdjacentHTML("beforeend", '<div id="main" tabindex="-1"></div>');
  await show("away");
  button()?.focus();
  await act(async () => app.connection.become({ status: "ok" }));
  expect(document.activeElement?.id).toBe("main");
});

it("tells one's own network from the assistant's", async () => {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  await show("away");
  expect(text()).toContain("You are offline. ");
});

it("tries at once where that is asked for, and says that it does", async () => {
  await show("away");
  expect(button()?.textContent).toBe("Try now");
  await act(async () => button()?.click());
  expect(button()?.textContent).toBe("Trying…");
  expect(button()?.getAttribute("aria-disabled")).toBe("true");
  await act(async () => answered());
  expect(button()?.textContent).toBe("Try now");
  expect(button()?.getAttribute("aria-disabled")).toBe("false");
});

it("goes when the assistant is back", async () => {
  await show("away");
  await act(async () => app.connection.become({ status: "ok" }));
  expect(text()).toBe("");
});

// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Connection } from "@/lib/connection";
import { DraftStorage } from "@/lib/drafts";
import { eventually } from "@/lib/eventually.fixture";
import { MemoryStorage } from "@/lib/outbox/memory-storage.fixture";
import { Outbox } from "@/lib/outbox/outbox";
import { Sidebar } from "./sidebar";
// What is loaded when it is needed is there at once: a busy machine takes a while to find it.
import "./sign-out-dialog";

const { app, place, signOut } = vi.hoisted(() => ({
  place: { path: "/chat" },
  app: {} as Record<string, unknown>,
  signOut: vi.fn<(userId: string) => Promise<boolean>>(),
}));
vi.mock("./app-provider", () => ({ useApp: () => app }));
vi.mock("./theme-toggle", () => ({ ThemeToggle: () => null }));
vi.mock("@/components/chat/thread-list", () => ({
  ThreadList: ({ onOpen }: { onOpen: (threadId: string) => void }) => (
    <button type="button" data-testid="open-t1" onClick={() => onOpen("t1")} />
  ),
}));
vi.mock("@/lib/sign-out", () => ({ signOut }));
vi.mock("next/navigation", () => ({ usePathname: () => place.path }));

const [onNewChat, onNavigate] = [vi.fn(), vi.fn()];
let settled: Promise<void>;
let root: Root;
let storage: MemoryStorage;
const button = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const press = async (id: string): Promise<void> => {
  await act(async () => button(id)?.click());
  // The question is loaded when it is asked.
  await act(() => vi.dynamicImportSettled());
};

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  signOut.mockReset().mockResolvedValue(true);
  storage = new MemoryStorage();
  const connection = new Connection(async () => false);
  const outbox = new Outbox({ storage, connection, tab: "this" });
  await outbox.start();
  const drafts = new DraftStorage("ada");
  for (const mock of [onNewChat, onNavigate]) mock.mockReset();
  settled = Promise.resolve();
  const tasks = { settled: () => settled };
  Object.assign(app, { userId: "ada", outbox, tasks, toasts: { show: vi.fn() }, drafts });
  root = createRoot(document.body.appendChild(document.createElement("div")));
  const user = { name: "Ada", email: "ada@example.com" };
  await act(async () =>
    root.render(
      <Sidebar user={user} theme="light" onNewChat={onNewChat} onNavigate={onNavigate} />,
    ),
  );
});
afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
});

it("signs out at once where nothing waits, and forgets what was being typed", async () => {
  const { drafts } = app as { drafts: DraftStorage };
  drafts.save("half a line", "new-task");
  await press("sign-out");
  await eventually(() => expect(window.location.assign).toHaveBeenCalledWith("/sign-in"));
  expect(signOut).toHaveBeenCalledExactlyOnceWith("ada");
  expect(drafts.load("new-task")).toBe("");
});

it("asks about what waits in any tab, and discards all of it when that is wanted", async () => {
  for (const tab of ["this", "other"]) {
    const edit = { kind: "task.edit", id: "1", changes: {} } as const;
    storage.write({ ...edit, entry: tab, tab, at: "2030-01-01T00:00:00Z" });
  }
  await press("sign-out");
  await eventually(() => expect(button("sign-out-dialog")).not.toBeNull());
  expect(button("sign-out-dialog")?.textContent).toContain("2 changes haven’t been sent yet");
  expect(signOut).not.toHaveBeenCalled();
  await press("sign-out-discard");
  expect(signOut).toHaveBeenCalledOnce();
  expect(storage.read()).toEqual([]);
});

it("discards nothing where signing out fails", async () => {
  wait("other");
  signOut.mockResolvedValueOnce(false);
  await press("sign-out");
  await eventually(() => expect(button("sign-out-dialog")).not.toBeNull());
  await press("sign-out-discard");
  await eventually(() => expect(show()).toHaveBeenCalled());
  expect(storage.read()).toHaveLength(1);
});

const show = () => (app as { toasts: { show: ReturnType<typeof vi.fn> } }).toasts.show;
const link = (text: string) =>
  [...document.querySelectorAll("a")].find(({ textContent }) => textContent === text);
/** Has a change wait in this tab, or in another. */
const wait = (tab: string) => {
  const edit = { kind: "task.edit", id: "1", changes: {} } as const;
  storage.write({ ...edit, entry: tab, tab, at: "2030-01-01T00:00:00Z" });
};
const dialogButton = (text: string) =>
  [...document.querySelectorAll<HTMLElement>("dialog button")].find(
    ({ textContent }) => textContent === text,
  );

it("leads to a new chat, to all tasks, to a conversation, and to the account", async () => {
  window.history.replaceState(null, "", "/chat");
  await press("new-thread");
  expect(onNewChat).toHaveBeenCalledOnce();
  expect(onNavigate).not.toHaveBeenCalled();
  await press("open-t1");
  expect(window.location.pathname).toBe("/chat/t1");
  expect(onNavigate).toHaveBeenCalledTimes(1);
  expect(link("All tasks")?.getAttribute("aria-current")).toBeNull();
  await act(async () => link("All tasks")?.click());
  expect(window.location.pathname).toBe("/tasks");
  expect(onNavigate).toHaveBeenCalledTimes(2);
  expect(button("account")?.getAttribute("href")).toBe("/account");
  expect(button("account")?.textContent).toBe("Adaada@example.com");
});

it("says that one is with the tasks", async () => {
  place.path = "/tasks";
  const user = { name: "Ada", email: "ada@example.com" };
  await act(async () => root.render(<Sidebar user={user} theme="light" onNewChat={onNewChat} />));
  expect(link("All tasks")?.getAttribute("aria-current")).toBe("page");
  place.path = "/chat";
});

it("opens the list of shortcuts", async () => {
  const opened = vi.fn();
  window.addEventListener("shortcuts:open", opened, { once: true });
  await press("shortcuts");
  expect(opened).toHaveBeenCalledOnce();
  expect(button("shortcuts")?.title).toBe("Keyboard shortcuts (?)");
});

it("says that signing out failed, keeps what was typed, and can be tried again", async () => {
  const { drafts } = app as { drafts: DraftStorage };
  drafts.save("half a line", "new-task");
  signOut.mockResolvedValueOnce(false);
  await press("sign-out");
  await eventually(() => expect(show()).toHaveBeenCalled());
  expect(show()).toHaveBeenCalledExactlyOnceWith({
    message: "You couldn't be signed out. Check your connection and try again.",
    tone: "danger",
  });
  expect(window.location.assign).not.toHaveBeenCalled();
  expect(drafts.load("new-task")).toBe("half a line");
  expect(button("sign-out")?.getAttribute("aria-disabled")).toBe("false");
  await press("sign-out");
  await eventually(() => expect(window.location.assign).toHaveBeenCalledWith("/sign-in"));
});

it("signs out once, however often it is pressed", async () => {
  signOut.mockReturnValue(new Promise(() => undefined));
  await press("sign-out");
  await eventually(() => expect(signOut).toHaveBeenCalledOnce());
  expect(button("sign-out")?.getAttribute("aria-disabled")).toBe("true");
  await press("sign-out");
  expect(signOut).toHaveBeenCalledOnce();
});

it("waits up to 1.5 s for changes that can still go out before it asks about them", async () => {
  vi.useFakeTimers();
  wait("other");
  settled = new Promise(() => undefined);
  await press("sign-out");
  await act(() => vi.advanceTimersByTimeAsync(1_499));
  expect(button("sign-out")?.getAttribute("aria-disabled")).toBe("true");
  expect(button("sign-out-dialog")).toBeNull();
  await act(() => vi.advanceTimersByTimeAsync(1));
  vi.useRealTimers();
  await eventually(() => expect(button("sign-out-dialog")).not.toBeNull());
  expect(button("sign-out")?.getAttribute("aria-disabled")).toBe("false");
});

it("keeps what waits where that is wanted", async () => {
  wait("other");
  await press("sign-out");
  await eventually(() => expect(button("sign-out-dialog")).not.toBeNull());
  await press("sign-out-keep");
  expect(signOut).toHaveBeenCalledOnce();
  expect(storage.read()).toHaveLength(1);
  expect(button("sign-out-dialog")).toBeNull();
});

it("stays signed in where that is wanted", async () => {
  wait("other");
  await press("sign-out");
  await eventually(() => expect(button("sign-out-dialog")).not.toBeNull());
  await act(async () => dialogButton("Stay signed in")?.click());
  expect(button("sign-out-dialog")).toBeNull();
  expect(signOut).not.toHaveBeenCalled();
  expect(storage.read()).toHaveLength(1);
});

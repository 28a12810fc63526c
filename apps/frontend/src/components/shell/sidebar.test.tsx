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

const { app, signOut } = vi.hoisted(() => ({
  app: {} as Record<string, unknown>,
  signOut: vi.fn<(userId: string) => Promise<boolean>>(),
}));
vi.mock("./app-provider", () => ({ useApp: () => app }));
vi.mock("./theme-toggle", () => ({ ThemeToggle: () => null }));
vi.mock("@/components/chat/thread-list", () => ({ ThreadList: () => null }));
vi.mock("@/lib/sign-out", () => ({ signOut }));
vi.mock("next/navigation", () => ({ usePathname: () => "/chat" }));

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
  const tasks = { settled: async () => undefined };
  Object.assign(app, { userId: "ada", outbox, tasks, toasts: { show: vi.fn() }, drafts });
  root = createRoot(document.body.appendChild(document.createElement("div")));
  const user = { name: "Ada", email: "ada@example.com" };
  await act(async () =>
    root.render(<Sidebar user={user} theme="light" onNewChat={() => undefined} />),
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

// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { chatPath, correctPath, goTo, viewOf } from "./navigation";

const history = { push: vi.fn(), replace: vi.fn() };
beforeEach(() => {
  window.history.replaceState(null, "", "/tasks");
  history.push = vi.spyOn(window.history, "pushState") as never;
  history.replace = vi.spyOn(window.history, "replaceState") as never;
});

it.each([
  ["/chat", { name: "chat", threadId: null }],
  ["/chat/", { name: "chat", threadId: null }],
  ["/chat/thr_1", { name: "chat", threadId: "thr_1" }],
  ["/chat/thr_1/", { name: "chat", threadId: "thr_1" }],
  ["/tasks", { name: "tasks" }],
  ["/tasks/", { name: "tasks" }],
  ["/tasks/1", null],
  ["/chat/thr_1/more", null],
  ["/chats", null],
  ["/account", null],
])("%s shows %j", (path, view) => {
  expect(viewOf(path)).toEqual(view);
});

it("a conversation has an address, and a new one has one too", () => {
  expect([chatPath("thr_1"), chatPath(null)]).toEqual(["/chat/thr_1", "/chat"]);
});

it("going somewhere can be gone back from", () => {
  goTo("/chat");
  expect(window.location.pathname).toBe("/chat");
  expect(history.push).toHaveBeenCalledWith(null, "", "/chat");
});

it("a corrected address leaves nothing to go back to", () => {
  correctPath("/chat/thr_1");
  expect(window.location.pathname).toBe("/chat/thr_1");
  expect(history.replace).toHaveBeenCalledTimes(1);
  expect(history.push).not.toHaveBeenCalled();
});

it("where one is already leaves no trace in the history", () => {
  goTo("/tasks");
  correctPath("/tasks");
  expect(history.push).not.toHaveBeenCalled();
  expect(history.replace).not.toHaveBeenCalled();
});

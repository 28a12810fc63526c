// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MessageBoundary } from "./message-boundary";

let root: Root;

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  root = createRoot(document.body);
});
afterEach(() => act(() => root.unmount()));

function Drawn({ fails }: { fails: boolean }) {
  if (fails) throw new Error("can't be drawn");
  return "drawn";
}

/** Two messages, of which the first is the one in question. */
async function show(of: string, fails: boolean): Promise<string | null> {
  await act(async () =>
    root.render(
      <>
        <MessageBoundary of={of} fallback="as written">
          <Drawn fails={fails} />
        </MessageBoundary>
        , other
      </>,
    ),
  );
  return document.body.textContent;
}

it("shows a message, and in the place of one that can't be drawn its fallback alone", async () => {
  expect(await show("a", false)).toBe("drawn, other");
  expect(await show("a", true)).toBe("as written, other");
});

it("tries again with another text, and not before", async () => {
  await show("a", true);
  expect(await show("a", false)).toBe("as written, other");
  expect(await show("ab", true)).toBe("as written, other");
  expect(await show("abc", false)).toBe("drawn, other");
});

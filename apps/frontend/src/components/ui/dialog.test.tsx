// @vitest-environment happy-dom
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Dialog } from "./dialog";

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
});
afterEach(() => {
  document.body.replaceChildren();
});

it("is closed while it is still in the page, so that the browser gives the focus back", async () => {
  const closed: boolean[] = [];
  vi.spyOn(HTMLDialogElement.prototype, "close").mockImplementation(function (
    this: HTMLDialogElement,
  ) {
    closed.push(this.isConnected);
  });
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  const show = (open: boolean): Promise<void> =>
    act(async () =>
      root.render(
        open ? (
          <Dialog label="Menu" onClose={() => undefined}>
            <p>Text</p>
          </Dialog>
        ) : null,
      ),
    );
  await show(true);
  expect(document.querySelector("dialog")?.open).toBe(true);
  await show(false);
  expect(closed).toEqual([true]);
  await act(async () => root.unmount());
});

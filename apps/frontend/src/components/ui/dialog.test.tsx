// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfirmDialog, Dialog } from "./dialog";

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

describe("a dialog", () => {
  const [onClose, onConfirm] = [vi.fn(), vi.fn()];
  let root: Root;
  beforeEach(() => {
    for (const mock of [onClose, onConfirm]) mock.mockReset();
    root = createRoot(document.body.appendChild(document.createElement("div")));
  });
  afterEach(() => act(async () => root.unmount()));

  const dialog = () => document.querySelector("dialog") as HTMLDialogElement;
  const dispatch = async (target: Element | null, event: Event): Promise<Event> => {
    await act(async () => target?.dispatchEvent(event));
    return event;
  };
  const click = () => new MouseEvent("click", { bubbles: true });
  const ask = () =>
    act(async () =>
      root.render(
        <ConfirmDialog
          title="Delete it?"
          text="It will be gone."
          confirm="Delete"
          onConfirm={onConfirm}
          onClose={onClose}
        />,
      ),
    );
  const called = () => [onConfirm, onClose].map(({ mock }) => mock.calls.length);

  it("is named, and looks as it is asked to", async () => {
    await act(async () =>
      root.render(
        <Dialog label="Menu" className="m-0" onClose={onClose}>
          <p>Text</p>
        </Dialog>,
      ),
    );
    expect(dialog().getAttribute("aria-label")).toBe("Menu");
    expect(dialog().className).toBe("text-ink m-0");
    expect(dialog().textContent).toBe("Text");
  });

  it("is closed by whoever has opened it on Escape, not by the browser", async () => {
    await ask();
    expect(
      (await dispatch(dialog(), new Event("cancel", { cancelable: true }))).defaultPrevented,
    ).toBe(true);
    expect(called()).toEqual([0, 1]);
    expect(dialog().open).toBe(true);
  });

  it("closes by a click beside it, and by none in it", async () => {
    await ask();
    await dispatch(dialog().querySelector("h2"), click());
    expect(called()).toEqual([0, 0]);
    await dispatch(dialog(), click());
    expect(called()).toEqual([0, 1]);
  });

  it("asks, and does it only where one says so", async () => {
    await ask();
    expect(dialog().getAttribute("aria-label")).toBe("Delete it?");
    expect(dialog().textContent).toBe("Delete it?It will be gone.CancelDelete");
    const [cancel, confirm] = dialog().querySelectorAll("button");
    await dispatch(cancel ?? null, click());
    expect(called()).toEqual([0, 1]);
    await dispatch(confirm ?? null, click());
    expect(called()).toEqual([1, 2]);
    expect(confirm?.dataset.testid).toBe("confirm");
  });
});

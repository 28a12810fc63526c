// @vitest-environment happy-dom
import { act, useRef } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useKeptFocus } from "./focus";

const onLost = vi.fn();
let root: Root;

/** A region with a button that may go. */
function Region({ button }: { button: boolean }) {
  const region = useRef<HTMLDivElement>(null);
  return (
    <div ref={region} {...useKeptFocus(region, onLost)}>
      {/* biome-ignore lint/a11y/noAutofocus: it has the focus before anybody listens */}
      {button ? <button type="button" autoFocus /> : null}
    </div>
  );
}

const show = (button: boolean) =>
  act(async () =>
    root.render(
      <>
        <Region button={button} />
        <input />
      </>,
    ),
  );

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  onLost.mockReset();
  root = createRoot(document.body);
});
afterEach(() => act(() => root.unmount()));

it("tells when what had the focus goes, also where it got that before anybody listened", async () => {
  await show(true);
  expect(document.activeElement?.tagName).toBe("BUTTON");
  expect(onLost).not.toHaveBeenCalled();
  await show(false);
  expect(onLost).toHaveBeenCalledOnce();
});

it("says nothing where one has gone elsewhere before", async () => {
  await show(true);
  act(() => document.querySelector("input")?.focus());
  await show(false);
  expect(onLost).not.toHaveBeenCalled();
  expect(document.activeElement?.tagName).toBe("INPUT");
});

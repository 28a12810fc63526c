/** Copies by the selection of a hidden field: the way for pages that are no secure context. */
async function writeText(text: string): Promise<void> {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  const focused = document.activeElement;
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  if (!copied) throw new Error("The browser refused to copy.");
}

/**
 * Gives the page a `navigator.clipboard` where the browser has none, as on a cluster's plain http
 * address; libraries then copy as everywhere.
 */
export function ensureClipboard(): void {
  if (navigator.clipboard) return;
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText } });
}

/** Key in `localStorage`; there where shortcuts of a single character are turned off. */
const STORAGE_KEY = "single-keys-off";

/**
 * Whether a character alone is a shortcut in this browser. Those who speak to their computer, or hit keys
 * by mistake, turn that off (WCAG 2.1.4).
 */
export function hasSingleKeys(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) === null;
  } catch {
    return true;
  }
}

/** Turns shortcuts of a single character on or off, for good and in all tabs. */
export function setSingleKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, "1");
  } catch {
    // Switched off: nothing is kept.
  }
}

// @ts-check
/**
 * Makes the forms handier: passwords can be shown, a form isn't sent twice, and other tabs hear that nobody
 * is signed in. What the app keeps in the browser is warned of, and goes with a deleted account. Back and a reload
 * never send a form again. It is put into the pages as it stands here, and they do without it too.
 */
(() => {
  for (const toggle of document.querySelectorAll("button[data-shows]")) {
    const password = document.getElementById(toggle.getAttribute("aria-controls") ?? "");
    const verb = toggle.firstChild;
    if (
      !(password instanceof HTMLInputElement) ||
      !(toggle instanceof HTMLButtonElement) ||
      !verb
    ) {
      continue;
    }
    const show = (/** @type {boolean} */ visible) => {
      password.type = visible ? "text" : "password";
      verb.nodeValue = visible ? "Hide " : "Show ";
    };
    toggle.addEventListener("click", () => show(password.type === "password"));
    // Browsers offer to keep what is in a password field only.
    password.form?.addEventListener("submit", () => show(false));
    toggle.hidden = false;
  }

  /** What of a person's changes waits in this browser, by its key (see src/lib/outbox/storage.ts). */
  const waiting = (/** @type {string} */ user) =>
    Object.entries(localStorage).filter(([key]) => key.startsWith(`outbox/${user}/`));
  /** An answer under way, or one to end, is nothing that a person would miss. */
  const isUnsent = (/** @type {[string, string]} */ [, text]) =>
    !/"kind":"answer\.stop"|"accepted":true/.test(text);
  const DELETING = "deleting-account";
  try {
    for (const warning of document.querySelectorAll("p[data-unsent]")) {
      const user = warning.getAttribute("data-unsent") ?? "";
      if (warning instanceof HTMLElement) warning.hidden = !waiting(user).some(isUnsent);
      const form = warning.closest("form");
      // Only the next page knows whether it has come to that.
      if (form?.querySelector("input[value=delete-account]")) {
        form.addEventListener("submit", () => sessionStorage.setItem(DELETING, user));
      }
    }
    const deleted = sessionStorage.getItem(DELETING);
    if (deleted && new URLSearchParams(location.search).get("reason") === "deleted") {
      for (const [key] of waiting(deleted)) localStorage.removeItem(key);
      sessionStorage.clear();
    }
  } catch {
    // Without storage there is nothing that waits.
  }

  for (const form of document.forms) {
    const submit = form.querySelector("button[type=submit]");
    if (!(submit instanceof HTMLButtonElement)) continue;
    const label = submit.textContent;
    form.addEventListener("submit", (event) => {
      if (submit.disabled) {
        event.preventDefault();
        return;
      }
      submit.disabled = true;
      submit.textContent = submit.dataset.busy ?? label;
    });
    // The browser may come back to this very page, as it was when it was left.
    window.addEventListener("pageshow", () => {
      submit.disabled = false;
      submit.textContent = label;
    });
  }

  // What a refused form was answered with is shown again by asking for the page, not by sending the form once more.
  history.replaceState(history.state, "", location.href);

  if (document.documentElement.dataset.signedOut !== undefined) {
    if ("BroadcastChannel" in window) {
      const channel = new BroadcastChannel("todo-auth");
      channel.postMessage({ user: null });
      channel.close();
    } else {
      try {
        localStorage.setItem("todo-auth", JSON.stringify({ user: null, at: Date.now() }));
      } catch {
        // Without storage there is nobody to tell.
      }
    }
  }
})();

/**
 * Makes the form of the sign-in pages handier: a password can be shown, and a form isn't sent twice.
 * It is put into the page as it stands here, so it must not use anything from outside.
 */
export function enhanceAuthForm(): void {
  const form = document.querySelector<HTMLFormElement>("form[method=post]");
  const submit = form?.querySelector<HTMLButtonElement>("button[type=submit]");
  const password = form?.querySelector<HTMLInputElement>("input[name=password]");
  const toggle = form?.querySelector<HTMLButtonElement>("button[aria-controls=password]");
  const toggleVerb = toggle?.firstChild;
  if (!form || !submit || !password || !toggle || !toggleVerb) return;

  const show = (visible: boolean): void => {
    password.type = visible ? "text" : "password";
    toggleVerb.nodeValue = visible ? "Hide " : "Show ";
  };
  toggle.addEventListener("click", () => show(password.type === "password"));
  toggle.hidden = false;

  const label = submit.textContent;
  form.addEventListener("submit", (event) => {
    if (submit.disabled) {
      event.preventDefault();
      return;
    }
    // Browsers offer to keep what is in a password field only.
    show(false);
    submit.disabled = true;
    submit.textContent = submit.dataset.busy ?? label;
  });
  // The browser may come back to this very page, as it was when it was left.
  window.addEventListener("pageshow", () => {
    submit.disabled = false;
    submit.textContent = label;
  });
}

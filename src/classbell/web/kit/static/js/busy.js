// A form that leads to a page is sent once: what a double click sends would be done twice.

const ANSWER_MS = 10_000;
let sent = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  if (performance.now() - sent.get(form) < ANSWER_MS) {
    event.preventDefault();
  } else {
    sent.set(form, performance.now());
  }
});

// One that takes a while says so. `data-busy` is what its button says meanwhile, its own first.

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-busy]");
  const button = event.submitter ?? form?.querySelector("button[type=submit]");
  if (!form || !button || event.defaultPrevented) return;
  form.setAttribute("aria-busy", "true");
  button.setAttribute("aria-live", "polite");
  button.dataset.said = button.textContent;
  button.textContent = button.dataset.busy ?? form.dataset.busy;
  // A disabled button's own name and value would not be sent; after this turn they have been.
  setTimeout(() => (button.disabled = true));
});

// Coming back by the browser's own button finds the page as it was left.
addEventListener("pageshow", () => {
  sent = new WeakMap();
  for (const button of document.querySelectorAll("form[aria-busy] button[data-said]")) {
    button.textContent = button.dataset.said;
    button.disabled = false;
    button.form.removeAttribute("aria-busy");
  }
});

// So does a part of the page that is being worked out anew: to the eye, and to who listens. What is quick does not flicker.

const PATIENCE_MS = 500;

document.addEventListener("htmx:beforeRequest", ({ detail: { target, xhr } }) => {
  const working = target?.parentElement?.querySelector(":scope > [data-working]");
  if (!working) return;
  target.setAttribute("aria-busy", "true");
  const waited = setTimeout(() => (working.textContent = working.dataset.working), PATIENCE_MS);
  xhr.addEventListener("loadend", () => {
    clearTimeout(waited);
    working.textContent = "";
    target.removeAttribute("aria-busy");
  });
});

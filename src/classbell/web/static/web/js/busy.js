// A form that takes a while says so, and cannot be sent twice. `data-busy` is what its button says meanwhile.

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-busy]");
  const button = event.submitter ?? form?.querySelector("button[type=submit]");
  if (!form || !button || event.defaultPrevented) return;
  form.setAttribute("aria-busy", "true");
  button.setAttribute("aria-live", "polite");
  button.dataset.said = button.textContent;
  button.textContent = form.dataset.busy;
  // A disabled button's own name and value would not be sent; after this turn they have been.
  setTimeout(() => (button.disabled = true));
});

// Coming back by the browser's own button finds the page as it was left.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[aria-busy] button[data-said]")) {
    button.textContent = button.dataset.said;
    button.disabled = false;
    button.form.removeAttribute("aria-busy");
  }
});

// Opens a dialog that came with a part of the page, and closes dialogs by their own buttons.

function openAll() {
  for (const dialog of document.querySelectorAll("dialog[data-opens]:not([open])")) {
    dialog.addEventListener("close", () => dialog.remove(), { once: true });
    dialog.showModal();
  }
}

document.addEventListener("htmx:afterSettle", openAll);
document.addEventListener("click", (event) => event.target.closest("[data-closes]")?.closest("dialog")?.close());

// A choice that is a form by itself is sent as soon as it is made.
document.addEventListener("change", (event) => event.target.closest("[data-submits]")?.form.requestSubmit());

// Opens the search over the page: by "/", by Ctrl+K (or ⌘K), or by its button. The arrows walk through what is found.

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function open() {
  const template = document.getElementById("search-template");
  if (!template || document.querySelector("dialog[open]")) {
    return;
  }
  const dialog = template.content.firstElementChild.cloneNode(true);
  dialog.addEventListener("close", () => dialog.remove(), { once: true });
  dialog.addEventListener("keydown", (event) => walk(dialog, event));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  htmx.process(dialog);
  dialog.showModal();
}

function walk(dialog, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) {
    return;
  }
  const stops = [dialog.querySelector("input"), ...dialog.querySelectorAll("a")];
  const at = stops.indexOf(document.activeElement);
  event.preventDefault();
  stops[(at + step + stops.length) % stops.length].focus();
}

document.addEventListener("keydown", (event) => {
  const isShortcut = event.key === "k" && (event.ctrlKey || event.metaKey);
  const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
  if (isShortcut || isSlash) {
    event.preventDefault();
    open();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-search]") && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open();
  }
});

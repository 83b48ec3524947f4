// Buttons that copy a text: <button data-copy="…" data-done="Copied" hidden>. They show only where copying works.

function prepare() {
  for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy][hidden]") : []) {
    button.hidden = false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) {
    return;
  }
  await navigator.clipboard.writeText(button.dataset.copy);
  const word = button.querySelector("[data-word]");
  const before = word.textContent;
  word.textContent = button.dataset.done;
  setTimeout(() => (word.textContent = before), 2_000);
});

prepare();
document.addEventListener("htmx:afterSettle", prepare);

// Lets toasts be closed, and go by themselves once there was time to read them, unless somebody is at them.

const READING_MS = 8_000;
// Noticing a slip, and reaching for the button, takes longer than reading.
const UNDOING_MS = 30_000;

function tend(toast) {
  const button = toast.querySelector("[data-dismiss]");
  button.hidden = false;
  button.addEventListener("click", () => toast.remove());
  setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), toast.querySelector("form, a") ? UNDOING_MS : READING_MS);
}

export function tendAll() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-tended])")) {
    toast.dataset.tended = "";
    tend(toast);
  }
}

tendAll();
document.addEventListener("htmx:afterSettle", tendAll);

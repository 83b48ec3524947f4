// Correct attendance by keyboard: J and K go from person to person, a letter opens the correction with that choice made and a
// reason filled in, Enter saves, Escape leaves it. Keys are told by their place, so that any alphabet will do.

const lines = () => [...document.querySelectorAll("[data-line]")];
const current = () => document.activeElement.closest("[data-line]");

function go(step) {
  const all = lines();
  const here = all.indexOf(current());
  const next = all[here < 0 ? 0 : Math.min(Math.max(here + step, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

// What somebody wrote stays; only what was suggested before makes way.
function suggest(form, radio) {
  const reason = form.querySelector("[name=reason]");
  const wasSuggested = [...form.querySelectorAll("[data-meaning]")].some((one) => one.dataset.meaning === reason.value);
  if (!reason.value || wasSuggested) {
    reason.value = radio.dataset.meaning;
  }
  return reason;
}

function correct(line, radio) {
  const form = line.querySelector("[data-correct]");
  form.open = true;
  radio.checked = true;
  const reason = suggest(form, radio);
  reason.focus();
  reason.select();
}

document.addEventListener("change", (event) => {
  const form = event.target.matches("[data-meaning]") && event.target.closest("[data-correct]");
  if (form) {
    suggest(form, event.target);
  }
});

document.addEventListener("keydown", (event) => {
  const line = current();
  const isWriting = event.target.closest("input:not([type=radio]), textarea, select");
  if (event.key === "Escape" && line?.querySelector("[data-correct][open]")) {
    line.querySelector("[data-correct]").open = false;
    line.focus();
    return;
  }
  if (isWriting || event.ctrlKey || event.metaKey || event.altKey || !event.code.startsWith("Key")) {
    return;
  }
  const letter = event.code.slice("Key".length);
  const radio = line?.querySelector(`[data-correct] [data-key="${letter}"]`);
  if (letter === "J" || letter === "K") {
    event.preventDefault();
    go(letter === "J" ? 1 : -1);
  } else if (radio) {
    event.preventDefault();
    correct(line, radio);
  }
});

for (const hint of document.querySelectorAll("[data-keys]")) {
  hint.hidden = !matchMedia("(hover: hover)").matches;
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

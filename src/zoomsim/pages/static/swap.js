// Puts fresh parts of a page in the place of the old ones.

export async function fetchPage(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) {
    throw new Error(`The simulator answered ${answer.status}.`);
  }
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// A part with a pressed button or a field in use is left alone until the next time. What was focused, scrolled or open
// in a part is so again afterwards.
export function swapParts(fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = document.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!old || old.innerHTML === part.innerHTML || old.querySelector(":active, input:focus, select:focus")) {
      continue;
    }
    for (const details of old.querySelectorAll("details[data-keep][open]")) {
      part.querySelector(`details[data-keep="${details.dataset.keep}"]`)?.setAttribute("open", "");
    }
    const focused = old.contains(document.activeElement) ? identity(document.activeElement) : "";
    const scrolled = [...old.querySelectorAll(".scroll")].map((region) => region.scrollLeft);
    old.replaceWith(document.adoptNode(part));
    part.querySelectorAll(".scroll").forEach((region, index) => {
      region.scrollLeft = scrolled[index] ?? 0;
    });
    if (focused) {
      const again = [...part.querySelectorAll("a, button, summary, [tabindex]")].find((one) => identity(one) === focused);
      again?.focus({ preventScroll: true });
    }
  }
  document.dispatchEvent(new Event("parts-swapped"));
}

// What stays the same about a link or button when its part is drawn anew; addresses carry new tokens each time.
function identity(element) {
  const person = element.closest("[data-person]")?.dataset.person ?? "";
  const words = element.getAttribute("aria-labelledby") ?? element.getAttribute("aria-label") ?? element.textContent;
  return [element.tagName, person, element.pathname ?? "", words.trim()].join("|");
}

// Calls `work` soon after each burst of calls, never twice at once, and at most once in `everyMs`.
export function gently(work, everyMs) {
  let planned = false;
  let last = 0;
  return () => {
    if (planned) {
      return;
    }
    planned = true;
    setTimeout(
      async () => {
        last = Date.now();
        planned = false;
        try {
          await work();
        } catch {
          // The simulator is restarting; the next event or tick tries again.
        }
      },
      Math.max(50, last + everyMs - Date.now()),
    );
  };
}

// After a form or a link updated a part of the page and went away with it, the keyboard goes on from that part; after
// something was refused, from the first reason why.

const REFUSAL = ":is([aria-invalid='true']:not([type='hidden']), .errorlist, [role='alert'])";
const REFUSED = 400;

function focusOn(element) {
  if (!element.matches("input, select, textarea, button, a[href]")) element.tabIndex = -1;
  element.focus();
}

document.addEventListener("htmx:afterSettle", (event) => {
  const { requestConfig, target, xhr } = event.detail;
  // Going back settles a page as well, for no part of it.
  const updated = target && document.getElementById(target.id);
  if (!["submit", "click"].includes(requestConfig?.triggeringEvent?.type)) return;
  const refusal = xhr?.status >= REFUSED && (updated ?? document.body).querySelector(REFUSAL);
  if (refusal) {
    focusOn(refusal);
  } else if (document.activeElement === document.body && updated) {
    updated.tabIndex = -1;
    updated.focus({ preventScroll: true });
  }
});

// A whole page that says no, as without htmx. Browsers that do not tell a page its status begin at its top.
const [page] = performance.getEntriesByType("navigation");
const refusal = page?.responseStatus === REFUSED && document.querySelector(`main ${REFUSAL}`);
if (refusal) focusOn(refusal);

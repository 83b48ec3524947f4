// After a form or a link updated a part of the page and went away with it, the keyboard goes on from that part.

document.addEventListener("htmx:afterSettle", (event) => {
  const { requestConfig, target } = event.detail;
  // Going back settles a page as well, for no part of it.
  const updated = target && document.getElementById(target.id);
  if (!["submit", "click"].includes(requestConfig?.triggeringEvent?.type) || document.activeElement !== document.body || !updated) {
    return;
  }
  updated.tabIndex = -1;
  updated.focus({ preventScroll: true });
});

// The board renews itself, but not while somebody is choosing on it: an open list would close under their hands.

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  const isLook = target.id === "board" && requestConfig.verb === "get";
  if (isLook && target.querySelector("details[open], select:focus")) {
    event.detail.shouldSwap = false;
  }
});

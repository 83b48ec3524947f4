// A part that looks again by itself is not replaced while somebody has something open in it.

document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, target } = event.detail;
  if (requestConfig?.triggeringEvent?.type !== "submit" && target.querySelector("details[open]")) {
    event.detail.shouldSwap = false;
  }
});

// What was sent by a part of a page and refused, or never arrived, is said. htmx itself would leave the page as it was.

import { tendAll } from "./toasts.js";

const wasSent = ({ requestConfig }) => requestConfig?.triggeringEvent?.type === "submit";

// The answer is a whole page that says why.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.isError || !wasSent(detail)) return;
  detail.shouldSwap = true;
  detail.target = document.body;
  detail.swapOverride = "innerHTML show:window:top";
});

function sayUnsent({ detail }) {
  if (!wasSent(detail)) return;
  document.getElementById("toasts").append(document.getElementById("unsent").content.cloneNode(true));
  tendAll();
}

document.addEventListener("htmx:sendError", sayUnsent);
document.addEventListener("htmx:timeout", sayUnsent);

// Follows the simulation: asks for the sections that an event concerns, and for the calls every two seconds.

import { fetchPage, gently, swapParts } from "./swap.js";

const TICK_MS = 2000;
const CONCERNS = {
  user: ["hosts"],
  meeting: ["meetings", "hosts", "live"],
  room: ["live", "meetings", "hosts"],
  delivery: ["webhooks"],
  faults: ["faults", "webhooks"],
  clock: ["about", "meetings", "webhooks"],
  reset: ["about", "traffic", "live", "meetings", "webhooks", "faults", "hosts"],
};
const wanted = new Set();

const soon = gently(async () => {
  const parts = [...wanted];
  wanted.clear();
  if (parts.length) {
    const address = new URL(location.href);
    address.searchParams.set("parts", parts.join(","));
    swapParts(await fetchPage(address));
  }
}, 1000);

function ask(parts) {
  for (const part of parts ?? []) {
    wanted.add(part);
  }
  if (!document.hidden) {
    soon();
  }
}

const page = document.querySelector("[data-events]");
if (page) {
  const source = new EventSource(page.dataset.events);
  source.addEventListener("message", (message) => ask(CONCERNS[JSON.parse(message.data).kind]));
  source.addEventListener("open", () => ask(CONCERNS.reset));
  setInterval(() => ask(["traffic", "faults"]), TICK_MS);
  document.addEventListener("visibilitychange", () => ask(CONCERNS.reset));
}

// Follows a meeting: people come and go, a waiting page opens, a room that ended says so.

import { fetchPage, gently, swapParts } from "./swap.js";

const TICK_MS = 15_000;
const page = document.querySelector("[data-events]");
const announced = document.getElementById("announced");

function people(root) {
  return new Map([...root.querySelectorAll("[data-person]")].map((tile) => [tile.dataset.person, tile.dataset.name]));
}

function tell(before, after) {
  const came = [...after].filter(([number]) => !before.has(number));
  const went = [...before].filter(([number]) => !after.has(number));
  for (const [number] of came) {
    document.querySelector(`[data-person="${number}"]`)?.classList.add("arrives");
  }
  if (came.length || went.length) {
    announced.textContent = [
      ...came.map(([, name]) => page.dataset.came.replace("%", () => name)),
      ...went.map(([, name]) => page.dataset.went.replace("%", () => name)),
    ].join(". ");
  }
}

async function refresh() {
  const fresh = await fetchPage(location.href);
  const state = document.querySelector("main").dataset.state;
  if (fresh.querySelector("main")?.dataset.state !== state) {
    location.reload();
    return;
  }
  const door = document.querySelector("form[data-when-open]");
  if (door && fresh.querySelector('[data-open="yes"]')) {
    door.requestSubmit();
    return;
  }
  const before = people(document);
  swapParts(fresh);
  tell(before, people(document));
}

if (page) {
  const soon = gently(refresh, 400);
  const source = new EventSource(page.dataset.events);
  source.addEventListener("message", soon);
  // After a lost connection something may have been missed.
  source.addEventListener("open", soon);
  setInterval(soon, TICK_MS);
}

// Shows times as the viewer's: starts of meetings, when people came, and the simulator's clock as it goes.

const pageLanguage = document.documentElement.lang || "en";
// The page's language in the viewer's way of writing dates; times keep Latin digits in every language.
const language = `${navigator.languages.find((one) => one.startsWith(pageLanguage)) ?? pageLanguage}-u-nu-latn`;
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const DAY = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const CLOCK = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function showOwnTimes() {
  for (const place of document.querySelectorAll("[data-your-time]")) {
    const { start, end, zone, words } = place.dataset;
    if (zone !== ownZone) {
      const range = document.createElement("span");
      range.className = "ltr";
      range.textContent = `${CLOCK.format(new Date(start))}–${CLOCK.format(new Date(end))}`;
      place.replaceChildren(`${DAY.format(new Date(start))} · `, range, ` · ${words}`);
      place.hidden = false;
    }
  }
  for (const time of document.querySelectorAll("time[data-clock]")) {
    time.textContent = CLOCK.format(new Date(time.dateTime));
  }
  for (const zone of document.querySelectorAll("[data-zone-name]")) {
    zone.textContent = zone.dataset.zoneName;
    zone.classList.remove("ltr");
  }
}

function goOn() {
  const clock = document.querySelector("time[data-ticks]");
  if (!clock) {
    return;
  }
  if (clock.dataset.seen !== clock.dateTime) {
    clock.dataset.seen = clock.dateTime;
    clock.dataset.ahead = String(Date.parse(clock.dateTime) - Date.now());
  }
  clock.textContent = new Date(Date.now() + Number(clock.dataset.ahead)).toISOString().slice(0, 19).replace("T", " ");
}

document.addEventListener("parts-swapped", showOwnTimes);
showOwnTimes();
setInterval(goOn, 1000);

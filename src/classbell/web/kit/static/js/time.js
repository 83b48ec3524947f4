// Keeps "in 12 minutes" true. <time data-relative datetime="…"> holds the server's words until the first tick.

const STEP_MS = 10_000;
const UNITS = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const language = document.documentElement.lang || "en";
// Times keep Latin digits in every language.
const locale = `${language}-u-nu-latn`;
const format = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
const now = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
// As 2026-11-30, on the reader's clock.
const calendar = new Intl.DateTimeFormat("en-CA", { timeZone: document.documentElement.dataset.zone });

function daysUntil(moment) {
  return (Date.parse(calendar.format(moment)) - Date.parse(calendar.format(Date.now()))) / 86_400_000;
}

function relative(moment) {
  const seconds = Math.round((moment - Date.now()) / 1000);
  if (seconds === 0) {
    return now;
  }
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  const days = unit === "day" ? daysUntil(moment) : 0;
  return format.format(days || Math.round(seconds / size), unit);
}

function refresh() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const words = relative(Date.parse(element.dateTime));
    if (element.textContent !== words) {
      element.textContent = words;
    }
  }
}

setInterval(refresh, STEP_MS);
document.addEventListener("visibilitychange", () => document.hidden || refresh());

// Tells the site where this device is: a cookie names its timezone. A page that had to guess is read once more.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const YEAR_SECONDS = 31_536_000;

function kept() {
  return document.cookie.split("; ").includes(`device_zone=${encodeURIComponent(zone)}`);
}

if (zone && !kept()) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `device_zone=${encodeURIComponent(zone)}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
  const field = document.querySelector("input[data-device-zone]");
  if (field && field.value === field.defaultValue) {
    field.value = zone;
  }
  // Without cookies it would be read for ever.
  if (document.querySelector("[data-guessed-zone]") && kept()) {
    location.reload();
  }
}

// A page of the open door in another site's page: tells that page how high it is, and what happens in it. The site is one that
// the school has named (visits.py); a browser hands the words to no other.

const site = document.body.dataset.site;

function tell(type, facts = {}) {
  parent.postMessage({ type: `classbell:${type}`, ...facts }, site);
}

// A page that is looked at again, or a part of it that comes again, says nothing twice.
let said = "";

function look() {
  const picker = document.querySelector("[data-slot]");
  if (picker && picker.dataset.slot !== said) {
    const { slot, minutes, kind, teacher } = picker.dataset;
    tell("slot", { kind, teacher: teacher || null, start_time: slot, duration: Number(minutes) });
  }
  said = picker?.dataset.slot ?? "";
}

if (parent !== window && site) {
  tell("ready");
  new ResizeObserver(() => tell("size", { height: document.body.getBoundingClientRect().height })).observe(document.body);
  look();
  document.addEventListener("htmx:afterSettle", look);
  const booked = document.querySelector("[data-booked]");
  if (booked) {
    const { kind, start, minutes, status } = booked.dataset;
    tell("booked", { kind, start_time: start, duration: Number(minutes), status });
  }
}

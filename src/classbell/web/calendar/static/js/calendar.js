// Lets sessions be dragged, or pushed with Alt and the arrow keys, to another time of the week. Letting go asks the server
// what the move would mean; nothing changes before somebody says so there.

const QUARTERS_AN_HOUR = 4;
const SLACK_PX = 5;

const calendar = document.querySelector("[data-calendar]");
const slot = document.getElementById("move-dialog");
const said = document.getElementById("calendar-said");

function quarterHeight() {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.75;
}

function columns() {
  return [...calendar.querySelectorAll("[data-date]")];
}

/** Moves a block by days and quarters as drawn, without changing anything. */
function draw(block, days, quarters) {
  const all = columns();
  const from = all.indexOf(block.closest("[data-date]"));
  const there = all[from + days].getBoundingClientRect();
  const here = all[from].getBoundingClientRect();
  block.style.translate = `${there.left - here.left}px ${quarters * quarterHeight()}px`;
}

function start(block) {
  const all = columns();
  const [, clock] = block.dataset.start.split("T");
  const [hour, minute] = clock.split(":").map(Number);
  return { column: all.indexOf(block.closest("[data-date]")), minutes: hour * 60 + minute };
}

function clamp(number, least, most) {
  return Math.min(most, Math.max(least, number));
}

function bounded(block, days, quarters) {
  const { column, minutes } = start(block);
  return {
    days: clamp(days, -column, columns().length - 1 - column),
    quarters: clamp(quarters, -Math.floor(minutes / 15), Math.floor((1439 - minutes) / 15)),
  };
}

function target(block, days, quarters) {
  const { column, minutes } = start(block);
  const at = minutes + quarters * 15;
  const clock = [Math.floor(at / 60), at % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return `${columns()[column + days].dataset.date}T${clock}`;
}

/** Says where a block would go, for those who do not see it drawn there. */
function say(block, days, quarters) {
  const there = target(block, days, quarters);
  const day = columns()[start(block).column + days].querySelector(".cal-spoken").textContent;
  said.textContent = said.dataset.to.replace("{day}", day).replace("{time}", there.split("T")[1]);
}

function putBack(block) {
  block.classList.remove("is-dragged");
  block.style.translate = "";
}

async function ask(block, days, quarters) {
  const address = `${block.dataset.move}?to=${encodeURIComponent(target(block, days, quarters))}`;
  await htmx.ajax("GET", address, { target: slot, swap: "innerHTML" });
  const dialog = slot.querySelector("dialog");
  dialog?.addEventListener("close", () => {
    putBack(block);
    block.querySelector("a").focus();
  });
}

function drag(block, pressed) {
  let days = 0;
  let quarters = 0;
  let moved = false;
  const width = columns()[0].getBoundingClientRect().width;
  const towards = getComputedStyle(calendar).direction === "rtl" ? -1 : 1;

  function move(event) {
    const [x, y] = [event.clientX - pressed.clientX, event.clientY - pressed.clientY];
    moved ||= Math.hypot(x, y) > SLACK_PX;
    if (!moved) {
      return;
    }
    block.classList.add("is-dragged");
    ({ days, quarters } = bounded(block, towards * Math.round(x / width), Math.round(y / quarterHeight())));
    draw(block, days, quarters);
  }

  function end(event) {
    block.removeEventListener("pointermove", move);
    block.removeEventListener("pointerup", end);
    block.removeEventListener("pointercancel", end);
    if (moved) {
      // What ends a drag is no click on the link.
      block.addEventListener("click", (click) => click.preventDefault(), { once: true, capture: true });
    }
    if (event.type === "pointerup" && (days !== 0 || quarters !== 0)) {
      ask(block, days, quarters);
    } else {
      putBack(block);
    }
  }

  block.setPointerCapture(pressed.pointerId);
  block.addEventListener("pointermove", move);
  block.addEventListener("pointerup", end);
  block.addEventListener("pointercancel", end);
}

const pushed = new WeakMap();
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function push(block, event) {
  const arrow = ARROWS[event.key];
  const so = pushed.get(block) ?? { days: 0, quarters: 0 };
  if (event.altKey && arrow) {
    event.preventDefault();
    const towards = getComputedStyle(calendar).direction === "rtl" ? -1 : 1;
    const next = bounded(block, so.days + towards * arrow[0], so.quarters + arrow[1]);
    pushed.set(block, next);
    block.classList.add("is-dragged");
    draw(block, next.days, next.quarters);
    say(block, next.days, next.quarters);
  } else if (event.key === "Enter" && (so.days !== 0 || so.quarters !== 0)) {
    event.preventDefault();
    pushed.delete(block);
    ask(block, so.days, so.quarters);
  } else if (event.key === "Escape" && pushed.delete(block)) {
    putBack(block);
    said.textContent = said.dataset.back;
  }
}

if (calendar) {
  for (const block of calendar.querySelectorAll("[data-move]")) {
    block.addEventListener("pointerdown", (event) => event.button === 0 && event.pointerType === "mouse" && drag(block, event));
    block.addEventListener("keydown", (event) => push(block, event));
  }
}

// Lets a week of hours be painted: dragging over half hours opens them, over open ones closes them. The picture is made from
// the form's own fields, and what is painted goes back into a form that the server answers; nothing is saved by painting.

const CELL_MINUTES = 30;
const DAY_MINUTES = 1440;

function minutes(clock) {
  const [hour, minute] = clock.split(":").map(Number);
  return hour * 60 + minute;
}

function clock(at) {
  const wrapped = at % DAY_MINUTES;
  return [Math.floor(wrapped / 60), wrapped % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Reads the windows of every weekday out of the form: [[from, until), …] in minutes. */
function read(form) {
  const week = new Map();
  for (const start of form.querySelectorAll("input[name^=start_]")) {
    const day = start.name.slice("start_".length);
    const end = start.closest(".window").querySelector("input[name^=end_]");
    if (start.value && end.value) {
      week.set(day, [...(week.get(day) ?? []), [minutes(start.value), minutes(end.value) || DAY_MINUTES]]);
    }
  }
  return week;
}

/** Returns windows with [from, until) opened or closed, in order and without overlaps. */
function painted(windows, from, until, opens) {
  const kept = windows.flatMap(([a, b]) => [
    [a, Math.min(b, from)],
    [Math.max(a, until), b],
  ]);
  const all = [...kept, ...(opens ? [[from, until]] : [])].filter(([a, b]) => a < b).sort(([a], [b]) => a - b);
  const merged = [];
  for (const [a, b] of all) {
    const last = merged.at(-1);
    if (last && a <= last[1]) {
      last[1] = Math.max(last[1], b);
    } else {
      merged.push([a, b]);
    }
  }
  return merged;
}

function send(form, week) {
  const values = new FormData();
  values.append("paint", "1");
  values.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  for (const shown of form.querySelectorAll("[name^=shown_]")) {
    values.append(shown.name, shown.value);
  }
  for (const [day, windows] of week) {
    for (const [from, until] of windows) {
      values.append(`start_${day}`, clock(from));
      values.append(`end_${day}`, clock(until));
    }
  }
  htmx.ajax("POST", form.action, { target: "#week", swap: "outerHTML", values: Object.fromEntries([...new Set(values.keys())].map((key) => [key, values.getAll(key)])) });
}

function prepare(picture) {
  const form = picture.closest("form");
  const week = read(form);
  const first = Number(picture.dataset.firstHour) * 60;
  const columns = [...picture.querySelectorAll("[data-day]")];
  const cells = columns.map((column) => [...column.querySelectorAll("i")]);
  let stroke = null;

  function at(cell) {
    const column = columns.indexOf(cell.closest("[data-day]"));
    return { column, row: cells[column].indexOf(cell) };
  }

  function isOpen({ column, row }) {
    const from = first + row * CELL_MINUTES;
    return (week.get(columns[column].dataset.day) ?? []).some(([a, b]) => a < from + CELL_MINUTES && b > from);
  }

  function covers({ column, row }) {
    const between = (value, one, other) => value >= Math.min(one, other) && value <= Math.max(one, other);
    return between(column, stroke.from.column, stroke.to.column) && between(row, stroke.from.row, stroke.to.row);
  }

  function draw() {
    cells.forEach((rows, column) =>
      rows.forEach((cell, row) => {
        const here = { column, row };
        cell.classList.toggle("is-open", stroke && covers(here) ? stroke.opens : isOpen(here));
      }),
    );
  }

  function finish() {
    if (!stroke) {
      return;
    }
    const rows = [stroke.from.row, stroke.to.row].sort((a, b) => a - b);
    const [from, until] = [first + rows[0] * CELL_MINUTES, first + (rows[1] + 1) * CELL_MINUTES];
    columns.forEach((column, number) => {
      if (covers({ column: number, row: rows[0] })) {
        week.set(column.dataset.day, painted(week.get(column.dataset.day) ?? [], from, until, stroke.opens));
      }
    });
    stroke = null;
    send(form, week);
  }

  picture.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest("i");
    if (cell && event.button === 0) {
      event.preventDefault();
      const here = at(cell);
      stroke = { from: here, to: here, opens: !isOpen(here) };
      picture.setPointerCapture(event.pointerId);
      draw();
    }
  });
  picture.addEventListener("pointermove", (event) => {
    const cell = stroke && document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-paint] i");
    if (cell) {
      stroke.to = at(cell);
      draw();
    }
  });
  picture.addEventListener("pointerup", finish);
  picture.addEventListener("pointercancel", () => {
    stroke = null;
    draw();
  });
  form.addEventListener("change", () => {
    week.clear();
    read(form).forEach((windows, day) => week.set(day, windows));
    draw();
  });
  picture.dataset.ready = "";
  draw();
}

function prepareAll() {
  for (const picture of document.querySelectorAll("[data-paint]:not([data-ready])")) {
    prepare(picture);
  }
}

prepareAll();
document.addEventListener("htmx:afterSettle", prepareAll);

// Puts fresh parts of a page in the place of the old ones.

export async function fetchPage(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) {
    throw new Error(`The simulator answered ${answer.status}.`);
  }
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// A part somebody is in with the keyboard is left alone until they go on; opened details stay open.
export function swapParts(fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = document.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!old || old.innerHTML === part.innerHTML || old.contains(document.activeElement)) {
      continue;
    }
    for (const details of old.querySelectorAll("details[data-keep][open]")) {
      part.querySelector(`details[data-keep="${details.dataset.keep}"]`)?.setAttribute("open", "");
    }
    old.replaceWith(document.adoptNode(part));
  }
  document.dispatchEvent(new Event("parts-swapped"));
}

// Calls `work` soon after each burst of calls, never twice at once, and at most once in `everyMs`.
export function gently(work, everyMs) {
  let planned = false;
  let last = 0;
  return () => {
    if (planned) {
      return;
    }
    planned = true;
    setTimeout(
      async () => {
        last = Date.now();
        planned = false;
        try {
          await work();
        } catch {
          // The simulator is restarting; the next event or tick tries again.
        }
      },
      Math.max(50, last + everyMs - Date.now()),
    );
  };
}

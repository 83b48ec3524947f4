// Notifications on this device: <section data-push="key" data-push-api="…" data-push-worker="…"> with a button to begin and
// one to end, and one of [data-push-unable|off|on|denied|failed] that says how it stands.

const part = document.querySelector("[data-push]");
const able = part && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function say(word) {
  for (const one of part.querySelectorAll("[data-push-says] > *")) {
    one.hidden = !one.hasAttribute(`data-push-${word}`);
  }
  part.querySelector("[data-push-begin]").hidden = !(word === "off" || word === "failed");
  part.querySelector("[data-push-end]").hidden = word !== "on";
}

function key() {
  const base64 = part.dataset.push.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

async function send(method, body) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const answer = await fetch(part.dataset.pushApi, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) {
    throw new Error(answer.status);
  }
}

async function current() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration?.pushManager.getSubscription();
}

async function begin() {
  if ((await Notification.requestPermission()) !== "granted") {
    return say("denied");
  }
  await navigator.serviceWorker.register(part.dataset.pushWorker, { scope: "/" });
  const registration = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: key() };
  await send("POST", await soon(registration.pushManager.subscribe(options)));
  say("on");
}

// A browser that does not reach its maker's push service may never say so.
function soon(promise) {
  return Promise.race([promise, new Promise((_done, failed) => setTimeout(failed, 20_000, new Error("too late")))]);
}

async function end() {
  const subscription = await current();
  if (subscription) {
    await send("DELETE", { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
  }
  say("off");
}

async function show() {
  if (Notification.permission === "denied") {
    return say("denied");
  }
  // One that somebody else asked for here, or in a sign-in that is over, is not theirs.
  const subscription = await current();
  const known = part.dataset.pushKnown.split(" ");
  say(subscription && known.includes(await digest(subscription.endpoint)) ? "on" : "off");
}

async function digest(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function attempt(act) {
  try {
    await act();
  } catch {
    say("failed");
  }
}

if (able) {
  part.querySelector("[data-push-begin]").addEventListener("click", () => attempt(begin));
  part.querySelector("[data-push-end]").addEventListener("click", () => attempt(end));
  attempt(show);
}

// A part of a page that looks again and is answered by another address: follow it as a whole page. Only what somebody is
// writing is not left for the sign-in page: they sign in elsewhere and go on here.

import { tendAll } from "./toasts.js";

function saySignedOut() {
  const toasts = document.getElementById("toasts");
  if (!toasts.querySelector("[data-signed-out]")) {
    toasts.append(document.getElementById("signed-out").content.cloneNode(true));
    tendAll();
  }
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo, requestConfig } = event.detail;
  const answered = new URL(xhr.responseURL, location.href);
  const asked = new URL(pathInfo.requestPath, location.href);
  if (answered.pathname === asked.pathname) {
    return;
  }
  event.detail.shouldSwap = false;
  const signIn = document.getElementById("signed-out").content.querySelector("a").getAttribute("href");
  if (answered.pathname === signIn && requestConfig.elt.closest("form[method=post]")) {
    saySignedOut();
  } else {
    location.assign(answered);
  }
});

// A guardian who is none any more: the pages of the child go, wherever one is open.

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 403 && event.detail.elt.id === "ward") {
    location.reload();
  }
});

// Signing in elsewhere makes the tokens of this page's forms old ones; the cookie has the one that holds now.

function renewTokens() {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  for (const field of token ? document.querySelectorAll("input[name=csrfmiddlewaretoken]") : []) {
    field.value = token;
  }
}

document.addEventListener("submit", renewTokens, true);
document.addEventListener("htmx:trigger", renewTokens);

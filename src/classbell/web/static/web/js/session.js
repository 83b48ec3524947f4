// A part of a page that looks again and is answered by another address (the sign-in page): follow it as a whole page.

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, pathInfo } = event.detail;
  const answered = new URL(xhr.responseURL, location.href);
  const asked = new URL(pathInfo.requestPath, location.href);
  if (answered.pathname !== asked.pathname) {
    event.detail.shouldSwap = false;
    location.assign(answered);
  }
});

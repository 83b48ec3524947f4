// Classbell in a page of another site, version 1: its free times inline, or in a dialog.
//
//   <script src="https://classbell.school.example/embed.js?v=1" async></script>
//   <div data-classbell="/open/kinds/trial/"></div>
//   <a href="https://classbell.school.example/open/kinds/trial/" data-classbell-popup>Book a lesson</a>
//
// What happens in the frame is told to the element, as events that bubble: classbell:ready, classbell:slot, classbell:booked.
// docs/door.md says what is in them. The school names the sites that may do this; everywhere else browsers show nothing.

(() => {
  const origin = new URL(document.currentScript.src).origin;
  const LEAST_HEIGHT = 320;
  // Which element each frame was made for.
  const frames = new Map();

  function addressOf(element, path) {
    const url = new URL(path, origin);
    if (url.origin !== origin || !url.pathname.startsWith("/open/")) {
      throw new Error(`data-classbell: ${path} is no page of ${origin}/open/`);
    }
    const language = element.dataset.language || document.documentElement.lang.slice(0, 2);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const added = { embed: "1", site: location.origin, language: ["en", "ar"].includes(language) && language, timezone: zone };
    for (const [name, value] of Object.entries(added)) {
      if (value && !url.searchParams.has(name)) url.searchParams.set(name, value);
    }
    return url.href;
  }

  function frameFor(element, path) {
    const frame = document.createElement("iframe");
    frame.src = addressOf(element, path);
    frame.title = element.dataset.title || element.textContent.trim() || "Classbell";
    frame.style.cssText = `inline-size: 100%; block-size: ${LEAST_HEIGHT}px; border: 0; display: block; color-scheme: normal;`;
    frames.set(frame, element);
    return frame;
  }

  function inline(element) {
    if (element.dataset.classbellReady) return;
    element.dataset.classbellReady = "1";
    element.replaceChildren(frameFor(element, element.dataset.classbell));
  }

  function popup(link) {
    const dialog = document.createElement("dialog");
    dialog.style.cssText =
      "inline-size: min(40rem, 100vw); max-inline-size: 100vw; block-size: min(48rem, 100dvh); max-block-size: 100dvh; " +
      "padding: 0; border: 0; border-radius: 8px; overflow: auto; background: Canvas;";
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", link.dataset.close || "Close");
    close.style.cssText =
      "position: sticky; inset-block-start: 0; float: inline-end; z-index: 1; inline-size: 2.75rem; block-size: 2.75rem; " +
      "border: 0; background: none; color: CanvasText; font: inherit; font-size: 1.5rem; cursor: pointer;";
    close.addEventListener("click", () => dialog.close());
    const frame = frameFor(link, link.href);
    dialog.append(close, frame);
    dialog.addEventListener("close", () => {
      frames.delete(frame);
      dialog.remove();
      link.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  // From our own pages only, and only from frames that were made here.
  addEventListener("message", (event) => {
    if (event.origin !== origin || typeof event.data?.type !== "string") return;
    const found = [...frames].find(([frame]) => frame.contentWindow === event.source);
    if (!found || !event.data.type.startsWith("classbell:")) return;
    const [frame, element] = found;
    const { type, ...detail } = event.data;
    if (type === "classbell:size") {
      frame.style.blockSize = `${Math.max(LEAST_HEIGHT, Math.ceil(Number(detail.height)) || 0)}px`;
      return;
    }
    element.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-classbell-popup]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    popup(link);
  });

  function begin() {
    document.querySelectorAll("[data-classbell]").forEach(inline);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();

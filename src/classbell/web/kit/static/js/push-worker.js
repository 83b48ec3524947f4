// Shows notifications that come while no page is open (a service worker). It keeps no pages: those are the server's.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const { id, title, body, link, lang } = event.data.json();
  const dir = lang === "ar" ? "rtl" : "ltr";
  // Browsers end a subscription by which nothing is shown. The same notice again replaces itself.
  event.waitUntil(self.registration.showNotification(title, { body, lang, dir, tag: id, data: { link } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.link || "/notices/"));
});

async function open(link) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => page.url === new URL(link, self.location.origin).href);
  return there ? there.focus() : self.clients.openWindow(link);
}

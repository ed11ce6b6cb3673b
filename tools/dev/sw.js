// SPDX-License-Identifier: GPL-3.0-or-later
// In place of the page's service worker while somebody develops: takes an older one away, which would serve what it has kept.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil((async () => {
  const tabs = await self.clients.matchAll(); // those of the older one
  await self.registration.unregister();
  for (const tab of tabs) tab.navigate(tab.url);
})()));

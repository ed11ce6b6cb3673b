// SPDX-License-Identifier: GPL-3.0-or-later
// Many messages at once, for a page that nobody else is in.

/** Runs in the page: so many messages of "Bada", as the API tells of them; isPrivate: to this person alone. */
export async function hear([count, name, isPrivate]) {
  for (let i = 0; i < count; i++) {
    const said = {
      from: 'Bada', to: isPrivate ? window.nkt.mySwarm.address() : null, room: window.nkt.roomId, id: name + String(i).padStart(31, '0'),
      date: Date.now(), encrypted: true,
    };
    window.dispatchEvent(Object.assign(new CustomEvent('nktencryptedmessagereceived', { detail: `${name} ${i} said` }), said));
    if (i % 50 === 0) await new Promise((resume) => { setTimeout(resume); });
  }
}

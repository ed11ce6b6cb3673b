// SPDX-License-Identifier: GPL-3.0-or-later
// A page of somebody who installed the package: shows what it hears, answers the first.
import { Nkt } from 'nkt';

const { room, relay } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const nkt = new Nkt();

nkt.addEventListener('nktencryptedmessagereceived', async ({ detail, from }) => {
  const item = document.createElement('li');
  item.textContent = `${nkt.userList[from].nick}: ${detail}`;
  document.getElementById('heard').append(item);
  await nkt.sendEncryptedMessage(`heard ${detail}`, from);
});
nkt.register('page', () => document.title);

await nkt.init({ nick: 'page', room, relays: [relay] });
document.body.dataset.address = nkt.mySwarm.address();

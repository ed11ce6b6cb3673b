// SPDX-License-Identifier: GPL-3.0-or-later
// What goes wrong: a room that cannot be entered, a core that is gone.
import { allMeet } from '../../tests/support/tab.mjs';

const ROOM_COUNT_MAX = 8; // as the core has it

/** Before a page's scripts: the memory of its core is known once it draws entropy. */
function findMemory() {
  const fill = Crypto.prototype.getRandomValues;
  Crypto.prototype.getRandomValues = function getRandomValues(view) {
    if (view.buffer.byteLength > 1 << 20) window.coreMemory = view.buffer;
    return fill.call(this, view);
  };
}

/** @param {import('../../tests/support/stage.mjs').Stage} stage @param {import('./sheet.mjs').Pictures} pictures */
export async function trouble(stage, pictures) {
  const [ada, grace] = await stage.tabs(2, { fragment: 'room=tea', before: findMemory });
  await ada.logIn('Ada');
  await pictures.sheet(ada, 'alone');
  await grace.logIn('Grace');
  await allMeet([ada, grace]);
  const go = (name) => ada.run((room) => { location.hash = `room=${room}`; }, name);
  const rooms = ['books', 'garden', 'the choir, altos', 'harbour', 'maths', 'neighbours', 'walks'];
  for (const name of rooms) {
    await go(name);
    await ada.page.locator('#room-name', { hasText: name }).waitFor();
  }
  await go('one-more');
  await ada.answers(`You are in ${ROOM_COUNT_MAX} rooms`);
  await pictures.sheet(ada, 'room-refused');
  await go('tea');
  await ada.page.locator('#room-name', { hasText: 'tea' }).waitFor();
  await grace.type('Are you there?');
  await ada.shows('Are you there?');
  await grace.page.bringToFront();
  await grace.run(async () => { // traps until it is not started again
    while (nkt.health().running) {
      await nkt.sendEncryptedMessage('draws entropy').catch(() => {});
      new Uint8Array(window.coreMemory).fill(0xff);
      nkt.wake();
      await new Promise((resume) => { setTimeout(resume, 100); });
    }
  });
  await grace.type('/status');
  await grace.answers('nkt stopped after a fault');
  await pictures.sheet(grace, 'core-gone');
  await grace.run(() => { // said at once, so that the line is not free when it comes back
    const line = document.getElementById('line');
    const long = 'Can you read this? The room may have to be entered once more, which I will do now.';
    for (const text of ['I am here, but nothing leaves.', long, 'So']) {
      line.value = text;
      if (text !== 'So') document.getElementById('say').requestSubmit();
    }
  });
  await grace.page.locator('#unsent li').nth(1).waitFor();
  await pictures.sheet(grace, 'unsent');
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The second implementation and the real core meet: greetings, sessions begun by either and by both, messages, good-byes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startServer } from '../support/servers.mjs';
import { equal, hex } from './bytes.mjs';
import { FRAME, KIND, readEnvelope } from './envelope.mjs';
import { newRoom, seedOf, skip, until, useStage } from './support/stage.mjs';

const HELD_MAX = 8;
const PATIENCE_MS = 400;
const isSession = (frame) => frame[0] === FRAME.ENVELOPE && readEnvelope(frame).body.kind === KIND.SESSION;

describe('meeting the core', { skip, timeout: 360_000 }, () => {
  const stage = useStage();

  /** Both ways, and what each knows of the other. */
  async function talk(core, second) {
    const person = await second.person(core.address);
    await core.session(second.address);
    assert.equal(core.nkt.userList[second.address].nick, 'second');
    assert.equal(person.record.nick, 'core');
    assert.equal(await second.peer.say({ from: 'second', n: [1, null, 'ü'] }, person), 1);
    assert.deepEqual(core.values(), [{ from: 'second', n: [1, null, 'ü'] }]);
    await core.say('from the core', second.address);
    assert.deepEqual(second.values(), ['from the core']);
    return person;
  }

  for (const [which, initiates, says] of /** @type {const} */ ([
    ['lower', 'lower', 'we begin, being the lower address'],
    ['higher', 'lower', 'the core begins, being the lower address'],
    ['lower', 'never', 'we never begin, though it is our turn: the core does'],
  ])) {
    test(`a session: ${says}`, async () => {
      const room = newRoom();
      const core = await stage.core('core', room);
      let begun = 0;
      const second = await stage.second(room, { seed: seedOf(which, core.address, says), initiates, isApart: true });
      second.peer.on('began', () => begun++);
      const startMs = performance.now(); // the core hears of us later; its event may come later still
      await second.peer.connect(stage.url());
      await core.session(second.address);
      const sessionMs = performance.now() - startMs;
      await talk(core, second);
      if (which === 'lower' && initiates !== 'never') {
        assert.ok(begun > 0 || sessionMs >= PATIENCE_MS, `${sessionMs} ms`); // where we are slow the core, being the higher one, begins
      } else assert.equal(begun, 0);
      assert.deepEqual(second.peer.refusals, {});
      assert.deepEqual(core.dropped(), {});
    });
  }

  for (const which of /** @type {const} */ (['lower', 'higher'])) {
    test(`glare: both begin before they hear of the other's session, and we are the ${which} address`, async () => {
      const room = newRoom();
      const core = await stage.core('core', room);
      let hasBegun = false;
      /** @type {Uint8Array[]} */
      const held = [];
      const lose = (frame, isOut) => {
        const isHeld = !isOut && held.length < HELD_MAX && (!hasBegun || held.length === 0) && isSession(frame);
        if (isHeld) held.push(frame);
        return isHeld;
      };
      const second = await stage.second(room, { seed: seedOf(which, core.address, 'glare'), initiates: 'always', isApart: true, lose });
      second.peer.once('began', () => { hasBegun = true; });
      await second.peer.connect(stage.url());
      await until(() => hasBegun && held.length > 0, 'both to have begun');
      for (const frame of held) second.peer.receive(frame, {});
      await talk(core, second);
    });
  }

  test('the core comes second, and greets', async () => {
    const room = newRoom();
    const second = await stage.second(room, { seed: 'first here' });
    const core = await stage.core('core', room);
    await talk(core, second);
  });

  test('a room with a secret: members meet, and nobody else', async () => {
    const room = newRoom();
    const core = await stage.core('core', room, { secret: 'door' });
    const second = await stage.second(room, { room: { name: room, secret: 'door' }, seed: 'member' });
    await talk(core, second);
    assert.equal(core.nkt.userList[second.address] !== undefined, true);
  });

  test('a clear message is heard by both, and a good-bye is understood', async () => {
    const room = newRoom();
    const core = await stage.core('core', room);
    const second = await stage.second(room, { seed: 'clear' });
    const person = await second.person(core.address);
    await core.session(second.address);
    await core.nkt.sendClearMessage({ clear: true });
    await until(() => second.heard.some(({ value, isClear }) => isClear && value.clear), 'the clear message');
    second.peer.sayClear('as clear');
    await core.seen('nktclearmessagereceived', ({ detail }) => detail === 'as clear');
    await core.nkt.close();
    await until(() => person.isAway, "the core's good-bye");
  });

  for (const count of [1, 2]) {
    test(`at another relay: through ${count} at both`, async (t) => {
      const server = await startServer('app.js');
      t.after(() => server.stop());
      const room = newRoom();
      const core = await stage.core('core', room);
      const bridges = [];
      const relays = [stage.url(), `${server.wsUrl}/relay`];
      for (let i = 0; i < count; i++) bridges.push(await stage.core(`at both ${i}`, room, { relays }));
      const second = await stage.second(room, { seed: 'elsewhere', isApart: true });
      await second.peer.connect(`${server.wsUrl}/relay`);
      await talk(core, second);
      second.peer.sayClear('as clear');
      await core.seen('nktclearmessagereceived', ({ detail }) => detail === 'as clear');
      assert.ok(bridges.some(({ nkt }) => nkt.health().counters.bridged > 0));
      second.peer.close();
      await until(() => !core.isListed(second.address), 'to be listed no more');
    });
  }

  test('our good-bye takes us out of the list of the core', async () => {
    const room = newRoom();
    const core = await stage.core('core', room);
    const second = await stage.second(room, { seed: 'bye' });
    await second.person(core.address);
    await core.session(second.address);
    second.peer.close();
    await until(() => !core.isListed(second.address), 'to be listed no more');
  });

  test('one whom we never heard is told of by the core: digest, want, records', async () => {
    const room = newRoom();
    const core = await stage.core('core', room);
    const third = await stage.second(room, { nick: 'third', seed: 'third' });
    await third.person(core.address);
    await core.session(third.address);
    let isTold = false;
    const isOfThird = (frame) => frame[0] === FRAME.ENVELOPE && equal(readEnvelope(frame).body.from, third.peer.address);
    const lose = (frame, isOut) => !isOut && !isTold && isOfThird(frame);
    const second = await stage.second(room, { seed: 'told', isApart: true, lose });
    second.peer.on('person', ({ name }) => { isTold ||= name === hex(third.peer.address); });
    await second.peer.connect(stage.url());
    await second.person(third.address);
    assert.ok(isTold);
    assert.equal(await second.peer.say('you were told of', await second.person(third.address)), 1);
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
// The address of the page: names that survive messengers, links that were mangled, the room one is in, and what a link may not do unasked.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { startServer } from '../support/servers.mjs';
import { Stage } from '../support/stage.mjs';
import { Tab, allMeet } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

/** What is cut or changed by one or another of what recognises links: punctuation at the end, brackets, quotes, marks of Markdown. */
const CUT = /[).,!?:;'"*_~\]>}]+$|[<>"'`*_~()[\]{}\s]|[^\x21-\x7e]/;

describe('links', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  /** A relay that the page does not come from. @type {Awaited<ReturnType<typeof startServer>>} */
  let other;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
    other = await startServer('app.js', { NKT_ORIGINS: stage.app.url });
  });
  after(async () => {
    await other.stop();
    await stage.close();
  });
  afterEach(() => stage.clear());

  const linkOf = (tab) => tab.page.locator('#invite-link').inputValue();
  const relaysOf = (tab) => tab.run(() => nkt.health().relays?.map(({ url }) => url) ?? []);
  async function open(url, context) {
    const tab = await Tab.blank(context ?? await stage.newContext());
    return tab.load(url);
  }

  test('names that end in punctuation, and secrets of nothing else, survive what recognises links', async () => {
    const [ann] = await stage.tabs(1);
    const names = [['tea (2)!', '_*~secret~*_'], ['what? "yes"...', ')]}>'], ['a:b;c,', "'."], ['-', '--'], ['c++ & 100 %', '+']];
    for (const [i, [room, secret]] of names.entries()) {
      await ann.page.locator('#login-room summary').click();
      await ann.page.locator('#room').fill(room);
      await ann.page.locator('#secret').fill(secret);
      await ann.logIn('Ann');
      const link = await linkOf(ann);
      assert.doesNotMatch(link, CUT);
      const address = await ann.run(() => location.href);
      assert.doesNotMatch(address, CUT);
      const bob = await open(link);
      const form = await bob.run(() => ['room', 'secret'].map((id) => document.getElementById(id).value));
      assert.deepEqual(form, [room, secret]);
      if (i === 0) {
        await bob.logIn('Bob');
        await allMeet([ann, bob]);
        await ann.page.reload();
        await allMeet([ann, bob]);
      }
      await ann.page.locator('#leave').click();
    }
    assert.deepEqual(await ann.faults(), []);
  });

  test('links whose # or more was encoded, or that went through HTML, lead where they were to lead', async () => {
    const context = await stage.newContext();
    for (const rest of ['/%23room=tea%20time&secret=x', '/#%23room=tea%20time&secret=x', '/%23room%3Dtea%2520time%26secret%3Dx',
      '/#room=tea%20time&amp;secret=x', '/%23room=tea+time&secret=x', '/?%23room=tea+time#secret=x',
      '/%23room=tea%20time&secret=x&relays=ws://localhost:1/relay']) {
      const tab = await open(stage.app.url + rest, context);
      const form = await tab.run(() => ['room', 'secret'].map((id) => document.getElementById(id).value));
      assert.deepEqual(form, ['tea time', 'x'], rest);
      assert.equal(await tab.run(() => location.pathname), '/', rest);
      await tab.page.close();
    }
    const answer = await fetch(`${stage.app.url}/%23room=\u00fc/x?y=\u00fc`, { redirect: 'manual' });
    assert.equal(answer.status, 302);
    assert.match(answer.headers.get('location'), /^(\.\/|(\.\.\/)+)#room=[\x21-\x7e]+$/);
    assert.equal((await fetch(`${stage.app.url}/x/%23room=tea`, { redirect: 'manual' })).status, 404);
  });

  test('a room of whose name nothing can be seen is none; one that a program entered is called something', async () => {
    const tab = await open(`${stage.app.url}/#room=%20%E2%80%8B%E2%81%A0&secret=x`);
    assert.equal(await tab.page.locator('#login-room-name').textContent(), 'no room');
    await tab.page.locator('#secret').evaluate((field) => { field.value = 'typed'; });
    await tab.logIn('Ann');
    assert.deepEqual([await tab.run(() => nkt.room), await tab.page.locator('#room-name').textContent()], [null, 'no room']);
    assert.equal(new URL(await linkOf(tab)).hash, '#room=', 'none has a secret');
    for (const hash of ['room=&secret=y', 'room=other']) await tab.run((to) => { location.hash = to; }, hash);
    await tab.until(() => nkt.room === 'other', undefined, 'elsewhere');
    assert.deepEqual(await tab.run(() => nkt.rooms.map(({ room }) => room)), [null, 'other']);
    for (const [room, called] of [['\u2060 \u200b', '%E2%81%A0%20%E2%80%8B'], ['te\u202ea \u200f\u2003x', 'tea x']]) {
      await tab.run((name) => nkt.resume({ room: name }), room);
      await tab.page.locator('#room-name').getByText(called, { exact: true }).waitFor();
      assert.equal(await tab.page.title(), `${called} · nkt`);
      await tab.page.locator('#talks').getByText(`#${called}`, { exact: true }).waitFor();
    }
    assert.deepEqual(await tab.faults(), []);
  });

  test('what no name can hold is left out of it, at the login and within a room alike; one too long is refused in words', async () => {
    const context = await stage.newContext('chromium', { locale: 'de' });
    const tab = await open(`${stage.app.url}/#room=te%0D%0Aa%00&secret=x%0Ay`, context);
    await tab.logIn('Ann');
    const link = await linkOf(tab);
    assert.equal(new URL(link).hash, '#room=tea&secret=xy');
    const go = (hash) => tab.run((to) => { location.hash = to; }, hash);
    const isIn = (name) => tab.until((room) => nkt.room === room, name, `in ${name}`);
    await go('room=other');
    await isIn('other');
    await go('room=te%0Aa%00&secret=x%00y');
    await isIn('tea');
    assert.equal(await linkOf(tab), link);
    assert.equal(await tab.run(() => nkt.rooms.length), 2, 'the same one');
    for (const hash of [`room=${'%C3%A4'.repeat(129)}`, `room=tea&secret=${'s'.repeat(257)}`]) {
      await go(hash);
      const said = await tab.answers('Das ist zu lang: höchstens 256 Buchstaben');
      assert.match(said, /^Nicht begonnen: Das ist zu lang/);
      await tab.type('/clear');
      assert.deepEqual([await tab.run(() => nkt.room), await linkOf(tab), await tab.run(() => location.href)], ['tea', link, link]);
    }
    assert.deepEqual(await tab.faults(), []);
  });

  test('the usual room is reached from within another: by its link, with a secret, from the list, after a reload', async () => {
    const [ann] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}` });
    await ann.logIn('Ann');
    const first = await ann.run(() => nkt.room);
    const go = (hash) => ann.run((to) => { location.hash = to; }, hash);
    const isIn = (...place) => ann.until((wanted) => JSON.stringify([nkt.room, location.hash, nkt.rooms.length]) === wanted,
      JSON.stringify(place), `${place}`);
    await go('room=nkt&secret=deep');
    await isIn('nkt', '#room=nkt&secret=deep', 2);
    await go(`room=${first}`);
    await isIn(first, `#room=${first}`, 2);
    await go('');
    await isIn('nkt', '', 3);
    await go(`room=${first}`);
    await ann.page.locator('#rooms li', { hasText: /^#nkt(?! · with)/ }).locator('button').click(); // left, and remembered
    await ann.page.locator('#rooms li[data-open=false] a', { hasText: /^#nkt/ }).click();
    await isIn('nkt', '#room=nkt', 3);
    await ann.page.reload(); // opens the others again
    await ann.until(() => nkt.rooms?.length === 3, undefined, 'all three');
    assert.deepEqual((await ann.run(() => nkt.rooms.map(({ room }) => room))).sort(), ['nkt', 'nkt', first].sort());
    assert.deepEqual(await ann.faults(), []);
  });

  test('what is typed at the login stays when another link comes; one that comes while one joins names no servers', async () => {
    const [ann] = await stage.tabs(1, { fragment: 'room=one' });
    await ann.page.locator('#nick').fill('Ann');
    await ann.run(() => { location.hash = 'room=two'; });
    await ann.until(() => document.getElementById('room').value === 'two', undefined, 'the other room');
    assert.equal(await ann.page.locator('#nick').inputValue(), 'Ann');
    const relay = `${other.wsUrl}/relay`;
    const reached = [];
    ann.page.on('websocket', (socket) => reached.push(socket.url()));
    await ann.run((url) => {
      document.querySelector('#login button[type=submit]').click();
      history.replaceState(null, '', `#room=three&relays=${url}`); // as by another tab: nobody has seen it
    }, relay);
    await ann.page.locator('#login-servers', { hasText: relay }).waitFor(); // followed once she is in, and asked for as any other
    assert.deepEqual(reached.filter((url) => url.startsWith(other.wsUrl)), []);
    assert.ok(reached.some((url) => url.startsWith(stage.app.wsUrl)), 'she was in the room whose link she had seen');
    assert.deepEqual(await relaysOf(ann), []);
    assert.deepEqual(await ann.faults(), []);
  });

  test('Copy link copies the room one is in, and its secret, not what stands in the address or the form', async () => {
    const room = stage.newRoom();
    const [ann] = await stage.tabs(1, { fragment: `room=${room}&secret=deep` });
    await ann.logIn('Ann');
    const inside = `room=${room}&secret=deep`;
    const copied = () => ann.run(async () => (await import('/login.js')).inviteLink());
    const fragment = async () => decodeURIComponent(new URL(await copied()).hash.slice(1));
    assert.equal(await fragment(), inside);
    await ann.run(() => { location.hash = 'room=elsewhere'; });
    await ann.until(() => document.getElementById('room-name').textContent === 'elsewhere', undefined, 'the other room');
    assert.equal(await fragment(), 'room=elsewhere');
    await ann.run(() => nkt.resume({ room: 'by-a-program', secret: null }));
    assert.equal(await fragment(), 'room=by-a-program');
    await ann.run(() => nkt.resume({ room: null }));
    assert.equal(await fragment(), 'room=');
  });

  test('a link joins no server of others unasked: it is shown, and joined by the button', async () => {
    const relay = `${other.wsUrl}/relay`;
    const room = stage.newRoom();
    const link = `${stage.app.url}/?nick=Ann&auto=1#room=${room}&relays=${relay}&trackers=`;
    const context = await stage.newContext();
    const ann = await open(link, context);
    const shown = ann.page.locator('#login-servers', { hasText: relay });
    await shown.waitFor();
    assert.deepEqual([await ann.run(() => nkt.health().running), await relaysOf(ann)], [false, []]);
    await ann.page.reload();
    await shown.waitFor();
    await ann.logIn('Ann');
    assert.deepEqual(await relaysOf(ann), [relay]);
    await ann.page.reload(); // seen and joined: not asked again
    await ann.page.locator('#line').waitFor();
    assert.deepEqual(await relaysOf(ann), [relay]);
    await ann.page.goto(`${stage.app.url}/?x#room=${room}&relays=${relay},ws://localhost:9/relay`);
    await ann.page.locator('#login-servers', { hasText: 'ws://localhost:9/relay' }).waitFor();
    await ann.page.reload(); // others than those that were joined
    await ann.page.locator('#login-servers', { hasText: 'ws://localhost:9/relay' }).waitFor();
    assert.equal(await ann.run(() => nkt.health().running), false);

    const own = await open(`${stage.app.url}/?nick=Bob&auto=1#room=${room}&relays=${stage.relays}&trackers=`);
    await own.page.locator('#line').waitFor();
    assert.deepEqual(await relaysOf(own), stage.relays);
    assert.deepEqual(await own.faults(), []);
  });

  test('each room is reached over the servers its link named: from the list, after a reload, in a later visit; no other is', async () => {
    const relay = `${other.wsUrl}/relay`;
    const [plain, linked] = [stage.newRoom(), stage.newRoom()];
    const context = await stage.newContext();
    const ann = await open(`${stage.app.url}/#room=${plain}`, context);
    const row = (tab, room) => tab.page.locator('#rooms a', { hasText: `#${room}` });
    const isShown = (tab, room) => tab.until((name) => (
      nkt.room === name && nkt.roomId && document.getElementById('room-name').textContent === name), room, `${room} is shown`);
    const servers = (tab) => tab.run(() => Object.fromEntries(nkt.rooms.map((one) => [one.room, [one.relays, one.trackers]])));
    const named = (tab) => tab.run(() => (
      [new URLSearchParams(location.hash.slice(1)).get('relays'), document.getElementById('invite-link').value]));
    await ann.logIn('Ann');
    const own = (await servers(ann))[plain];
    assert.deepEqual(own[0], stage.relays);
    await ann.run((hash) => { location.hash = hash; }, `room=${linked}&relays=${relay}&trackers=`);
    await ann.page.locator('#login-servers', { hasText: relay }).waitFor(); // shown first
    await ann.logIn('Ann');
    await isShown(ann, linked);
    await row(ann, plain).click();
    await isShown(ann, plain);
    const each = { [plain]: own, [linked]: [[relay], []] };
    assert.deepEqual(await servers(ann), each);
    assert.equal((await named(ann)).join().includes(encodeURIComponent(relay).slice(0, 12)), false);
    await ann.page.reload();
    await ann.until(() => nkt.rooms.length === 2 && nkt.rooms.every((one) => one.roomId), undefined, 'both again');
    assert.deepEqual(await servers(ann), each);
    await row(ann, linked).click();
    await isShown(ann, linked);
    const [address, link] = await named(ann);
    assert.deepEqual([address, new URLSearchParams(new URL(link).hash.slice(1)).get('relays')], [relay, relay]);
    await ann.page.reload(); // joined: not asked again
    await isShown(ann, linked);
    await ann.until(() => nkt.rooms.length === 2 && nkt.rooms.every((one) => one.roomId), undefined, 'both again');
    assert.deepEqual(await servers(ann), each);

    const later = await open(`${stage.app.url}/#room=${plain}`, context);
    await later.logIn('Ann');
    assert.deepEqual(await servers(later), { [plain]: own });
    assert.equal(await row(later, linked).getAttribute('title'), relay);
    await row(later, linked).click(); // joined in an earlier visit
    await isShown(later, linked);
    assert.deepEqual(await servers(later), each);
    await row(later, plain).click();
    await isShown(later, plain);
    await later.type('/settings');
    await later.page.locator('#settings-trackers-served').uncheck();
    await later.page.locator('#settings-trackers').fill('ws://localhost:9/tracker');
    await later.page.locator('#settings-save').click();
    await later.page.locator('#settings:not([open])').waitFor({ state: 'attached' });
    assert.deepEqual(await servers(later), { ...each, [plain]: [own[0], ['ws://localhost:9/tracker']] }); // of a link they stay
    await later.run((hash) => { location.hash = hash; }, `room=${linked}&relays=ws://localhost:9/relay`);
    await later.page.locator('#login-servers', { hasText: 'ws://localhost:9/relay' }).waitFor(); // others than were joined there
    assert.equal(await later.run(() => nkt.health().running), false);
    await later.run(() => { location.hash = 'room=elsewhere'; });
    await later.logIn('Ann');
    const bad = [{ room: 'x', relays: 'wss://x' }, { room: 'y', trackers: [7] }, { room: 'z', relays: Array(9).fill('wss://x') }];
    const kept = JSON.stringify([...bad, { room: 'good', relays: [] }]);
    await later.run((text) => localStorage.setItem('nkt-page-rooms', text), kept);
    await later.page.reload();
    await later.page.locator('#line').waitFor();
    await row(later, 'good').waitFor();
    assert.equal(await later.page.locator('#rooms a').count(), 1, 'what is none is passed over');
  });

  test('whoever calls init() takes the page along: its address, title, links and rooms, with the secret', async () => {
    const [first, second] = [stage.newRoom(), stage.newRoom()];
    const relay = `${other.wsUrl}/relay`;
    const tab = await open(`${stage.app.url}/#room=${first}&relays=${relay}&trackers=`);
    await tab.logIn('Ann');
    const place = () => tab.run(() => {
      const link = new URL(document.getElementById('invite-link').value);
      return [nkt.room, decodeURIComponent(location.hash), decodeURIComponent(link.hash), document.title];
    });
    await tab.run((room) => nkt.init({ nick: 'Ann', room, secret: 'caf\u00e9' }), second);
    await tab.page.locator('#room-name').getByText(second, { exact: true }).waitFor();
    const there = [second, `#room=${second}&secret=caf\u00e9`, `#room=${second}&secret=caf\u00e9`, `${second} · nkt`];
    assert.deepEqual(await place(), there);
    const id = await tab.run(() => nkt.roomId);
    assert.deepEqual(await relaysOf(tab), stage.relays);
    await tab.page.locator('#rooms a', { hasText: `#${first}` }).waitFor();
    await tab.page.reload();
    await tab.page.locator('#line').waitFor();
    assert.deepEqual(await place(), there);
    assert.deepEqual(await tab.run(() => nkt.roomId), id);
    assert.deepEqual(await relaysOf(tab), stage.relays);
    await tab.page.locator('#rooms a', { hasText: `#${first}` }).click(); // the servers that its link named
    await tab.until((name) => nkt.room === name && nkt.roomId, first, 'the first');
    assert.deepEqual(await relaysOf(tab), [relay]);
    assert.deepEqual(await tab.faults(), []);
  });

  test('an invite in a link that joins by itself, or that comes while one is in, is not answered unasked', async () => {
    const [ann] = await stage.tabs(1, { fragment: `room=${stage.newRoom()}&relays=&trackers=` });
    await ann.logIn('Ann');
    const invite = await ann.run(async () => String(await nkt.invite()));
    const bob = await open(`${stage.app.url}/?nick=Bob&auto=1${new URL(ann.page.url()).hash}&invite=${invite}`);
    const isThere = (text) => document.getElementById('hand').open && document.getElementById('hand-invite-in').value === text;
    const waits = () => bob.until(isThere, invite, 'the invite in the form');
    await waits();
    assert.equal(await bob.run(() => nkt.health().invites), 0);
    await bob.page.locator('#hand-close').click();
    await bob.run((text) => { location.hash = `invite=${text}`; }, invite);
    await waits();
    assert.equal(await bob.run(() => nkt.health().invites), 0);
    assert.equal(await bob.page.locator('#hand-answer').isVisible(), false);
    await bob.page.locator('#hand-accept').click();
    await bob.until(() => document.getElementById('hand-answer').value, undefined, 'an answer, once asked for');
    assert.deepEqual(await bob.faults(), []);
  });
});

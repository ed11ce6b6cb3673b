// SPDX-License-Identifier: GPL-3.0-or-later
// Calls, by their own buttons, with the microphones and cameras that Chromium makes up: a picture that changes, a tone now and then.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { look, ready } from '../support/axe.mjs';
import { FAKE_DEVICES, MEDIA_MS, callEachOther, heard, isHearing, isIn, isOver, keepConnections } from '../support/calls.mjs';
import { Stage } from '../support/stage.mjs';
import { clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

/** As keepConnections(), and nkt itself finds no direct links. */
function talkByRelayOnly() {
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      window.connections.push(this);
    }

    createDataChannel() {
      throw new DOMException('not here', 'OperationError');
    }
  };
}

describe('calls', { skip, timeout: 600_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false, args: FAKE_DEVICES });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const people = (nicks) => stage.people(nicks, { before: keepConnections });
  const press = (tab, selector) => tab.page.locator(selector).click();

  test('two hear and see each other; a camera goes, a microphone is muted, a screen is shared; one hangs up', async (t) => {
    const [ann, bob] = await people(['Ann', 'Bob']);
    const { rangMs, answeredMs } = await callEachOther(ann, bob);
    t.diagnostic(`from the command to the ring ${rangMs} ms, from the answer to both connected ${answeredMs} ms`);
    await Promise.all([isHearing(ann, 1, 'Bob'), isHearing(bob, 1, 'Ann')]);
    const tileOfAnn = (state) => bob.until(([addr, wanted]) => Object.entries(wanted).every(([name, value]) => {
      return document.querySelector(`.call-tile[data-address="${addr}"]`)?.dataset[name] === value;
    }), [ann.address, state], `Ann with ${JSON.stringify(state)}`);
    await tileOfAnn({ mic: 'true', video: 'true', screen: 'false' });
    await press(ann, '[data-act="camera"]');
    await tileOfAnn({ video: 'false' });
    await press(ann, '[data-act="mic"]');
    await tileOfAnn({ mic: 'false', video: 'false' });
    const before = await bob.run(heard);
    await press(ann, '[data-act="screen"]');
    await tileOfAnn({ mic: 'false', video: 'true', screen: 'true' });
    await untilTabs(async () => (await bob.run(heard)).frames > before.frames, 'a screen is seen', MEDIA_MS);
    await ann.type('/hangup');
    await Promise.all([isOver(ann), isOver(bob)]);
    const isLetGo = () => ann.run(() => window.tracks.every((track) => track.readyState === 'ended'));
    assert.ok(await isLetGo(), 'a camera or a microphone is still on');
    await clean([ann, bob]);
  });

  test('somebody declines; is rung again; does not answer at the moment; nobody is rung who ignores', async () => {
    const [ann, bob] = await people(['Ann', 'Bob']);
    await ann.page.locator('.user-call').click();
    await press(bob, '.ring-decline');
    await ann.answers('Bob declined');
    await isOver(ann);
    await ann.type('/call Bob');
    await bob.page.locator('.ring').waitFor();
    await press(ann, '[data-act="hangup"]');
    await isOver(bob);
    await bob.answers('Ann called, and it was not answered');
    assert.equal(await bob.run(() => window.connections.some((one) => one.getTransceivers().length)), false, 'nothing went to Ann');

    await bob.type('/ignore Ann');
    await bob.answers('is ignored');
    const ignored = () => bob.run(() => nkt.health().counters.messagesIgnored);
    const before = await ignored();
    await ann.type('/call Bob');
    await ann.page.locator('.call-tile[data-phase="ringing"]').waitFor();
    await untilTabs(async () => await ignored() > before, 'it came, and was passed over', MEDIA_MS);
    assert.equal(await bob.run(() => document.querySelector('.ring')), null);
    await bob.type('/call Ann');
    await bob.answers('You ignore');
    await ann.type('/hangup');
    await isOver(ann);
    await clean([ann, bob]);
  });

  test('a call stays in its room while another one is shown; who rings in one that is not shown is heard', async () => {
    const [ann, bob] = await people(['Ann', 'Bob']);
    const go = (tab, hash) => tab.run((to) => { location.hash = to; }, hash);
    const { hash } = new URL(ann.page.url());
    const voices = { frames: -4, energy: 0 }; // no pictures
    await go(ann, 'room=elsewhere');
    await ann.until(() => nkt.room === 'elsewhere', undefined, 'the other room');
    await bob.type('/call Ann');
    await ann.page.locator('.ring', { hasText: 'Bob' }).waitFor();
    await press(ann, '.ring-answer');
    await Promise.all([isIn(ann, 1), isIn(bob, 1)]);
    await Promise.all([isHearing(ann, 1, 'Bob', voices), isHearing(bob, 1, 'Ann', voices)]);
    await go(ann, hash);
    await ann.until((room) => nkt.room !== room, 'elsewhere', 'back');
    await press(ann, '[data-act="mic"]');
    await bob.until((addr) => document.querySelector(`.call-tile[data-address="${addr}"]`)?.dataset.mic === 'false', ann.address, 'muted');
    await go(ann, 'room=elsewhere');
    await ann.until(() => nkt.room === 'elsewhere', undefined, 'the other room');
    await press(ann, '[data-act="mic"]');
    await bob.until((addr) => document.querySelector(`.call-tile[data-address="${addr}"]`)?.dataset.mic === 'true', ann.address, 'heard');
    await press(ann, '#rooms [data-open="true"] button'); // leaves the room of the call
    await Promise.all([isOver(ann), isOver(bob)]);
    await clean([ann, bob]);
  });

  test('two who call each other at the same moment are in one call', async () => {
    const [ann, bob] = await people(['Ann', 'Bob']);
    await Promise.all([ann.type('/video Bob'), bob.type('/video Ann')]);
    for (const tab of [ann, bob]) { // or one of them had the ring before the command, which then answers it
      await isIn(tab, 1);
    }
    await Promise.all([isHearing(ann, 1, 'Bob'), isHearing(bob, 1, 'Ann')]);
    assert.deepEqual(await Promise.all([ann, bob].map((tab) => tab.run(() => document.querySelectorAll('.ring').length))), [0, 0]);
    await ann.page.goto('about:blank'); // says good-bye
    await isOver(bob);
    await clean([bob]);
  });

  test('a call without a name rings the one with whom one talks alone, in the room everybody; the button above all, always', async () => {
    const [ann, bob, carl] = await people(['Ann', 'Bob', 'Carl']);
    // a tile each, one after the other
    const ringing = (addresses, what) => ann.until((wanted) => {
      const tiles = [...document.querySelectorAll('.call-tile[data-own=false]')].filter(({ dataset }) => dataset.phase === 'ringing');
      return JSON.stringify(tiles.map(({ dataset }) => dataset.address).sort()) === JSON.stringify(wanted);
    }, [...addresses].sort(), what);
    const both = [bob.address, carl.address];
    await ann.type('/msg Bob between us');
    await ann.type('/call');
    await ringing([bob.address], '/call in private');
    await bob.page.locator('.ring').waitFor();
    await press(ann, '[data-act="hangup"]');
    await Promise.all([isOver(ann), isOver(bob)]);
    await ann.page.locator('.call-all').click();
    await ringing(both, 'the button, in private');
    await press(ann, '[data-act="hangup"]');
    await isOver(ann);
    await ann.talk();
    await ann.type('/video');
    await ringing(both, '/video in the room');
    await Promise.all([bob, carl].map((tab) => tab.page.locator('.ring').waitFor()));
    await press(ann, '[data-act="hangup"]');
    await Promise.all([ann, bob, carl].map(isOver));
    await carl.answers('Ann called');
    assert.ok(!(await carl.answers('Ann called')).includes('3 times'), 'rung in private');
    await clean([ann, bob, carl]);
  });

  test('for those who do not see it, or have no mouse: names, focus, narrow pages; devices are chosen', async () => {
    const [ann, bob] = await people(['Ann', 'Bob']);
    for (const tab of [ann, bob]) await ready(tab);
    const focus = (tab) => tab.run(() => document.activeElement.id || document.activeElement.dataset.act);
    const widths = async (tab, what) => {
      for (const width of [740, 360, 320]) {
        await tab.page.setViewportSize({ width, height: 640 });
        const isWide = () => ['.ring', '#call', '.call-acts'].some((one) => {
          const node = document.querySelector(one);
          return node && (node.scrollWidth > node.clientWidth || node.getBoundingClientRect().right > innerWidth);
        });
        assert.equal(await tab.run(isWide), false, `${what} at ${width} px`);
      }
      await tab.page.setViewportSize({ width: 1100, height: 680 });
    };
    await bob.page.locator('#line').focus();
    await ann.type('/call Bob');
    await bob.page.locator('.ring').waitFor();
    assert.equal(await focus(bob), 'line', 'who types when it rings answers nobody');
    await widths(bob, 'a ring');
    await look(bob, 'a ring');
    await ann.type('/hangup'); // if it is still ringing after all that
    await isOver(ann);
    await isOver(bob);
    await ann.type('/call Bob');
    await bob.page.locator('.ring').waitFor();
    await bob.type('/answer');
    await Promise.all([ann, bob].map((tab) => isIn(tab, 1)));
    await ann.page.locator('[data-act="devices"]').press('Enter');
    const microphones = ann.page.locator('.call-devices select').first();
    await microphones.waitFor();
    const other = await microphones.locator('option').nth(1).getAttribute('value');
    await microphones.selectOption(other);
    await ann.until((id) => window.tracks.at(-1).getSettings().deviceId === id && window.tracks.at(-1).readyState === 'live', other,
      'another microphone');
    await ann.until(() => window.tracks.at(-2).readyState === 'ended', undefined, 'the one before is let go');
    await look(ann, 'a call, with devices');
    await widths(ann, 'a call');
    await ann.page.locator('[data-act="large"]').press('Enter');
    await look(ann, 'a large call');
    await widths(ann, 'a large call');
    await ann.page.locator('[data-act="hangup"]').press('Enter');
    await Promise.all([ann, bob].map(isOver));
    assert.equal(await focus(ann), 'line');
    await clean([ann, bob]);
  });

  test('a call that is over, or another one, gets no camera; muted stays muted; what is unplugged is not asked for', async () => {
    const [ann, bob] = await people(['Ann', 'Bob']);
    await ann.run(() => { // whoever is asked takes time
      const get = navigator.mediaDevices.getUserMedia;
      window.asked = [];
      window.held = Promise.resolve();
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        window.asked.push(wanted);
        await window.held;
        return get.call(navigator.mediaDevices, wanted);
      };
      window.held = new Promise((resolve) => { window.release = resolve; });
    });
    await ann.type('/video Bob');
    await ann.until(() => window.asked.length === 1, undefined, 'a microphone is asked for');
    await bob.page.locator('.ring-decline').click();
    await isOver(ann);
    await bob.type('/call Ann');
    await press(ann, '.ring-answer');
    await ann.run(() => window.release());
    await Promise.all([ann, bob].map((tab) => isIn(tab, 1)));
    const mic = (wanted) => bob.until(([addr, value]) => {
      return document.querySelector(`.call-tile[data-address="${addr}"]`)?.dataset.mic === value;
    }, [ann.address, wanted], `Ann's microphone: ${wanted}`);
    await mic('true');
    const asked = () => ann.run(() => window.asked.map((one) => Object.keys(one).join()));
    assert.deepEqual(await asked(), ['audio', 'audio'], 'answered without a camera');

    await press(ann, '[data-act="mic"]');
    await mic('false');
    await bob.run((addr) => {
      const tile = document.querySelector(`.call-tile[data-address="${addr}"]`);
      window.micsOfAnn = [];
      new MutationObserver(() => window.micsOfAnn.push(tile.dataset.mic)).observe(tile, { attributeFilter: ['data-mic'] });
    }, ann.address);
    await press(ann, '[data-act="devices"]');
    const microphones = ann.page.locator('.call-devices select').first();
    await microphones.selectOption(await microphones.locator('option').nth(1).getAttribute('value'));
    await ann.until(() => window.tracks.at(-2).readyState === 'ended', undefined, 'the one before is let go');
    const isMuted = () => ann.run(() => [window.tracks.at(-1).enabled, document.querySelector('[data-own="true"]').dataset.mic]);
    assert.deepEqual(await isMuted(), [false, 'false']);
    await press(ann, '[data-act="camera"]'); // said after whatever was said about the microphone
    const isSeen = (addr) => document.querySelector(`.call-tile[data-address="${addr}"]`).dataset.video === 'true';
    await bob.until(isSeen, ann.address, 'a camera');
    assert.ok(!await bob.run(() => window.micsOfAnn.includes('true')), 'never said to be on meanwhile');
    await microphones.evaluate((select) => {
      select.append(new Option('unplugged', 'unplugged'));
      select.value = 'unplugged';
      select.dispatchEvent(new Event('change'));
    });
    await ann.until(() => window.asked.at(-2).audio?.deviceId?.exact === 'unplugged' && !window.asked.at(-1).audio?.deviceId, undefined,
      'another one is asked for');
    await ann.type('/hangup');
    await Promise.all([ann, bob].map(isOver));
    await ann.until(() => window.tracks.every((track) => track.readyState === 'ended'), undefined, 'all is let go');
    await clean([ann, bob]);
  });

  test('what is unplugged in a call: another microphone or loudspeaker takes over, unless one is muted; what is gone is said', async () => {
    const [ann, bob] = await people(['Ann', 'Bob']);
    await callEachOther(ann, bob);
    const unplug = (kind) => ann.run((which) => { // as browsers tell of it
      const track = window.tracks.findLast((one) => one.kind === which && one.readyState === 'live');
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }, kind);
    const tileOfAnn = (name, wanted) => bob.until(([addr, key, value]) => {
      return document.querySelector(`.call-tile[data-address="${addr}"]`)?.dataset[key] === value;
    }, [ann.address, name, wanted], `${name}: ${wanted}`);
    const live = () => ann.run(() => window.tracks.filter(({ readyState }) => readyState === 'live').map(({ kind }) => kind).join());
    await unplug('audio');
    await untilTabs(async () => await live() === 'video,audio', 'another microphone', MEDIA_MS);
    await tileOfAnn('mic', 'true');
    await isHearing(bob, 1, 'Ann', await bob.run(heard));

    await press(ann, '[data-act="devices"]');
    const speakers = ann.page.locator('.call-devices select').last();
    const other = await speakers.locator('option').nth(1).getAttribute('value');
    await speakers.selectOption(other);
    const hears = (sinks) => ann.until((wanted) => {
      return [...document.querySelectorAll('.call-tile:not([data-own="true"]) video')].map(({ sinkId }) => sinkId).join() === wanted;
    }, sinks, `Bob from ${sinks || 'the usual loudspeaker'}`);
    await hears(other);
    await ann.run((gone) => {
      const list = navigator.mediaDevices.enumerateDevices;
      navigator.mediaDevices.enumerateDevices = async () => {
        return (await list.call(navigator.mediaDevices)).filter(({ deviceId }) => deviceId !== gone);
      };
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    }, other);
    await hears('');
    await ann.until((gone) => !document.querySelector(`.call-devices option[value="${gone}"]`), other, 'out of the list');

    await press(ann, '[data-act="mic"]');
    await tileOfAnn('mic', 'false');
    const spoken = (name) => ann.run((which) => {
      const button = document.querySelector(`.call-acts [data-act="${which}"]`);
      return [button.getAttribute('aria-label'), button.getAttribute('aria-pressed')];
    }, name);
    assert.deepEqual(await spoken('mic'), ['Turn the microphone on', null], 'its state is told once');
    await unplug('audio');
    await unplug('video');
    await tileOfAnn('video', 'false');
    const said = (text) => ann.page.locator('#call').getByText(text).waitFor();
    await said('The camera does not send any more');
    assert.equal(await live(), '', 'nobody who is muted is heard');

    await press(ann, '[data-act="mic"]');
    await tileOfAnn('mic', 'true');
    await ann.run(() => {
      navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('not any more', 'NotAllowedError'); };
    });
    await unplug('audio');
    await said('you are not heard');
    await tileOfAnn('mic', 'false');
    await ann.type('/hangup');
    await Promise.all([isOver(ann), isOver(bob)]);
    await clean([ann, bob]);
  });

  test('who rings while one answers another is told of; whoever is ignored with a command rings no more', async () => {
    const [ann, bob, cem] = await people(['Ann', 'Bob', 'Cem']);
    for (const tab of [ann, bob]) {
      await tab.type('/call Cem');
      await cem.page.locator(`.ring[data-address="${tab.address}"]`).waitFor();
    }
    await press(cem, `.ring[data-address="${ann.address}"] .ring-answer`);
    await isIn(cem, 1);
    await press(cem, `.ring[data-address="${bob.address}"] .ring-answer`);
    await cem.answers('You are in a call');
    await cem.type('/ignore Bob');
    await cem.until(() => !document.querySelector('.ring'), undefined, 'no ring any more', 5000);
    await cem.type('/hangup');
    await Promise.all([ann, cem].map(isOver));
    await clean([ann, bob, cem]);
  });

  test('what is said about a call is nowhere in clear, though all of it goes over the relay', async () => {
    const fragment = `room=${stage.newRoom()}`;
    const frames = [];
    const watch = ({ page }) => page.on('websocket', (socket) => {
      for (const type of ['framesent', 'framereceived']) socket.on(type, ({ payload }) => frames.push(Buffer.from(payload)));
    });
    const open = async (nick) => {
      const [tab] = await stage.tabs(1, { fragment, before: talkByRelayOnly, prepare: watch });
      return tab.logIn(nick);
    };
    const [ann, bob] = [await open('Ann'), await open('Bob')];
    await ann.session(bob.address);
    await bob.session(ann.address);
    const before = frames.length;
    await callEachOther(ann, bob);
    const secretsOf = (tab) => tab.run(() => {
      const { sdp } = window.connections.find((one) => one.getTransceivers().length).localDescription;
      return [/^a=fingerprint:sha-256 (\S+)/m.exec(sdp)[1], /^a=ice-pwd:(\S+)/m.exec(sdp)[1]];
    });
    const secrets = [...await secretsOf(ann), ...await secretsOf(bob)];
    assert.ok(frames.slice(before).reduce((sum, frame) => sum + frame.length, 0) > 10_000, 'it went over the relay');
    const bytes = secrets.filter((one) => one.includes(':')).map((one) => Buffer.from(one.replaceAll(':', ''), 'hex'));
    const coded = secrets.map((one) => Buffer.from(one).toString('base64').slice(4, -4));
    const canaries = [...secrets, ...bytes, ...coded, 'm=audio', 'candidate:', 'ice-ufrag', 'sdpMid'];
    for (const frame of frames) {
      for (const canary of canaries) assert.equal(frame.indexOf(canary), -1, `a frame holds ${canary}`);
    }
    await clean([ann, bob]);
  });

  test('four in one call, and relay and tracker die: it goes on; one leaves, the others go on', async () => {
    const tabs = await people(['Ann', 'Bob', 'Cem', 'Dee']);
    const [ann, bob, cem, dee] = tabs;
    await press(ann, '.call-all');
    await press(ann, '[data-act="camera"]');
    for (const tab of [bob, cem]) await press(tab, '.ring-seen');
    await press(dee, '.ring-decline');
    for (const tab of [ann, bob, cem]) await isIn(tab, 2);
    await ann.answers('Dee declined');
    await press(ann, '[data-act="hangup"]');
    await isOver(ann);
    for (const tab of [bob, cem]) await isIn(tab, 1);
    await bob.type('/hangup');
    await isOver(cem);
    await callEachOther(bob, cem);
    for (const [by, tab] of [[bob, dee], [cem, ann]]) { // whoever is in it may ask others in
      await by.type(`/call ${tab.name}`);
      await press(tab, '.ring-seen');
    }
    await Promise.all(tabs.map((tab) => isHearing(tab, 3, 'three others')));
    await Promise.all([stage.app.kill(), stage.tracker.kill()]);
    const before = await Promise.all(tabs.map((tab) => tab.run(heard)));
    await Promise.all(tabs.map((tab, i) => isHearing(tab, 3, 'three others, without servers', before[i])));
    await press(cem, '[data-act="mic"]'); // what is said about it goes on as well
    const isMuted = (addr) => document.querySelector(`.call-tile[data-address="${addr}"]`).dataset.mic === 'false';
    await dee.until(isMuted, cem.address, 'Cem is muted', MEDIA_MS); // said again ever more seldom while links are slow
    await press(ann, '[data-act="hangup"]');
    await isOver(ann);
    const then = await Promise.all([bob, cem, dee].map((tab) => tab.run(heard)));
    await Promise.all([bob, cem, dee].map((tab, i) => untilTabs(async () => {
      const now = await tab.run(heard);
      return now.people === 2 && now.frames > then[i].frames + 3;
    }, `${tab.name} goes on with two`, MEDIA_MS)));
    await clean(tabs);
    await stage.startServers();
  });
});

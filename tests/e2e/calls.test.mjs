// SPDX-License-Identifier: GPL-3.0-or-later
// Calls, by their own buttons, with the microphones and cameras that Chromium makes up: a picture that changes, a tone now and then.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Stage } from '../support/stage.mjs';
import { untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const MEDIA_MS = 60_000; // on a busy machine

/** Five pictures a second: nobody looks at them. */
const ARGS = ['--use-fake-device-for-media-stream=fps=5', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'];

/** Keeps the connections of a page for questions; nkt's own have no tracks. And what records. */
function keepConnections() {
  window.connections = [];
  window.tracks = [];
  for (const name of ['getUserMedia', 'getDisplayMedia']) {
    const get = navigator.mediaDevices[name];
    navigator.mediaDevices[name] = async (wanted) => {
      const stream = await get.call(navigator.mediaDevices, wanted);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
  }
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      window.connections.push(this);
    }
  };
}

/** The same, and nkt itself finds no direct links. */
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

/** What came in over calls that are open: {people, frames, energy}, of each the least. */
async function heard() {
  const calls = window.connections.filter((one) => one.connectionState !== 'closed' && one.getTransceivers().length);
  const each = await Promise.all(calls.map(async (one) => {
    const found = { frames: 0, energy: 0 };
    for (const stats of (await one.getStats()).values()) {
      if (stats.type !== 'inbound-rtp') continue;
      if (stats.kind === 'video') found.frames = stats.framesDecoded ?? 0;
      else found.energy = stats.totalAudioEnergy ?? 0;
    }
    return found;
  }));
  const least = (name) => Math.min(...each.map((one) => one[name]));
  return { people: each.length, frames: least('frames'), energy: least('energy') };
}

describe('calls', { skip, timeout: 600_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false, args: ARGS });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  const people = (nicks) => stage.people(nicks, { before: keepConnections });
  const press = (tab, selector) => tab.page.locator(selector).click();
  const isHearing = (tab, count, what, from = { frames: 0, energy: 0 }) => untilTabs(async () => {
    const now = await tab.run(heard);
    return now.people === count && now.frames > from.frames + 3 && now.energy > from.energy;
  }, `${tab.name} hears and sees ${what}`, MEDIA_MS);
  const isIn = (tab, count) => tab.until((wanted) => {
    return document.querySelectorAll('.call-tile[data-phase="on"]:not([data-own="true"])').length === wanted;
  }, count, `a call with ${count}`, MEDIA_MS);
  const isOver = (tab) => tab.until(() => !document.querySelector('#call, .ring'), undefined, 'no call any more', MEDIA_MS);
  const clean = async (tabs) => {
    for (const tab of tabs) assert.deepEqual(await tab.faults(), []);
  };

  /** @param {import('../support/tab.mjs').Tab} from @param {import('../support/tab.mjs').Tab} to */
  async function callEachOther(from, to) {
    const began = performance.now();
    await from.type(`/video ${to.name}`);
    await to.page.locator('.ring').waitFor();
    const rang = performance.now();
    await press(to, '.ring .ring-seen');
    await Promise.all([from, to].map((tab) => isIn(tab, 1)));
    return { rangMs: Math.round(rang - began), answeredMs: Math.round(performance.now() - rang) };
  }

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
    await callEachOther(ann, bob);
    await ann.type('/call Cem');
    await press(cem, '.ring-seen');
    await isIn(cem, 2);
    await bob.type('/call Dee'); // whoever is in it may ask others in
    await press(dee, '.ring-seen');
    await Promise.all(tabs.map((tab) => isHearing(tab, 3, 'three others')));
    await Promise.all([stage.app.kill(), stage.tracker.kill()]);
    const before = await Promise.all(tabs.map((tab) => tab.run(heard)));
    await Promise.all(tabs.map((tab, i) => isHearing(tab, 3, 'three others, without servers', before[i])));
    await press(cem, '[data-act="mic"]'); // what is said about it goes on as well
    const isMuted = (addr) => document.querySelector(`.call-tile[data-address="${addr}"]`).dataset.mic === 'false';
    await dee.until(isMuted, cem.address, 'Cem is muted');
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

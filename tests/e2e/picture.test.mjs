// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of the swarm: who is drawn, by which lines, the same in words, live, and only while somebody looks.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Stage } from '../support/stage.mjs';
import { allMeet, clean, untilTabs } from '../support/tab.mjs';
import { skip } from '../glue/support/wasm.mjs';

const PHONE = { width: 360, height: 640 };
const REDRAW_COUNT_MAX = 4; // a second

describe('the picture of the swarm', { skip, timeout: 360_000 }, () => {
  /** @type {Stage} */
  let stage;
  before(async () => {
    stage = await Stage.open({ hasWorker: false });
  });
  after(() => stage.close());
  afterEach(() => stage.clear());

  /** Three that logged in by hand and have met. */
  async function three() {
    const tabs = await stage.tabs(3, { fragment: `room=${stage.newRoom()}` });
    for (const [i, tab] of tabs.entries()) await tab.logIn(['Ada', 'Bob', 'Cem'][i]);
    await allMeet(tabs);
    await tabs[0].page.bringToFront();
    return tabs;
  }

  /** What is drawn: lines by kind, people by the way they are reached, both by address. */
  const drawn = (tab) => tab.run(() => {
    const all = (selector, pair) => Object.fromEntries([...document.querySelectorAll(`#swarm-picture ${selector}`)].map(pair));
    return {
      edges: all('.edge', ({ dataset }) => [dataset.to ?? 'relay', dataset.kind]),
      people: all('.node[data-address]', ({ dataset }) => [dataset.address, dataset.by]),
      others: document.querySelectorAll('#swarm-picture .node:not([data-address])').length,
    };
  });

  /** The list as it is read out. */
  async function words(tab) {
    const dialog = tab.page.getByRole('dialog', { name: 'The swarm' });
    const people = dialog.getByRole('list', { name: 'How everybody is reached' }).getByRole('listitem');
    return (await people.allTextContents()).sort();
  }

  /** It is drawn a few times a second: waits until lines, people and words are so, and says what is otherwise. */
  async function shows(tab, { edges, people, others, list }) {
    const now = async () => ({
      ...(edges && { edges: (await drawn(tab)).edges }), ...(people && { people: (await drawn(tab)).people }),
      ...(others !== undefined && { others: (await drawn(tab)).others }), ...(list && { list: await words(tab) }),
    });
    const wanted = JSON.parse(JSON.stringify({ edges, people, others, list }));
    await untilTabs(async () => isDeepStrictEqual(await now(), wanted), 'the picture', 5000).catch(() => {});
    assert.deepEqual(await now(), wanted);
  }

  const short = (addr) => `${addr.slice(0, 5)}…${addr.slice(-4)}`;

  /** Puts words into the mouth of health(), as a core with an overlay says them. Replaces those of before. */
  const pretend = (tab, more) => tab.run((given) => {
    const { health } = Object.getPrototypeOf(nkt);
    nkt.health = () => {
      const real = health.call(nkt);
      return { ...real, ...given, links: real.links.filter(({ address }) => !given.unlinked?.includes(address))
        .map((link) => ({ ...link, tree: given.trees?.[link.address] })) };
    };
    window.dispatchEvent(new CustomEvent('nktstatus', { detail: nkt.health() }));
  }, more);

  test('three tabs: two linked, the relay, the same in words; one goes, the relay goes', async () => {
    const tabs = await three();
    const [ada, bob, cem] = tabs;
    await ada.type('/swarm');
    const way = 'by WebRTC, often the quickest';
    await shows(ada, {
      list: [`Bob ${short(bob.address)}: ${way}`, `Cem ${short(cem.address)}: ${way}`],
      edges: { relay: 'relay', [bob.address]: 'eager', [cem.address]: 'eager' },
      people: { [bob.address]: 'link', [cem.address]: 'link' },
      others: 2,
    });
    await ada.page.getByText('You reach 2 people: all by WebRTC.').waitFor();
    await ada.page.getByRole('img', { name: /The swarm You reach 2 people/ }).waitFor();

    await cem.page.close();
    await untilTabs(async () => (await drawn(ada)).people[cem.address] !== 'link', 'no line to who left');
    await stage.app.kill();
    await ada.page.locator('#swarm-picture .node[data-kind=relay]:not([data-state=ok])').waitFor();
    await stage.startServers();
    await clean([ada, bob]);
  });

  test('eager and lazy, through whom, warnings; and back when it is over', async () => {
    const tabs = await three();
    const [ada, bob, cem] = tabs;
    await ada.page.locator('#swarm-open').click();
    await ada.page.locator('#swarm[open]').waitFor();
    await pretend(ada, {
      trees: { [bob.address]: 'eager' }, unlinked: [cem.address], paths: [{ address: cem.address, by: 'peer', via: bob.address }],
      overlay: { isolated: false, partitioned: true },
    });
    await ada.page.locator('#swarm-picture .edge[data-kind=peer]').waitFor({ state: 'attached' });
    await shows(ada, {
      edges: { relay: 'relay', [bob.address]: 'eager', [cem.address]: 'peer' },
      list: [`Bob ${short(bob.address)}: by WebRTC, often the quickest, forwards for 1`, `Cem ${short(cem.address)}: through Bob`],
    });
    await ada.page.locator('#swarm').getByText('The swarm looks split').waitFor();
    await ada.page.locator('#status[data-state=warn]').waitFor();

    await ada.page.locator('#swarm-list li', { hasText: 'Cem' }).getByRole('button').focus(); // lights the whole way
    const lit = await ada.page.locator('#swarm-picture .edge.lit').evaluateAll((edges) => edges.map(({ dataset }) => dataset.to).sort());
    assert.deepEqual(lit, [bob.address, cem.address].sort());

    await pretend(ada, { trees: { [bob.address]: 'lazy' }, overlay: { isolated: true, partitioned: false } });
    await ada.page.getByText('You have no direct link to anybody.').waitFor();
    await untilTabs(async () => (await drawn(ada)).edges[bob.address] === 'lazy', 'a lazy line');
    await pretend(ada, { overlay: { isolated: false, partitioned: false } });
    await untilTabs(async () => (await ada.page.locator('#swarm-warning').textContent()) === '', 'no warning any more');
    await shows(ada, { edges: { relay: 'relay', [bob.address]: 'link', [cem.address]: 'link' } });
    await clean(tabs);
  });

  test('by keyboard, on a phone, drawn a few times a second, not at all when closed', async () => {
    const [ada] = await three();
    await ada.page.setViewportSize(PHONE);
    await ada.page.emulateMedia({ reducedMotion: 'reduce' });
    await ada.page.locator('#swarm-open').focus();
    await ada.page.keyboard.press('Enter');
    await untilTabs(async () => (await words(ada)).length === 2, 'the list');
    for (const node of await ada.page.locator('#swarm-picture .node').all()) {
      const { x, y, width, height } = await node.boundingBox();
      assert.ok(x >= 0 && y >= 0 && x + width <= PHONE.width && y + height <= PHONE.height);
    }
    assert.equal(await ada.run(() => document.scrollingElement.scrollWidth), PHONE.width);
    const moving = await ada.run(() => document.getAnimations().filter(({ effect }) => effect.target.closest('#swarm')).length);
    assert.equal(moving, 0);

    const asked = await ada.run(countWhile, 1000);
    assert.ok(asked > 0 && asked <= REDRAW_COUNT_MAX + 1, `${asked} times in a second`);
    await ada.page.keyboard.press('Escape');
    await ada.page.locator('#swarm').waitFor({ state: 'hidden' });
    assert.equal(await ada.run(() => document.activeElement.id), 'swarm-open', 'back where one was');
    assert.equal(await ada.run(countWhile, 500), 0);
    await clean([ada]);
  });
});

/** In the page: how often the picture asked how everybody is reached, while links seem to come at every frame. */
async function countWhile(ms) {
  let count = 0;
  const { health } = Object.getPrototypeOf(nkt);
  nkt.health = () => {
    const real = health.call(nkt);
    return Object.defineProperty(real, 'paths', { get: () => { count++; return []; } });
  };
  const end = performance.now() + ms;
  while (performance.now() < end) {
    window.dispatchEvent(new CustomEvent('nktnewpeer', { detail: { data: { addr: '' } } }));
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  delete nkt.health;
  return count;
}

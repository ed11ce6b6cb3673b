// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of the picture of the swarm, fetched with it.

import { addTexts, count, texts } from './texts.js';

addTexts({
  swarmSelf: 'You',
  swarmRelays: (n) => count(n, 'relay', 'relays').replace(/^1 /, ''),
  swarmRelay: ({ count: n, state }) => `${n === 1 ? 'The relay' : `${n} relays`}: ${texts.wayState[state]}`,
  swarmBy: {
    link: 'by WebRTC', eager: 'by WebRTC, often the quickest', lazy: 'by WebRTC, as a spare link', relay: 'by the relay',
    flood: 'through others', none: 'not reached',
  },
  swarmThrough: (name) => `through ${name}`,
  swarmWaiting: 'not answering now',
  swarmForwards: (n) => `forwards for ${n}`,
  swarmMore: (n) => `And ${n} more.`,
  swarmSummary: ({ counts: c }) => {
    const people = Object.values(c).reduce((sum, n) => sum + n, 0);
    if (!people) return 'You are the only one here.';
    const ways = [[c.link, 'by WebRTC'], [c.peer + c.flood, 'through others'], [c.relay, 'by the relay'], [c.none, 'not at all']];
    const used = ways.filter(([n]) => n).map(([n, way]) => (n === people ? (n > 1 ? `all ${way}` : way) : `${n} ${way}`));
    return `You reach ${count(people, 'person', 'people')}: ${used.join(', ')}.`;
  },
});

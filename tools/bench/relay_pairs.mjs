// SPDX-License-Identifier: GPL-3.0-or-later
// What goes through: broadcast, directed, one at a time, at a fixed rate, and what that costs.
import { buildLimit, load, pairs, startLimit, startNkt, startRival } from './relay_support.mjs';
import { bar, progress } from './support.mjs';

const perSecond = (nkt, rival) => nkt.per_second / rival.per_second;
const p50 = (nkt, rival) => nkt.p50_us / rival.p50_us;
const cpu = (nkt, rival) =>
  nkt.relay_cpu_seconds / nkt.received / (rival.relay_cpu_seconds / Math.max(1, rival.received));

const window = (clients, size, more = {}) => ({ clients, window: size, seconds: 1, ...more });
const atRate = (rate) => ({ clients: 100, mode: 'rate', rate, seconds: 2 });

const rows = {
  broadcast_100: [window(100, 32), perSecond, '>=', 40],
  broadcast_10: [window(10, 32), perSecond, '>=', 12],
  broadcast_1000: [window(1000, 32, { seconds: 1.5 }), perSecond, '>=', 6],
  one_in_flight: [window(100, 1), perSecond, '>=', 1.5],
  directed: [window(100, 32, { directed: 1 }), perSecond, '>=', 1.5],
  p50_at_2000: [atRate(2000), p50, '<=', 1 / 20],
  cpu_at_600: [atRate(600), cpu, '<=', 0.7],
};

/** @param {string} path of the generator @param {number} rounds @param {string[]} names rows; all when empty */
export async function measurePairs(path, rounds, names) {
  const [nkt, rival] = await Promise.all([startNkt(), startRival()]);
  const relays = { nkt: { ...nkt, dialect: 'nkt' }, rival: { ...rival, dialect: 'socket.io' } };
  const limitPath = buildLimit();
  const figures = {};
  for (const [name, [args, ratioOf, op, wanted]] of Object.entries(rows)) {
    if (names.length > 0 && !names.includes(name)) continue;
    progress(name);
    const hasLimit = args.mode === undefined && args.directed === undefined; // it knows broadcasts alone
    const limit = hasLimit ? await startLimit(limitPath, args.window) : null;
    relays.limit = { ...limit, dialect: 'nkt' };
    const once = (which) => {
      const { port, pid, dialect } = relays[which];
      return load(path, { dialect, ports: port, pid, ...args });
    };
    const { taken, ...figure } = await pairs(once, ratioOf, { rounds, hasLimit });
    await limit?.stop('SIGKILL');
    figures[name] = { ...bar(figure.ratio, op, wanted), ...figure };
    if (ratioOf === perSecond) figures[name].cpu_ratio = bar(figure.cpu_ratio, op, wanted);
    if (name === 'p50_at_2000') {
      const share = Math.min(...taken.map(({ nkt: one }) => one.received / one.expected));
      figures.delivered_at_2000 = bar(share, '>=', 0.98);
    }
  }
  await Promise.all([nkt.stop(), rival.stop()]);
  return figures;
}

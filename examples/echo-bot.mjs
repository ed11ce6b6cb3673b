// SPDX-License-Identifier: GPL-3.0-or-later
// A bot that says privately what it is told privately, and offers a call: `node examples/echo-bot.mjs [ROOM] [SERVER]`.
import { Nkt } from 'nkt';
import { nodeConfig, serverConfig } from 'nkt/node';

const [room = 'nkt', server = 'http://localhost:3000'] = process.argv.slice(2);

const nkt = new Nkt();

nkt.plugin({
  name: 'echo',
  listeners: {
    nktencryptedmessagereceived({ detail, from, to }) {
      const text = typeof detail === 'string' ? detail : detail?.text;
      // only to what was said to it alone (proven, as from is), and to no echo: two such bots would never come to an end
      if (!to || typeof text !== 'string' || detail.echo) return undefined;
      return nkt.sendEncryptedMessage({ text, private: true, echo: true }, from);
    },
  },
  calls: {
    echo: (value, { from }) => ({ value, from }),
  },
});

await nkt.init({ nick: 'echo', room, ...(await serverConfig(server)), ...(await nodeConfig()) });
console.log(`echo ${nkt.mySwarm.address()} in ${room}`);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await nkt.close();
    process.exit(0);
  });
}

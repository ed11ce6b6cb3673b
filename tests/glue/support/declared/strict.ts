// SPDX-License-Identifier: GPL-3.0-or-later
// As strict as TypeScript gets: what a variable may hold or not can be passed on as an option, which is then as if it was not given.
import { Nkt } from 'nkt';
import { nodeConfig, serverConfig } from '../../../../glue/node.js';
import { useMessages } from '../../../../glue/react/react.js';
import { NktProvider } from '../../../../glue/yjs/provider.js';
import type { Doc } from 'yjs';

export async function run(doc: Doc, to?: string, signal?: AbortSignal, count?: number, isOn?: boolean): Promise<unknown> {
  const nkt = new Nkt();
  const { relays, trackers, iceServers } = await serverConfig('http://localhost:3000');
  const sure: [string[], string[], unknown[]] = [relays, trackers, iceServers];
  await nkt.init({ nick: to, room: to, secret: to, history: isOn, linkCountMax: count, ...(await nodeConfig({ webrtc: isOn })) });
  await nkt.resume({ secret: undefined, storage: to === undefined ? undefined : { passphrase: to, name: to, existing: isOn } });
  await nkt.enter({ room: 'garden', relays: undefined });
  await nkt.resume({ relays: nkt.relays, trackers: nkt.trackers, iceServers: nkt.iceServers }); // those in force
  nkt.plugin({
    name: 'p', listeners: undefined, calls: undefined, messages: { p: { key: to } },
    commands: { p: { usage: to, help: to, run: ([first]) => first } },
    async init(_nkt, { storage, state, ui }) {
      ui?.header.button({ label: 'p', icon: to, onClick() {} });
      ui?.message.action({ label: 'p', icon: to, run() {} });
      await storage.set('p', undefined);
      await state.set('p', to);
    },
  });
  const user = await nkt.peer(to, { timeout: count, signal });
  await nkt.startWebRTCClient(user.addr, { timeout: count, signal });
  await nkt.send({ kind: 'chat', text: 'hello' }, { to, signal, bytes: undefined, onProgress: undefined });
  await nkt.rpc(user.addr, 'time', null, { timeout: count, signal });
  const { content } = await nkt.share(new Blob(['a']), { to, name: to, type: to, signal, sealed: isOn, thumbnail: undefined });
  (await nkt.fetch(content, { signal, onProgress: undefined })).stream({ start: count, end: count });
  await nkt.invite({ signal });
  await nkt.close({ immediate: isOn });
  // @ts-expect-error nobody may be known by that address
  const nick: string = nkt.userList[user.addr].nick;
  return [nick, await nkt.history({ count }), sure, useMessages(nkt, { count }), new NktProvider(nkt, doc, { name: to, connect: isOn })];
}

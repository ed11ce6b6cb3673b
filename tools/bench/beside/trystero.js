// SPDX-License-Identifier: GPL-3.0-or-later
import { joinRoom } from '@trystero-p2p/torrent';

const joined = joinRoom({ appId: 'beside', relayConfig: { urls: [server], redundancy: 1 }, rtcConfig: { iceServers: [] } }, room);
const chat = joined.makeAction('chat');
chat.onMessage = ({ text, who }) => heard(text, who);
window.say = (text) => chat.send({ text, who: nick });
window.others = () => Object.keys(joined.getPeers()).length;

// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Which side of a connection is the client of DTLS: settled by the first answer, for good.
 */

const OTHER = { active: 'passive', passive: 'active' };

/**
 * The offer of a new path, saying the role that its author has. One that leaves it open (as those of all browsers do) Firefox answers as
 * if there were none yet, and where that is another one, the other side can take neither that answer nor anything after it.
 * @param {{currentLocalDescription: RTCSessionDescriptionInit|null, currentRemoteDescription: RTCSessionDescriptionInit|null}} pc
 * @param {string} sdp
 */
export function keepRole({ currentLocalDescription: own, currentRemoteDescription: theirs }, sdp) {
  const isOwn = own?.type === 'answer';
  const [, role] = /^a=setup:(active|passive)/m.exec((isOwn ? own : theirs)?.sdp ?? '') ?? [];
  return role ? sdp.replaceAll('a=setup:actpass', `a=setup:${isOwn ? OTHER[role] : role}`) : sdp;
}

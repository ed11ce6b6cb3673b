// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * What of a new path (an ICE restart, RFC 8445, 2.4) browsers do not agree on: which side of a connection is the client of DTLS, settled by
 * the first answer, for good; and what becomes of the path before.
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

/** @param {string|undefined} sdp as its author sent it: Chromium shows what it took in words of its own */
export const isOfFirefox = (sdp) => /^o=mozilla/m.test(sdp ?? '');

/**
 * Whether an offer of a new path leads to one. Between that offer and its answer Chromium tries its new candidates with the old ones of the
 * other side; Firefox answers those checks, and in some of the cases Chromium stays with such a pair, on which Firefox hears nothing
 * (156 and 153; three of 17 tries, for good, both say "connected"). The other way round there is no such time.
 * @param {{localDescription: RTCSessionDescriptionInit|null}} pc @param {boolean} isToFirefox
 */
export const findsNewPath = ({ localDescription: own }, isToFirefox) => !isToFirefox || isOfFirefox(own?.sdp);

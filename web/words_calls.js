// SPDX-License-Identifier: GPL-3.0-or-later
// English texts of calls, fetched with them.

import { addTexts, names } from './texts.js';

addTexts({
  call: 'Call',
  callButtons: 'What you send',
  callPeople: 'Who is in the call',
  callRing: 'Somebody is calling',
  callRings: (name, short, others, video) => `${name} (${short}) is calling${video ? ', with video' : ''}`
    + `${others.length ? `. Also there: ${names(others)}` : ''}.`,
  callRingHelp: 'Who is in a call with you sees your IP address. /answer and /hangup do the same as the buttons.',
  callAnswer: 'Answer',
  callAnswerSeen: 'Answer with camera',
  callDecline: 'Decline',
  callIgnore: 'Ignore for good',
  callRinging: (list) => `Ringing: ${names(list)}`,
  callConnecting: (list) => `Connecting: ${names(list)}`,
  callWith: (list) => `In a call with ${names(list)}`,
  callBrokenPath: (list) => `Looking for another way to ${names(list)}`,
  callPhase: { ringing: 'ringing', connecting: 'connecting', broken: 'no connection' },
  callMuted: 'muted',
  callShares: 'shares a screen',
  callClock: (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`,
  callControls: {
    mic: 'Turn the microphone on', camera: 'Turn the camera on', screen: 'Share the screen', devices: 'Choose devices',
    large: 'Larger, without the messages', hangup: 'Hang up',
  },
  callTurnOff: {
    mic: 'Mute the microphone', camera: 'Turn the camera off', screen: 'Stop sharing the screen', large: 'Smaller, with the messages',
  },
  callKind: { mic: 'Microphone', camera: 'Camera', screen: 'Screen', speaker: 'Loudspeaker' },
  callDevice: (name, n) => `${name} ${n}`,
  callDenied: {
    mic: 'The browser does not allow the microphone here: you are not heard.', camera: 'The browser does not allow the camera here.',
    screen: 'Nothing was chosen to be shared, or the browser does not allow it here.',
  },
  callMissing: {
    mic: 'There is no microphone: you are not heard.', camera: 'There is no camera.', screen: 'This browser cannot share a screen.',
  },
  callCameraGone: 'The camera does not send any more: it was unplugged, or is not allowed.',
  callBroken: (name, reason) => `${name} does not work. Another program may be using it: close that, and try again. (${reason})`,
  callNoWebRTC: 'This browser has no WebRTC, or it is switched off: calls need it.',
  callInsecure: 'This page came over plain http, where browsers give no page a microphone or a camera. Open it with https://.',
  callUnwelcome: (name) => `You ignore ${name}, or send them nothing: take that back to call.`,
  callNot: {
    full: 'Six people can be in a call.', busy: 'You are in a call: hang up first.', gone: 'Nobody is calling.',
  },
  callNone: 'Nobody is calling, and you are in no call.',
  callMissed: (name, n) => `${name} called${n > 1 ? ` (${n} times)` : ''}, and it was not answered.`,
  callUnanswered: (name, why) => ({
    declined: `${name} declined.`, busy: `${name} is in another call.`, silent: `${name} did not answer.`,
    deaf: `${name} cannot be called: no WebRTC there.`,
    NKT_E_UNREGISTERED: `${name} cannot be called: that page has no calls.`,
  }[why] ?? `${name} could not be reached.`),
  callLost: (name, why) => ({ full: 'Six people are in that call already.', gone: `${name} is not in the call any more.` }[why]
    ?? `The connection to ${name} is lost.`),
  callOver: 'The call is over.',
});

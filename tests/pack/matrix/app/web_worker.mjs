// SPDX-License-Identifier: GPL-3.0-or-later
import { answer } from './port.js';
import { makeSteps } from './steps.js';

answer(globalThis, makeSteps({ webrtc: false }));

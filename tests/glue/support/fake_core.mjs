// SPDX-License-Identifier: GPL-3.0-or-later
// A scripted stand-in for Core, only for the order in which the driver does things.

/** Codes the driver asks for by name. */
const CODES = { NKT_E_STATE: -102, NKT_E_FRAME_LENGTH: -201, NKT_E_MEMORY: -301 };

export class FakeCore {
  /** What was reported: 'KIND link/ticket'. @type {string[]} */
  facts = [];
  deadlineMs = Infinity;
  isFreed = false;
  #effects = [];
  #answer;

  /** @param {(kind: string, fields: any, core: FakeCore) => (object[]|number|void)} answer effects, or a code */
  constructor(answer = () => []) {
    this.#answer = answer;
  }

  step(kind, nowMs, wallMs, fields = {}) {
    this.facts.push([kind, fields.link ?? fields.ticket ?? fields.value].filter((part) => part !== undefined).join(' '));
    const answer = this.#answer(kind, fields, this) ?? [];
    if (typeof answer === 'number') return answer;
    this.#effects.push(...answer);
    return 0;
  }

  next() {
    const fx = this.#effects.shift();
    if (fx === undefined) return null;
    return { link: 0, ticket: 0, flags: 0, value: 0, bytes: null, text: '', address: null, peer: null, id: '', time: 0, ...fx };
  }

  deadline() {
    return this.deadlineMs;
  }

  errorCode(name) {
    return CODES[name] ?? 0;
  }

  error(code) {
    return Object.assign(new Error(`code ${code}`), { code });
  }

  free() {
    this.isFreed = true;
  }
}

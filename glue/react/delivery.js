// SPDX-License-Identifier: GPL-3.0-or-later
/** How far a message has come. */
import { PeerView } from './view.js';

export const NO_DELIVERY = Object.freeze({ recipients: Object.freeze({}), total: 0, delivered: 0, failed: 0, isSettled: false });

/** @extends {PeerView<any>} */
export class DeliveryView extends PeerView {
  #delivery;

  /** @param {import('../types.d.ts').Nkt<any>|null} nkt @param {import('../types.d.ts').Delivery|null} delivery */
  constructor(nkt, delivery) {
    super(nkt, delivery === null ? [] : ['nktdelivery'], NO_DELIVERY);
    this.#delivery = delivery;
    if (delivery !== null) this.change(viewOf(delivery));
  }

  /** @override */
  begin() {
    super.begin();
    this.#delivery?.settled.then(() => this.look());
  }

  /** @override @param {any} event */
  heard({ detail }) {
    if (detail.id === this.#delivery?.id) this.look();
  }

  /** @override */
  look() {
    if (this.#delivery === null) return;
    const now = viewOf(this.#delivery);
    const before = this.get();
    const isSame = now.total === before.total && Object.entries(now.recipients).every(([addr, state]) => before.recipients[addr] === state);
    if (!isSame) this.change(now);
  }
}

/** @param {import('../types.d.ts').Delivery} delivery */
function viewOf({ recipients }) {
  const states = [...recipients.values()];
  const count = (state) => states.filter((one) => one === state).length;
  const [delivered, failed] = [count('delivered'), count('failed')];
  return Object.freeze({
    recipients: Object.freeze(Object.fromEntries(recipients)), total: states.length, delivered, failed,
    isSettled: delivered + failed === states.length,
  });
}

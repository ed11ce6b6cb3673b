// SPDX-License-Identifier: GPL-3.0-or-later
/** nkt/room: the element <nkt-room>, defined when this is imported in a browser. */
import type { Nkt } from '../types.js';

/**
 * A room to talk in: people, messages, a line. Attributes: `room`, `nick` (without it the person is asked), `secret`, `relays` and
 * `trackers` (URLs with spaces or commas between), `wasm` (where core.wasm is, for bundlers that do not find it), `lang` ('en', 'de',
 * 'fr'; else of the page, else of the browser). Slot: `heading`. Parts and custom properties: docs/room.md.
 */
export class NktRoomElement extends HTMLElement {
  /** While it runs; else null. For calls and events of one's own. */
  readonly nkt: Nkt | null;
}

declare global {
  interface HTMLElementTagNameMap {
    'nkt-room': NktRoomElement;
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later
/** What keeps and shares values of plugins: loaded when the first of them wants it, and no sooner. */
export { Notes } from './notes.js';
export { State } from './plugin_state.js';
export { Storage } from './plugin_storage.js';

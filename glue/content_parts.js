// SPDX-License-Identifier: GPL-3.0-or-later
/** What contents need when the first one is shared, fetched or kept here: loaded then (contents.js), and no sooner. */
export { Fetching } from './content_fetch.js';
export { Sharing } from './content_share.js';
export { Shelf } from './content_shelf.js';
export { Late } from './large_hear.js';
export { sayLarge } from './large_say.js';

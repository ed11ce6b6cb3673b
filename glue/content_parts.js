// SPDX-License-Identifier: GPL-3.0-or-later
/** What contents need when the first one is shared, fetched or kept here: loaded then (contents.js), and no sooner. */
export { Item } from './content_item.js';
export { Keep, QUOTA } from './content_keep.js';
export { openPlace } from './content_places.js';
export { FetchedContent } from './content_response.js';
export { inPieces, sourceOf } from './content_source.js';

// SPDX-License-Identifier: GPL-3.0-or-later
// How the site is searched: the same where the index is made and where it is asked.

/** Of MiniSearch: what is looked through, what is kept to be shown, and how near is near enough. */
export const SEARCH = {
  fields: ['heading', 'page', 'text'],
  storeFields: ['page', 'heading', 'text'],
  searchOptions: {
    boost: { heading: 4, page: 2 },
    prefix: true,
    fuzzy: (/** @type {string} */ term) => (term.length > 4 ? 0.2 : false),
    combineWith: /** @type {const} */ ('AND'),
  },
};

// SPDX-License-Identifier: GPL-3.0-or-later
/** Addresses of the glue's own workers, for a page under Trusted Types: a policy that lets in nothing else. */

/** Of workers that were made here. @type {Set<string>} */
const ours = new Set();

/** @type {{createScriptURL(href: string): any}|null|undefined} undefined: not asked for yet */
let policy;

/** @param {string} url of a worker of the glue @returns {any} what `new Worker()` takes */
export function trustedUrl(url) {
  ours.add(url);
  policy ??= globalThis.trustedTypes?.createPolicy('nkt-derive', {
    createScriptURL(href) {
      if (!ours.has(href)) throw new TypeError('not a script of ours');
      return href;
    },
  }) ?? null;
  return policy ? policy.createScriptURL(url) : url;
}

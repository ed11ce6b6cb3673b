// SPDX-License-Identifier: GPL-3.0-or-later
// When a pinned Debian revision is gone from the mirror: a mirror keeps only the newest revision of a source package. Its
// pristine tarball stays the same from one revision to the next, so that is what our pin goes on to hold; the patches
// beside it are Debian's newer ones, of the hash that apt's signed index states.

/** @param {string} file of a source package @returns {boolean} whether it is upstream's own, or its detached signature */
export const isPristine = (file) => /\.orig(-[\w-]+)?\.tar\./.test(file);

/** @param {string} version of Debian, [epoch:]upstream-revision @returns {string} what comes before the revision */
export function upstreamOf(version) {
  const end = version.lastIndexOf('-');
  return end < 0 ? version : version.slice(0, end);
}

/**
 * What `apt-cache showsrc` prints: stanzas of fields, files with their sums in indented lines.
 * @param {string} text
 * @returns {{name: string, version: string, files: Record<string, string>}[]} files: their SHA-256
 */
export function parseSourceIndex(text) {
  return text
    .split(/\n\s*\n/)
    .map((stanza) => {
      const field = (name) => new RegExp(`^${name}:[ \\t]*(\\S+)`, 'm').exec(stanza)?.[1] ?? '';
      const sums = /^Checksums-Sha256:[^\n]*\n((?:[ \t]+\S.*(?:\n|$))+)/m.exec(stanza)?.[1] ?? '';
      const rows = sums.split('\n').map((line) => /^\s+([0-9a-f]{64})\s+\d+\s+([\w.+~-]+)$/.exec(line));
      const files = Object.fromEntries(rows.filter(Boolean).map(([, hash, file]) => [file, hash]));
      return { name: field('Package'), version: field('Version'), files };
    })
    .filter(({ version, files }) => version !== '' && Object.keys(files).some((file) => file.endsWith('.dsc')));
}

/**
 * The newest revision of the same upstream version, with the same pristine tarball.
 * @param {string} name of the source package
 * @param {{version: string, files: Record<string, string>}} pin
 * @param {ReturnType<typeof parseSourceIndex>} offered
 * @param {(a: string, b: string) => boolean} isNewer a than b
 * @returns {{version: string, files: Record<string, string>} | {refused: string} | null} null: none is offered
 */
export function nextRevision(name, pin, offered, isNewer) {
  const same = offered.filter((one) => one.name === name && upstreamOf(one.version) === upstreamOf(pin.version));
  const newer = same.filter(({ version }) => isNewer(version, pin.version));
  if (newer.length === 0) return null;
  const [best] = newer.sort((a, b) => (isNewer(a.version, b.version) ? -1 : 1));
  for (const [file, hash] of Object.entries(pin.files).filter(([file]) => isPristine(file))) {
    if (best.files[file] !== hash) return { refused: `${best.version} has another ${file} than the pinned one` };
  }
  const added = Object.keys(best.files).find((file) => isPristine(file) && !Object.hasOwn(pin.files, file));
  if (added) return { refused: `${best.version} brings ${added}, which is not pinned` };
  return { version: best.version, files: best.files };
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What a browser gets of a script: the same lines, without those that are comments and nothing else. A fifth of the
// scripts' weight is for those who read the sources. Line numbers stay as they are, and so does the first line (the licence).

/** @param {string} text of an ES module, whose template literals have no line that looks like one of a comment @returns {string} */
export function slimScript(text) {
  let isInBlock = false;
  return text.split('\n').map((line, index) => {
    const trimmed = line.trim();
    if (isInBlock) {
      isInBlock = !trimmed.endsWith('*/');
      return '';
    }
    if (index > 0 && trimmed.startsWith('//')) return '';
    if (!trimmed.startsWith('/*')) return line;
    const end = trimmed.indexOf('*/');
    if (end >= 0 && end !== trimmed.length - 2) return line; // something follows
    isInBlock = end < 0;
    return '';
  }).join('\n');
}

// SPDX-License-Identifier: GPL-3.0-or-later
/** Resolves with the time when a text is so long. @param {import('yjs').Text} text @param {number} length @returns {Promise<number>} */
export const reaches = (text, length) => new Promise((resolve) => {
  const look = () => {
    if (text.length < length) return;
    text.unobserve(look);
    resolve(performance.timeOrigin + performance.now());
  };
  text.observe(look);
  look();
});

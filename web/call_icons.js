// SPDX-License-Identifier: GPL-3.0-or-later
// Icons of calls, beside those of index.html: fetched with what shows them.

const SVG = 'http://www.w3.org/2000/svg';

const PATHS = {
  mic: 'M8 1.8a2 2 0 0 1 2 2v3.7a2 2 0 0 1-4 0V3.8a2 2 0 0 1 2-2zM3.8 7.3a4.2 4.2 0 0 0 8.4 0M8 11.5v2.7',
  camera: 'M2.5 4.3h7a1 1 0 0 1 1 1v5.4a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1V5.3a1 1 0 0 1 1-1zM10.5 7.4l4-2.4v6l-4-2.4',
  screen: 'M2.5 3h11a1 1 0 0 1 1 1v6.5a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM5.5 14h5M8 9.2V5.6M6.2 7.2 8 5.4l1.8 1.8',
  devices: 'M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M9 3h3v3H9zM4 10h3v3H4z',
  large: 'M6 2.5H2.5V6M10 2.5h3.5V6M6 13.5H2.5V10M10 13.5h3.5V10',
  hangup: 'M2 9.5C2 6.5 14 6.5 14 9.5v1.2a.8.8 0 0 1-1 .8l-2-.5a.8.8 0 0 1-.6-.8V8.9C9 8.3 7 8.3 5.6 8.9v1.3'
    + 'a.8.8 0 0 1-.6.8l-2 .5a.8.8 0 0 1-1-.8z',
};
const SLASH = 'M2.5 13.5l11-11';

/** One that is struck out when data-off is set on it. */
export function callIcon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  for (const [d, kind] of [[PATHS[name], ''], [SLASH, 'slash']]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    if (kind) path.setAttribute('class', kind);
    svg.append(path);
  }
  return svg;
}

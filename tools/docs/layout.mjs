// SPDX-License-Identifier: GPL-3.0-or-later
// What is around each page: where one is, where else there is something, what is on it.
import { GENERAL } from './markdown.mjs';

/** @param {string} text */
export const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Nothing from elsewhere; 'wasm-unsafe-eval' and the rest are the live page's own affair, in its own frame. */
const POLICY = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "frame-src 'self'",
  "base-uri 'none'", "form-action 'none'",
].join('; ');

/** @typedef {import('./pages.mjs').Page} Page */

/** @param {Array<{title: string, pages: Page[]}>} groups @param {Page} here */
function menu(groups, here) {
  const link = ({ name, title }) =>
    `<li><a href="${name}.html"${name === here.name ? ' aria-current="page"' : ''}>${escape(title)}</a></li>`;
  return groups.map(({ title, pages }) => `<h2>${escape(title)}</h2>\n<ul>${pages.map(link).join('')}</ul>`).join('\n');
}

/** What is on the page, two levels; of a class its members. @param {import('./markdown.mjs').Heading[]} headings */
function contents(headings) {
  const ofMembers = headings.some(({ text }) => text === 'Methods') ? 4 : 3;
  const shown = headings.filter(({ level, text }) => (level === 2 || level === 3 || level === ofMembers) && !GENERAL.has(text));
  if (shown.length < 3) return '';
  const items = shown.map(({ name, level, text }) =>
    `<li class="level-${Math.min(level, 3)}"><a href="#${escape(name)}">${escape(text)}</a></li>`);
  return `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${items.join('')}</ul></nav>`;
}

/**
 * @param {{groups: Array<{title: string, pages: Page[]}>, page: Page, rendered: import('./markdown.mjs').Rendered, version: string}} parts
 * @returns {string}
 */
export function layOut({ groups, page, rendered, version }) {
  const all = groups.flatMap(({ pages }) => pages);
  const at = all.indexOf(page);
  const step = (other, word, rel) =>
    (other ? `<a rel="${rel}" href="${other.name}.html"><small>${word}</small> ${escape(other.title)}</a>` : '<span></span>');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escape(page.name === 'index' ? 'nkt' : `${page.title} - nkt`)}</title>
<link rel="icon" href="site/favicon.svg">
<link rel="stylesheet" href="site/site.css">
<script type="module" src="site/site.js"></script>
</head>
<body>
<a class="skip" href="#content">To the text</a>
<header class="top">
<button type="button" class="menu" aria-expanded="false" aria-controls="menu" aria-label="Pages" hidden>&#9776;</button>
<a class="brand" href="index.html"><img src="site/favicon.svg" alt="" width="28" height="28"> nkt <small>${escape(version)}</small></a>
<search><form role="search"><input type="search" placeholder="Search (press /)" aria-label="Search the documentation" autocomplete="off"
 aria-controls="found" hidden></form></search>
</header>
<div class="found" id="found" role="region" aria-label="What was found" hidden><p role="status"></p><ol></ol></div>
<div class="columns">
<nav class="pages" id="menu" aria-label="Pages">${menu(groups, page)}</nav>
<main id="content" tabindex="-1">
${rendered.html}
<nav class="steps" aria-label="Before and after">${step(all[at - 1], 'Before:', 'prev')}${step(all[at + 1], 'Next:', 'next')}</nav>
</main>
${contents(rendered.headings)}
</div>
</body>
</html>
`;
}

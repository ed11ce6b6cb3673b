// SPDX-License-Identifier: GPL-3.0-or-later
// One page of Markdown as HTML: headings that can be linked to as on GitHub, code with colours, links as the site has them; and its
// sections as plain text, to be searched.
import hljs from 'highlight.js';
import MarkdownIt from 'markdown-it';
import { headingNames } from '../pack/links.mjs';

/** What our fences say, as highlight.js calls it. */
const LANGUAGES = { js: 'javascript', mjs: 'javascript', jsx: 'javascript', ts: 'typescript', sh: 'bash', html: 'xml', conf: 'nginx' };

/** Headings that say nothing without the one above them (docs/api.md). */
export const GENERAL = new Set(['Constructor', 'Constructors', 'Events', 'Extends', 'Methods', 'Properties', 'Type Parameters']);

/**
 * @typedef {{name: string, level: number, text: string}} Heading
 * @typedef {{name: string, heading: string, text: string}} Section what stands below a heading, up to the next; name: '' above the first
 * @typedef {{html: string, headings: Heading[], sections: Section[]}} Rendered
 */

/** @param {string} code @param {string} info behind the fence */
function colour(code, info) {
  const [word = ''] = info.trim().split(/\s+/);
  const language = LANGUAGES[word] ?? word;
  return hljs.getLanguage(language) ? hljs.highlight(code, { language, ignoreIllegals: true }).value : '';
}

/** The words of an inline token, as they are read. @param {import('markdown-it').Token} token @returns {string} */
function wordsOf(token) {
  const parts = (token.children ?? []).map((child) => {
    if (child.type === 'image') return child.content;
    if (child.type === 'softbreak' || child.type === 'hardbreak') return ' ';
    return child.type === 'text' || child.type === 'code_inline' ? child.content : '';
  });
  return parts.join('');
}

/** Links and pictures as the site has them. @param {import('markdown-it').Token[]} tokens @param {(target: string) => string} hrefOf */
function relink(tokens, hrefOf) {
  for (const token of tokens) {
    for (const name of ['href', 'src']) {
      const target = token.attrGet(name);
      if (target !== null) token.attrSet(name, hrefOf(target));
    }
    if (token.type === 'image') token.attrSet('loading', 'lazy');
    relink(token.children ?? [], hrefOf);
  }
}

/**
 * @param {string} text of our own documents: HTML in it stays
 * @param {(target: string) => string} hrefOf
 * @returns {Rendered}
 */
export function render(text, hrefOf) {
  const markdown = new MarkdownIt({ html: true, highlight: colour });
  const tokens = markdown.parse(text.replace(/^<!--[\s\S]*?-->\n/gm, ''), {});
  relink(tokens, hrefOf);
  const nameOf = headingNames();
  let above = '';
  /** @type {Heading[]} */
  const headings = [];
  /** @type {Section[]} */
  const sections = [{ name: '', heading: '', text: '' }];
  tokens.forEach((token, i) => {
    if (token.type === 'heading_open') {
      const inline = tokens[i + 1];
      const name = nameOf(inline.content);
      const heading = wordsOf(inline);
      if (token.tag === 'h2') above = heading;
      token.attrSet('id', name);
      token.attrSet('tabindex', '-1');
      headings.push({ name, level: Number(token.tag.slice(1)), text: heading });
      sections.push({ name, heading: GENERAL.has(heading) ? `${above}: ${heading}` : heading, text: '' });
    } else if (token.type === 'inline' && tokens[i - 1]?.type !== 'heading_open') {
      sections[sections.length - 1].text += `${wordsOf(token)}\n`;
    } else if (token.type === 'fence' || token.type === 'code_block') {
      sections[sections.length - 1].text += `${token.content}\n`;
    }
  });
  // tables may be wider than a telephone: who reads by keys gets there and scrolls
  let tableCount = 0;
  markdown.renderer.rules.table_open = () => {
    tableCount += 1;
    return `<div class="table" tabindex="0" role="region" aria-label="Table ${tableCount}"><table>\n`;
  };
  markdown.renderer.rules.table_close = () => '</table></div>\n';
  // a corner with nothing in it heads nothing
  markdown.renderer.rules.th_open = (all, at) => (all[at + 1].content === '' ? '<td>' : '<th scope="col">');
  markdown.renderer.rules.th_close = (all, at) => (all[at - 1].content === '' ? '</td>' : '</th>');
  const fence = /** @type {NonNullable<typeof markdown.renderer.rules.fence>} */ (markdown.renderer.rules.fence);
  markdown.renderer.rules.fence = (...args) => `<div class="code">${fence(...args).replace('<pre>', '<pre tabindex="0">')}</div>\n`;
  return { html: markdown.renderer.render(tokens, markdown.options, {}), headings, sections };
}

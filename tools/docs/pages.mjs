// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of the site, in the order in which they are read. `name` is the page's address in the site, without .html.

/** @typedef {{file: string, name: string, title: string}} Page file: of the repository */

/** @type {Array<{title: string, pages: Page[]}>} */
export const groups = [
  {
    title: 'Begin',
    pages: [
      { file: 'tools/docs/site/index.md', name: 'index', title: 'What nkt is' },
      { file: 'docs/tutorial.md', name: 'tutorial', title: 'Tutorial' },
      { file: 'docs/users.md', name: 'users', title: 'Using the page' },
      { file: 'docs/page.md', name: 'page', title: 'The page in pictures' },
    ],
  },
  {
    title: 'Build',
    pages: [
      { file: 'docs/package.md', name: 'package', title: 'The npm package' },
      { file: 'docs/cookbook.md', name: 'cookbook', title: 'Cookbook' },
      { file: 'docs/api.md', name: 'api', title: 'The API' },
      { file: 'docs/plugins.md', name: 'plugins', title: 'Plugins' },
      { file: 'docs/messages.md', name: 'messages', title: 'Messages as values' },
      { file: 'docs/yjs.md', name: 'yjs', title: 'Yjs' },
      { file: 'docs/react.md', name: 'react', title: 'React' },
      { file: 'docs/room.md', name: 'room', title: 'An element for any page' },
      { file: 'docs/cli.md', name: 'cli', title: 'In the terminal' },
    ],
  },
  {
    title: 'Choose',
    pages: [
      { file: 'docs/compare.md', name: 'compare', title: 'Beside others' },
      { file: 'docs/migrate.md', name: 'migrate', title: 'Coming from others' },
      { file: 'docs/performance.md', name: 'performance', title: 'Performance' },
    ],
  },
  {
    title: 'Run',
    pages: [{ file: 'docs/operators.md', name: 'operators', title: 'For people who run servers' }],
  },
  {
    title: 'Know',
    pages: [
      { file: 'SECURITY.md', name: 'security', title: 'Security' },
      { file: 'docs/protocol.md', name: 'protocol', title: 'The protocol' },
      { file: 'docs/words.md', name: 'words', title: 'Words' },
      { file: 'docs/hardening.md', name: 'hardening', title: 'Hardening' },
      { file: 'CHANGELOG.md', name: 'changelog', title: 'Changes' },
    ],
  },
];

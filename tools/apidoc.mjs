// SPDX-License-Identifier: GPL-3.0-or-later
// docs/api.md from glue/types.d.ts, by TypeDoc: `node tools/apidoc.mjs` writes it, after the types of errors (errortypes.mjs). A test
// checks that both are current, and that everything in it is documented.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Application, Logger, LogLevel } from 'typedoc';
import { MarkdownTheme, MarkdownThemeContext } from 'typedoc-plugin-markdown';
import { errorTypes, errorTypesFile } from './errortypes.mjs';
import { root } from './setup/paths.mjs';

const HEAD = `<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Made from glue/types.d.ts by tools/apidoc.mjs: change that file, not this one. -->

# The API

\`import { Nkt } from 'nkt'\`, or \`window.nkt\` on the page. How plugins use it: [plugins.md](plugins.md); in Node: [cli.md](cli.md).
Codes of \`NktError\` and what they mean: [NktErrors](#nkterrors). What to do with it: [the cookbook](cookbook.md).

In the examples \`nkt\` is your peer, Ada's, in the room *tea*. Bob is there, too: \`bob\` is his address, \`other\` his peer, on his
machine. \`file\` is a \`File\`. What stands behind \`// =>\` is what the line gives, or logs; … stands for what is another each time. All
of them are run as a test.
`;

/** Of headings: how deep members stand. */
const MEMBER_LEVEL = 4;

const OPTIONS = {
  entryPoints: [join(root, 'glue', 'types.d.ts')],
  tsconfig: join(root, 'tools', 'tsconfig.api.json'),
  plugin: ['typedoc-plugin-markdown'],
  theme: 'short',
  logLevel: 'Warn',
  name: 'nkt',
  readme: 'none',
  router: 'module',
  sort: ['source-order'],
  excludeExternals: true, // what every EventTarget and Error has
  disableSources: true,
  hideGenerator: true,
  hidePageHeader: true,
  hidePageTitle: true,
  hideBreadcrumbs: true,
  hideGroupHeadings: true,
  useCodeBlocks: true,
  expandParameters: true,
  expandObjects: true,
  parametersFormat: 'none', // they are in the signature
  interfacePropertiesFormat: 'table',
  propertyMembersFormat: 'table',
  typeDeclarationFormat: 'table',
  tableColumnSettings: { hideSources: true, hideInherited: true, hideOverrides: true, hideDefaults: true, hideModifiers: true },
  validation: { invalidLink: true, notDocumented: true, notExported: true, rewrittenLink: true, unusedMergeModuleWith: true },
  intentionallyNotDocumented: ['LoadedPlugin.init', 'LoadedPlugin.stop'], // of Plugin, where they are
};

const isExample = ({ tag }) => tag === '@example';

/** Nothing that the line above it says already; examples as they are, without a heading, and what has some as no row of a table. */
class ShortContext extends MarkdownThemeContext {
  #usual = this.partials;

  partials = {
    ...this.#usual,
    signatureReturns: () => '',
    inheritance: () => '',
    comment: (comment, options) => this.#comment(comment, options),
    propertiesTable: (properties, options) => {
      const haveExamples = properties.some((property) => property.comment?.blockTags.some(isExample));
      const { members, propertiesTable } = this.#usual;
      return haveExamples ? members(properties, { headingLevel: MEMBER_LEVEL }) : propertiesTable(properties, options);
    },
  };

  #comment(comment, options = {}) {
    const rest = comment.clone();
    rest.blockTags = rest.blockTags.filter((tag) => !isExample(tag));
    const examples = options.showTags === false ? [] : comment.blockTags.filter(isExample);
    const shown = examples.flatMap(({ name, content }) => [name && `${name}:`, this.helpers.getCommentParts(content)]);
    return [this.#usual.comment(rest, options), ...shown].filter(Boolean).join('\n\n');
  }
}

class ShortTheme extends MarkdownTheme {
  getRenderContext(page) {
    return new ShortContext(this, page, this.application.options);
  }
}

class Findings extends Logger {
  /** @type {string[]} */
  list = [];

  log(message, level) {
    if (level >= LogLevel.Warn) this.list.push(message);
  }
}

/**
 * @returns {Promise<{text: string, members: (name: string) => string[], findings: string[]}>} the page; which members a declaration
 *   has; what is not documented, links that lead nowhere, errors of the types
 */
export async function apiDoc() {
  const folder = mkdtempSync(join(tmpdir(), 'nkt-api-'));
  try {
    const app = await Application.bootstrapWithPlugins({ ...OPTIONS, outputs: [{ name: 'markdown', path: folder }] });
    const findings = new Findings();
    app.logger = findings;
    app.renderer.defineTheme('short', ShortTheme);
    const project = await app.convert();
    if (project === undefined) return { text: '', members: () => [], findings: findings.list };
    app.validate(project);
    await app.generateOutputs(project);
    const body = readFileSync(join(folder, 'README.md'), 'utf8').trim();
    const contents = [...body.matchAll(/^## (\w+)$/gm)].map(([, name]) => `[${name}](#${name.toLowerCase()})`).join(' · ');
    const text = `${HEAD}\n${contents}\n\n${body}\n`;
    const members = (name) => project.getChildByName([name])?.children?.map((child) => child.name) ?? [];
    return { text, members, findings: findings.list.filter((finding) => !finding.includes('.__type')) }; // fields of what has no name
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const apiDocFile = join(root, 'docs', 'api.md');

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(errorTypesFile, errorTypes());
  const { text, findings } = await apiDoc();
  for (const finding of findings) console.error(finding);
  if (text !== '') writeFileSync(apiDocFile, text);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

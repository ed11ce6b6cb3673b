// SPDX-License-Identifier: GPL-3.0-or-later
// In pages of `npm start -- --dev` alone: takes up what was saved. A plugin that is loaded is loaded anew, from the same origin; anything
// else reloads the page, and so does a plugin that is not loaded and was: a browser keeps a module as it first was, faults and all.

let count = 0;
/** Those whose last version failed, and that wait for the next. */
const failed = new Set();

const wasLoaded = (name) => performance.getEntriesByName(new URL(`./plugins/${name}.js`, document.baseURI).href).length > 0;

/** A line of the page. */
async function note(text, kind) {
  const { note: show } = await import('./messages.js');
  show(text, kind);
}

async function takeUp(name) {
  try {
    const { default: plugin } = await import(`./plugins/${name}.js?saved=${Date.now()}-${++count}`); // another address is another module
    if (!Object.hasOwn(window.nkt.plugins, plugin?.name) && !failed.has(name)) { // nobody has switched it on
      if (wasLoaded(name)) location.reload();
      return;
    }
    failed.add(name);
    window.nkt.plugin(plugin);
    failed.delete(name);
    await note(`dev: plugin ${plugin.name} is loaded anew`);
  } catch (error) {
    await note(`dev: plugins/${name}.js: ${error.message}`, 'error');
  }
}

const events = new EventSource('./dev/events');
events.addEventListener('plugin', ({ data }) => takeUp(JSON.parse(data)));
events.addEventListener('page', () => location.reload());
events.addEventListener('fault', ({ data }) => note(`dev: ${JSON.parse(data)}`, 'error'));

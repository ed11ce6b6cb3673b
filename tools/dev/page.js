// SPDX-License-Identifier: GPL-3.0-or-later
// In pages of `npm start -- --dev` alone: takes up what was saved. A plugin that is loaded is loaded anew, from the same origin; anything
// else reloads the page, and so does a plugin that is not loaded and was: a browser keeps a module as it first was, faults and all.

let count = 0;
/** Those whose last version failed, and that wait for the next. */
const failed = new Set();
/** Faults of plugins, which the page says once, by plugin and place; and those that were there since one was loaded anew. */
const said = new Set();
const saidAnew = new Set();

const wasLoaded = (name) => performance.getEntriesByName(new URL(`./plugins/${name}.js`, document.baseURI).href).length > 0;

/** A line of the page. */
async function note(text, kind) {
  const { note: show } = await import('./messages.js');
  show(text, kind);
}

/** As far as the browser tells it: not where what is no JavaScript at all breaks off, which the server says. */
function lineOf(name, { stack, cause }) {
  const found = new RegExp(`/plugins/${name}\\.js\\?saved=[\\d-]+(:\\d+)`).exec(`${cause?.stack} ${stack}`);
  return found?.[1] ?? '';
}

async function takeUp(name) {
  try {
    const { default: plugin } = await import(`./plugins/${name}.js?saved=${Date.now()}-${++count}`); // another address is another module
    if (!Object.hasOwn(window.nkt.plugins, plugin?.name) && !failed.has(name)) { // nobody has switched it on
      if (wasLoaded(name)) location.reload();
      return;
    }
    failed.add(name);
    saidAnew.clear();
    window.nkt.plugin(plugin);
    failed.delete(name);
    await note(`dev: plugin ${plugin.name} is loaded anew`);
  } catch (error) {
    await note(`dev: plugins/${name}.js${lineOf(name, error)}: ${error.message}`, 'error');
  }
}

window.addEventListener('nktpluginerror', ({ detail: { name, where, error } }) => {
  const key = `${name} ${where}`;
  if (said.has(key) && !saidAnew.has(key)) note(`dev: plugin ${name}, ${where}: ${error?.message ?? error}`, 'error');
  said.add(key);
  saidAnew.add(key);
});

const events = new EventSource('./dev/events');
events.addEventListener('plugin', ({ data }) => takeUp(JSON.parse(data)));
events.addEventListener('page', () => location.reload());
events.addEventListener('fault', ({ data }) => note(`dev: ${JSON.parse(data)}`, 'error'));

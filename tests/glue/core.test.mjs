// SPDX-License-Identifier: GPL-3.0-or-later
// core.js and core_*.js against the real module: memory, names, addresses, faults.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { Core } from '../../glue/core.js';
import { ARGUMENT_SIZE_MAX } from '../../glue/core_arguments.js';
import { assertImports, assertInterface, entropyOf, IMPORTS_ALLOWED, loadModule } from '../../glue/core_module.js';
import { INTERFACE } from '../../glue/interface.js';
import { Nkt } from '../../glue/nkt.js';
import { skip, wasmUrl } from './support/wasm.mjs';

const entropy = entropyOf(globalThis.crypto);
const options = { nick: 'ann', relays: [], trackers: [] };

test('bytes that are no module, and a file that is not there, are told so', async () => {
  await assert.rejects(loadModule(new Uint8Array([1, 2, 3])), { code: 'NKT_E_WASM' });
  await assert.rejects(loadModule(new URL('file:///nowhere/core.wasm')), { code: 'NKT_E_WASM', message: /nowhere/ });
});

test('a module that asks for more than entropy is refused', () => {
  // (module (import "env" "clock" (func)))
  const start = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0];
  const bytes = new Uint8Array([...start, 2, 13, 1, 3, 101, 110, 118, 5, 99, 108, 111, 99, 107, 0, 0]);
  assert.throws(() => assertImports(new WebAssembly.Module(bytes)), { code: 'NKT_E_WASM', message: /env\.clock/ });
});

describe('the module', { skip }, () => {
  /** @type {WebAssembly.Module} */
  let module;
  before(async () => {
    module = await loadModule(wasmUrl);
  });
  const make = (parts = {}) => Core.create({ module, options, storeKey: null, entropy, ...parts });
  const drain = (core) => {
    const effects = [];
    for (let fx = core.next(); fx !== null; fx = core.next()) {
      const { kind, link, ticket, flags, value, address, text } = fx;
      effects.push({ kind, link, ticket, flags, value, address, text });
    }
    return effects;
  };
  const start = async (parts) => {
    const core = await make(parts);
    assert.equal(core.step('START', 1, Date.now()), 0);
    const self = drain(core).find(({ kind }) => kind === 'SELF');
    return { core, address: self.address, nick: self.text };
  };

  test('asks for entropy and nothing else', () => {
    const imports = WebAssembly.Module.imports(module).map((one) => `${one.module}.${one.name}`);
    assert.ok(imports.includes('host.entropy'));
    assert.deepEqual(imports.filter((name) => !IMPORTS_ALLOWED.includes(name)), []);
  });

  test('of another version is refused, and it is said what to do', async () => {
    const bytes = readFileSync(wasmUrl);
    bytes.write('nkt_wasm_intermezzo'.slice(0, 18), bytes.indexOf('nkt_wasm_interface'), 'latin1'); // as older ones: without it
    const refused = { code: 'NKT_E_WASM', message: /another version.*node tools\/build\.mjs wasm.*nkt\/core\.wasm/ };
    await assert.rejects(new Nkt({ wasm: await loadModule(bytes) }).init({ nick: 'ann', relays: [], trackers: [] }), refused);
    for (const number of [INTERFACE ^ 1, 0, -1]) assert.throws(() => assertInterface({ nkt_wasm_interface: () => number }), refused);
    assertInterface({ nkt_wasm_interface: () => INTERFACE | 0 });
  });

  test('is compiled once per URL', async () => {
    assert.equal(loadModule(wasmUrl), loadModule(wasmUrl));
    assert.equal(await loadModule(module), module);
    assert.ok((await loadModule(readFileSync(wasmUrl))) instanceof WebAssembly.Module);
  });

  test('memory that grows when the core ends, or traps, leaves words for it', async (t) => {
    const { instantiate } = WebAssembly;
    t.mock.method(WebAssembly, 'instantiate', async (...args) => {
      const { exports } = await instantiate.apply(WebAssembly, args);
      const growing = (name, isTrap) => (...values) => {
        const result = exports[name](...values);
        exports.memory.grow(1);
        if (isTrap) throw new WebAssembly.RuntimeError('unreachable');
        return result;
      };
      const grown = { nkt_wasm_delete: growing('nkt_wasm_delete', false), nkt_wasm_health: growing('nkt_wasm_health', true) };
      return { exports: { ...exports, ...grown } };
    });
    const [ended, broken] = await Promise.all([make(), make()]);
    ended.free();
    assert.equal(ended.error(ended.errorCode('NKT_E_STOPPED')).code, 'NKT_E_STOPPED');
    assert.throws(() => broken.health(), { code: 'NKT_E_TRAP' });
    assert.equal(broken.error(broken.errorCode('NKT_E_STOPPED')).code, 'NKT_E_STOPPED');
  });

  test('START makes an identity; two cores share nothing', async () => {
    const [a, b] = await Promise.all([start(), start({ options: { ...options, nick: 'Zoë 🦊' } })]);
    assert.equal(a.nick, 'ann');
    assert.equal(b.nick, 'Zoë 🦊');
    assert.notEqual(a.address, b.address);
    for (const { address } of [a, b]) assert.match(address, /^[1-9A-HJ-NP-Za-km-z]{33,35}$/);
    a.core.free();
    assert.equal(b.core.step('TIME', 2, Date.now()), 0);
    b.core.free();
  });

  test('addresses are read and checked', async () => {
    const { core, address } = await start();
    assert.ok(core.isAddress(address));
    const flipped = address.slice(0, -1) + (address.at(-1) === 'z' ? 'y' : 'z');
    for (const bad of ['', 'B', flipped, `${address}1`, ` ${address}`, 'ü'.repeat(34), 'x'.repeat(10_000), null, 7, {}, address.slice(1)]) {
      assert.equal(core.isAddress(bad), false, String(bad).slice(0, 40));
    }
    assert.equal(core.errorName(core.step('SAY', 2, 2, { address: 'nonsense', bytes: '1' })), 'NKT_E_ADDRESS');
    core.free();
  });

  test('errors have names both ways', async () => {
    const core = await make();
    assert.equal(core.errorCode('NKT_E_SIZE'), -106);
    assert.equal(core.errorName(-106), 'NKT_E_SIZE');
    assert.equal(core.errorCode('NKT_E_NONSENSE'), 0);
    assert.match(core.error(-103).message, /address/);
    assert.equal(core.error(-406, 'busy').message, 'busy');
    core.free();
  });

  test('arguments of every size: the buffer grows, too much is refused, memory is bounded', async () => {
    const { core } = await start();
    for (const size of [0, 1, 16_383, 16_384, 60_000, 100_000]) {
      const code = core.step('LINK_DATA', 2, 2, { link: 99, bytes: new Uint8Array(size) });
      assert.ok(code <= 0 && code > -300, `${size}: ${code}`);
    }
    assert.equal(core.errorName(core.step('SAY', 2, 2, { bytes: '"x"'.padEnd(ARGUMENT_SIZE_MAX + 1) })), 'NKT_E_SIZE');
    assert.equal(core.errorName(core.step('SAY', 2, 2, { bytes: new Uint8Array(ARGUMENT_SIZE_MAX + 1) })), 'NKT_E_SIZE');
    assert.throws(() => core.step('NONSENSE', 2, 2), { code: 'NKT_E_ARGUMENT' });
    core.free();
  });

  test('health is an object', async () => {
    const { core, address } = await start();
    const health = core.health();
    assert.equal(health.address, address);
    assert.equal(health.nick, 'ann');
    core.free();
  });

  test('without entropy there is no core', async () => {
    const failing = () => {
      throw new Error('none');
    };
    await assert.rejects(make({ entropy: failing }));
    let isFailing = false;
    const made = await make({ entropy: (view) => (isFailing ? failing() : entropy(view)) }).catch((error) => error);
    isFailing = true;
    if (made instanceof Core) assert.ok(made.step('START', 1, Date.now()) <= 0);
  });

  test('the module is not entered from within a hook', async () => {
    let core = null;
    const codes = [];
    core = await make({
      entropy(view) {
        try {
          core?.step('TIME', 1, 1);
          if (core) codes.push('entered');
        } catch (error) {
          codes.push(error.code);
        }
        entropy(view);
      },
    });
    core.step('START', 1, Date.now());
    assert.ok(codes.length > 0);
    assert.deepEqual([...new Set(codes)], ['NKT_E_STATE']);
    core.free();
  });

  test('after free() nothing can be called', async () => {
    const { core } = await start();
    core.free();
    core.free();
    assert.throws(() => core.step('TIME', 2, 2), { code: 'NKT_E_STOPPED' });
    assert.throws(() => core.next(), { code: 'NKT_E_STOPPED' });
  });
});

// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const wasmUrl = new URL('../../../build/wasm/core.wasm', import.meta.url);

/** For `{ skip }`: false, or what to do. */
export const skip = existsSync(fileURLToPath(wasmUrl)) ? false : 'no build/wasm/core.wasm: node tools/build.mjs wasm';

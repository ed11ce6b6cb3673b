// SPDX-License-Identifier: GPL-3.0-or-later
// Where things are. Everything that is made lies under build/ (and node_modules/).
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const buildDir = join(root, 'build');
export const sourcesDir = join(buildDir, 'sources');
export const downloadsDir = join(buildDir, 'downloads');
export const wasmFile = join(buildDir, 'wasm', 'core.wasm');

// SPDX-License-Identifier: GPL-3.0-or-later
/** A hash of what the core offers to the glue, which is in core.wasm too: made by tools/wasm/interface.mjs. */
export const INTERFACE = 0xd022b72a;

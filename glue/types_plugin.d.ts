// SPDX-License-Identifier: GPL-3.0-or-later
/** The JavaScript API of nkt: plugins. */
import type { NktEventMap } from './types_event.d.ts';
import type { Nkt } from './types.d.ts';
import type { CallContext } from './types_user.d.ts';

/** By event name; those that plugins make up as well. */
export type PluginListeners =
  { [K in keyof NktEventMap]?: (event: NktEventMap[K]) => unknown } & { [type: string]: (event: any) => unknown };

/** What nkt.plugin() takes: listeners, calls, and what happens when it is loaded and unloaded. */
export interface Plugin {
  /** By which it is known, replaced and unloaded. */
  name: string;
  /** By event name. */
  listeners?: PluginListeners;
  /** By name: registered while the plugin is loaded, as by nkt.register(). */
  calls?: { [name: string]: (value: any, context: CallContext) => unknown };
  /** What it throws unloads the plugin and is thrown by nkt.plugin(). The signal is aborted when the plugin is unloaded. */
  init?(nkt: Nkt, context: { readonly signal: AbortSignal }): unknown;
  /** When it is unloaded. */
  stop?(nkt: Nkt): unknown;
}

/** A plugin that is loaded. */
export interface LoadedPlugin extends Readonly<Plugin> {
  /** The newest faults. */
  readonly errors: Array<{ where: string; error: unknown }>;
}

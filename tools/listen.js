// SPDX-License-Identifier: GPL-3.0-or-later
// Listening, with failures that say what to do.
import { isIPv6 } from 'node:net';
import { TIED } from './log.js';

const PORT_MAX = 65_535;

/**
 * Ends when it is told to, or when the process that started it is gone: ports that nobody is known to hold would be in use.
 * @param {() => void} stop
 */
export function stopWhenTold(stop) {
  let isTold = false;
  const once = () => {
    if (!isTold) stop();
    isTold = true;
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, once); // SIGHUP: its terminal is gone
  if (process.env[TIED] !== '1') return;
  if (process.connected) process.once('disconnect', once);
  else once();
}

/**
 * @param {import('node:net').Server} server
 * @param {number} port 0: any free one
 * @param {string} host
 * @returns {Promise<number>} the port
 */
function listenOn(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 4096 }, () => {
      server.off('error', reject);
      resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
    });
  });
}

/**
 * Listens on a host; or, without one, on loopback by both of its addresses, since `localhost` may
 * resolve to either.
 * @param {() => import('node:net').Server} makeServer
 * @param {{port: number, host?: string, variable: string, hostVariable?: string}} where variable: what sets the port
 * @returns {Promise<{port: number, servers: import('node:net').Server[], name: string}>} name: its host and port in a URL, from here
 */
export async function listen(makeServer, { port, host, variable, hostVariable = 'HOST' }) {
  const server = makeServer();
  try {
    const actualPort = await listenOn(server, port, host ?? '127.0.0.1');
    const servers = [server];
    if (!host) {
      const second = makeServer();
      await listenOn(second, actualPort, '::1').then(
        () => servers.push(second),
        (error) => {
          // A machine without IPv6 has no ::1; a random port may be somebody else's there.
          if (port !== 0 && error.code === 'EADDRINUSE') throw error;
        },
      );
    }
    return { port: actualPort, servers, name: `${nameOf(host)}:${actualPort}` };
  } catch (error) {
    throw new Error(explain(error, { port, variable, host, hostVariable }), { cause: error });
  }
}

/** What `localhost` leads to, too. */
const HERE = ['0.0.0.0', '::', '127.0.0.1', '::1'];

/** A host in a URL that works on this machine: who listens on one address alone is at no other. @param {string} [host] */
function nameOf(host) {
  if (host === undefined || HERE.includes(host)) return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}

function explain(error, { port, variable, host, hostVariable }) {
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} is in use. End what uses it, or choose another: ${variable}=${port < PORT_MAX ? port + 1 : port - 1}`;
  }
  if (error.code === 'EACCES') return `Port ${port} is not allowed. Choose one above 1023: ${variable}=...`;
  if (host === undefined) return `Cannot listen on port ${port}: ${error.message}`;
  const isOfOneNetwork = error.code === 'EINVAL' && /^fe80:/i.test(host);
  if (isOfOneNetwork) return `${hostVariable}=${host} is of one network alone, which is to be named: ${host}%eth0`;
  const isNone = ['EADDRNOTAVAIL', 'EINVAL', 'EAFNOSUPPORT'].includes(error.code) || error.syscall === 'getaddrinfo';
  if (isNone) {
    return `${hostVariable}=${host} is no address of this machine; 0.0.0.0 or :: is all of them, none is loopback (${error.code})`;
  }
  return `Cannot listen on port ${port} of ${hostVariable}=${host}: ${error.message}`;
}

/**
 * Reads an address to listen on from the environment. In brackets, as in a URL, will do.
 * @param {string} variable @param {Record<string, string | undefined>} [env] @returns {string | undefined} undefined: loopback
 */
export const readHost = (variable, env = process.env) => env[variable]?.trim().replace(/^\[(.+)\]$/, '$1') || undefined;

/**
 * Reads a port from the environment.
 * @param {string} variable
 * @param {number} fallback
 * @param {Record<string, string | undefined>} [env]
 */
export function portOf(variable, fallback, env = process.env) {
  const text = env[variable];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > PORT_MAX)
    throw new Error(`${variable}=${text} is not a port (0 to ${PORT_MAX})`);
  return port;
}

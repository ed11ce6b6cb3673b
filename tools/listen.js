// SPDX-License-Identifier: GPL-3.0-or-later
// Listening, with failures that say what to do.

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
 * @param {{port: number, host?: string, variable: string}} where variable: what sets the port
 * @returns {Promise<{port: number, servers: import('node:net').Server[]}>}
 */
export async function listen(makeServer, { port, host, variable }) {
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
    return { port: actualPort, servers };
  } catch (error) {
    throw new Error(explain(error, port, variable), { cause: error });
  }
}

function explain(error, port, variable) {
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} is in use. End what uses it, or choose another: ${variable}=${port + 1}`;
  }
  if (error.code === 'EACCES') return `Port ${port} is not allowed. Choose one above 1023: ${variable}=...`;
  return `Cannot listen on port ${port}: ${error.message}`;
}

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
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new Error(`${variable}=${text} is not a port (0 to 65535)`);
  return port;
}

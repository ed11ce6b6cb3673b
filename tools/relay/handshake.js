// SPDX-License-Identifier: GPL-3.0-or-later
// The opening of a WebSocket (RFC 6455, section 4.2), after node:http has read the request: what is asked for, and the answer.
// No extension is granted, so there is no compression. What is refused, and with which words, is what ws does.
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VERSIONS = ['13', '8'];
const BAD = '400 Bad Request';

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {{status: string, text: string, lines: string[]} | null} what is wrong with it
 */
export function faultOf({ method, headers }) {
  const fault = (status, text, lines = []) => ({ status, text, lines });
  if (method !== 'GET') return fault('405 Method Not Allowed', 'Invalid HTTP method');
  if (headers.upgrade?.toLowerCase() !== 'websocket') return fault(BAD, 'Invalid Upgrade header');
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return fault(BAD, 'Missing or invalid Sec-WebSocket-Key header');
  if (!VERSIONS.includes(headers['sec-websocket-version'])) {
    return fault(BAD, 'Missing or invalid Sec-WebSocket-Version header', [`sec-websocket-version: ${VERSIONS.join(', ')}`]);
  }
  if (protocolsOf(headers) === null) return fault(BAD, 'Invalid Sec-WebSocket-Protocol header');
  return null;
}

/** @returns {string[] | null} null: it is malformed */
function protocolsOf(headers) {
  const text = headers['sec-websocket-protocol'];
  if (text === undefined) return [];
  if (/[^\t -~]/.test(text)) return null; // so that trim() takes blanks and tabs alone: a pattern for them takes 0.3 s for 15 KB
  const all = text.split(',').map((one) => one.trim());
  return all.every((one) => TOKEN.test(one)) && new Set(all).size === all.length ? all : null;
}

/** @param {import('node:http').IncomingMessage} request without fault @returns {Buffer} */
export function answerTo({ headers }) {
  const accepted = createHash('sha1').update(headers['sec-websocket-key'] + GUID).digest('base64');
  const [protocol] = protocolsOf(headers);
  const lines = [
    'HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accepted}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

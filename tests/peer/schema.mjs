// SPDX-License-Identifier: GPL-3.0-or-later
// The protobuf messages, read at run time from core/src/wire/nkt.proto and signal.proto: nothing is generated.
// 64-bit numbers are BigInts; a field that is not there is missing, a repeated one an empty list.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { demand, Refused } from './bytes.mjs';

const FIELDS_MAX = 2048;
const UNKNOWN_MAX = 64;
const DEPTH_MAX = 8;

const read = (path) => protobuf.parse(readFileSync(new URL(path, import.meta.url), 'utf8'), { keepCase: true }).root.resolveAll();
const nkt = read('../../core/src/wire/nkt.proto');
const signal = read('signal.proto');

/** @param {string} name */
function typeOf(name) {
  return signal.lookup(`signal.${name}`) ? signal.lookupType(`signal.${name}`) : nkt.lookupType(`nkt.${name}`);
}

const isLong = (field) => ['uint64', 'fixed64'].includes(field.type);

/** As protobufjs wants it: BigInts as text. */
function plain(type, message) {
  const out = {};
  for (const field of type.fieldsArray) {
    const value = message[field.name];
    if (value === undefined || value === null) {
      if (field.required) throw new TypeError(`${type.name}.${field.name} is missing`);
      continue;
    }
    const one = (item) => {
      if (field.resolvedType) return plain(field.resolvedType, item);
      return isLong(field) ? BigInt(item).toString() : item;
    };
    out[field.name] = field.repeated ? value.map(one) : one(value);
  }
  return out;
}

/** @param {string} name of a message @param {Record<string, any>} message @returns {Uint8Array} */
export function encode(name, message) {
  const type = typeOf(name);
  return Uint8Array.from(type.encode(type.fromObject(plain(type, message))).finish());
}

/** @param {string} name of a message @param {Uint8Array} bytes @returns {any} */
export function decode(name, bytes) {
  const type = typeOf(name);
  count(type, bytes);
  let message;
  try {
    message = type.toObject(type.decode(bytes), { longs: BigInt, arrays: true });
  } catch (error) {
    throw new Refused('syntax', `${name}: ${error.message}`);
  }
  return copied(message);
}

/** Bytes of their own, no views into what came. */
function copied(value) {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(copied);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copied(part)]));
}

/** Counts the fields of a message and of its parts, before it is unpacked. */
function count(type, bytes) {
  const sums = { fields: 0, unknown: 0 };
  const walk = (inType, reader, end, depth) => {
    demand(depth <= DEPTH_MAX, 'syntax', 'nested too deep');
    while (reader.pos < end) {
      const tag = reader.uint32();
      const field = inType?.fieldsById[tag >>> 3];
      sums.fields++;
      if (inType && !field) sums.unknown++;
      demand(sums.fields <= FIELDS_MAX && sums.unknown <= UNKNOWN_MAX, 'syntax', 'too many fields');
      if (field?.resolvedType && tag % 8 === 2) {
        const size = reader.uint32();
        demand(reader.pos + size <= end, 'syntax');
        walk(field.resolvedType, reader, reader.pos + size, depth + 1);
      } else {
        reader.skipType(tag % 8);
      }
    }
    demand(reader.pos === end, 'syntax');
  };
  try {
    const reader = protobuf.Reader.create(bytes);
    walk(type, reader, bytes.length, 1);
  } catch (error) {
    throw error instanceof Refused ? error : new Refused('syntax', error.message);
  }
}

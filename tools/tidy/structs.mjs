// SPDX-License-Identifier: GPL-3.0-or-later
// The structures in C headers, as text: their members, and the same text with some of them constant. Headers of the project only,
// in its own format: one declaration to a statement, no function pointers, no bit fields.
import { blank } from './c_rules.mjs';

/** @typedef {{names: string[], type: string, isPointer: boolean, from: number, to: number, text: string}} Member */

/** Names and type of what one declaration declares. */
function read(text) {
  const flat = text.trim();
  const type = /^(?:const )?(?:struct \w+|\w+)/.exec(flat)[0];
  const rest = flat.slice(type.length).replace(/\[[^\]]*\]/g, '');
  const names = rest.split(',').map((one) => /(\w+)\s*$/.exec(one)[1]);
  return { type: type.replace(/^const |^struct |_t$/g, ''), names, isPointer: rest.includes('*') };
}

/**
 * @param {string} text of a header
 * @returns {Map<string, Member[]>} by name of the structure
 */
export function structsOf(text) {
  const code = blank(text);
  const structs = new Map();
  for (const { 0: head, 1: name, index } of code.matchAll(/\bstruct (nkt_\w+) \{/g)) {
    const end = code.indexOf('\n}', index);
    const members = [];
    let from = index + head.length;
    for (let to = code.indexOf(';', from); to !== -1 && to < end; from = to + 1, to = code.indexOf(';', from)) {
      const declared = code.slice(from, to);
      members.push({ ...read(declared), from, to, text: declared });
    }
    structs.set(name, members);
  }
  return structs;
}

/** A declaration whose members cannot be changed; isDeep: nor what they point to. */
function constant(text, isDeep) {
  const [lead] = /^\s*/.exec(text);
  const flat = text.slice(lead.length);
  const type = /^(?:const )?(?:struct \w+|\w+)/.exec(flat)[0];
  const rest = flat.slice(type.length);
  const isConst = type.startsWith('const ');
  if (!rest.replace(/\[[^\]]*\]/g, '').includes('*')) return lead + (isConst ? '' : 'const ') + flat;
  return lead + (isDeep && !isConst ? 'const ' : '') + type + rest.replace(/\[[^\]]*\]|\*/g, (one) => (one === '*' ? '*const ' : one));
}

/**
 * The same header with some members constant: what assigns to one of them, or hands out its address for writing, does not compile.
 * @param {string} text
 * @param {(struct: string, member: Member) => undefined | 'flat' | 'deep'} choose deep: what it points to is constant, too
 */
export function withConstants(text, choose) {
  const edits = [];
  for (const [struct, members] of structsOf(text)) {
    for (const member of members) {
      const how = choose(struct, member);
      if (how) edits.push({ ...member, with: constant(member.text, how === 'deep') });
    }
  }
  let out = text;
  for (const edit of edits.sort((a, b) => b.from - a.from)) out = out.slice(0, edit.from) + edit.with + out.slice(edit.to);
  return out;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Our small edits to the fetched sources, as exact replacements: each must match exactly once, so a
// changed source is noticed and not half edited. The numbers behind the macros are set in
// cmake/ThirdParty.cmake.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './report.mjs';

const skipMax = 'NKT_SIGNAL_SKIP_MAX';
const groupSkipMax = 'NKT_SIGNAL_GROUP_SKIP_MAX';
const archivedMax = 'NKT_SIGNAL_ARCHIVED_MAX';

/** @type {{source: string, file: string, find: string, replace: string, why: string}[]} */
export const edits = [
  {
    source: 'libsignal-protocol-c',
    file: 'src/session_cipher.c',
    find: 'if(counter - ratchet_chain_key_get_index(chain_key) > 2000) {',
    replace: `if(counter - ratchet_chain_key_get_index(chain_key) > ${skipMax}) {`,
    why: 'a forged counter makes it derive that many keys before the MAC is checked',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/session_state.c',
    find: '#define MAX_MESSAGE_KEYS 2000',
    replace: `#define MAX_MESSAGE_KEYS ${skipMax}`,
    why: 'skipped keys that are kept, hence the size of a session record',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/session_record.c',
    find: '#define ARCHIVED_STATES_MAX_LENGTH 40',
    replace: `#define ARCHIVED_STATES_MAX_LENGTH ${archivedMax}`,
    why: 'every archived session is tried on a message that does not decrypt',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/group_cipher.c',
    find: 'if(iteration - sender_chain_key_get_iteration(chain_key) > 2000) {',
    replace: `if(iteration - sender_chain_key_get_iteration(chain_key) > ${groupSkipMax}) {`,
    why: 'as in session_cipher.c, for sender keys',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/sender_key_state.c',
    find: '#define MAX_MESSAGE_KEYS 2000',
    replace: `#define MAX_MESSAGE_KEYS ${groupSkipMax}`,
    why: 'as in session_state.c, for sender keys',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/sender_key.c',
    find: 'result = malloc(sizeof(sender_message_key));',
    replace: 'result = calloc(1, sizeof(sender_message_key));',
    why: 'when memory fails half way it frees the pointers that it did not set yet',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/sender_key.c',
    find: 'result = malloc(sizeof(sender_chain_key));',
    replace: 'result = calloc(1, sizeof(sender_chain_key));',
    why: 'as above',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/hkdf.c',
    find: '    else {\n        free(*context);\n        return SG_ERR_INVAL;',
    replace: '    else {\n        free(*context);\n        *context = 0;\n        return SG_ERR_INVAL;',
    why: 'a stored session of an unknown version made its callers use what was freed',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/session_pre_key.c',
    find: '            || !record->has_signature) {',
    replace: '            || !record->has_signature || record->signature.len == 0) {',
    why: 'a stored signed prekey with an empty signature ran into an assert',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/signal_protocol_internal.h',
    find: 'void signal_log(signal_context *context, int level, const char *format, ...);',
    replace: '#define signal_log(...) ((void) 0)',
    why: 'nobody listens, and its texts and formats are 3 KB that a page has to load',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/signal_protocol.c',
    find: 'void signal_log(signal_context *context, int level, const char *format, ...)\n{',
    replace: '__attribute__((unused)) static void log_nothing(signal_context *context, int level, const char *format, ...)\n{',
    why: 'as above: the name is a macro now',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/fingerprint.c',
    find: '        snprintf(result_string + i, 6, "%05d", (int)(chunk % 100000));',
    replace:
      '        int rest = (int)(chunk % 100000);\n' +
      "        for(int place = 4; place >= 0; place--, rest /= 10) result_string[i + place] = (char)('0' + rest % 10);\n" +
      '        result_string[i + 5] = 0;',
    why: 'with the edits of cJSON below the last call of printf, which is 8 KB',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/session_state.c',
    find: 'int session_state_copy(session_state **state,',
    replace: '#include "state_share.h"\n\n__attribute__((unused)) static int session_state_copy_by_bytes(session_state **state,',
    why: 'it writes the state as protobuf and reads that, for every message heard. Ours: core/libsignal/state_share.h',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/session_record.c',
    find: 'int session_record_copy(session_record **record,',
    replace: '#include "record_share.h"\n\n__attribute__((unused)) static int session_record_copy_by_bytes(session_record **record,',
    why: 'as above',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/signal_protocol.c',
    find: 'int signal_protocol_session_load_session(signal_protocol_store_context *context,',
    replace: '#include "store_share.h"\n\n__attribute__((unused)) static int session_load_by_bytes(signal_protocol_store_context *context,',
    why: 'sessions at work are kept as they are, not as bytes: core/libsignal/store_share.h',
  },
  {
    source: 'libsignal-protocol-c',
    file: 'src/signal_protocol.c',
    find: 'int signal_protocol_session_store_session(signal_protocol_store_context *context,',
    replace: '__attribute__((unused)) static int session_store_by_bytes(signal_protocol_store_context *context,',
    why: 'as above',
  },
  {
    source: 'cjson',
    file: 'cJSON.c',
    find: '#include "cJSON.h"\n',
    replace: '#include "cJSON.h"\n#include "base/number.h"\n',
    why: 'strtod, sscanf and sprintf bring arithmetic of 128 bits along: 25 KB that a page has to load',
  },
  {
    source: 'cjson',
    file: 'cJSON.c',
    find: 'number = strtod((const char*)number_c_string, (char**)&after_end);',
    replace: 'number = nkt_number_read((const char*)number_c_string, (char**)&after_end);',
    why: 'as above',
  },
  {
    source: 'cjson',
    file: 'cJSON.c',
    find: `        length = sprintf((char*)number_buffer, "%1.15g", d);

        /* Check whether the original double can be recovered */
        if ((sscanf((char*)number_buffer, "%lg", &test) != 1) || !compare_double((double)test, d))
        {
            /* If not, print with 17 decimal places of precision */
            length = sprintf((char*)number_buffer, "%1.17g", d);
        }
`,
    replace: '        length = nkt_number_write(d, (char*)number_buffer);\n',
    why: 'as above; what we print are whole numbers',
  },
  {
    source: 'cjson',
    file: 'cJSON.c',
    find: 'sprintf((char*)output_pointer, "u%04x", *input_pointer);',
    replace: `memcpy(output_pointer, "u00", 3);
                    output_pointer[3] = (unsigned char) ('0' + (*input_pointer >> 4));
                    output_pointer[4] = (unsigned char) "0123456789abcdef"[*input_pointer & 15];`,
    why: 'as above; a control character, so below 20 in hexadecimal',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c',
    find: `static void
ge25519_cmov8_base(ge25519_precomp *t, const int pos, const signed char b)
{
    static const ge25519_precomp base[32][8] = { /* base[i][j] = (j+1)*256^i*B */
#ifdef HAVE_TI_MODE
# include "fe_51/base.h"
#else
# include "fe_25_5/base.h"
#endif
    };
    ge25519_cmov8(t, base[pos], b);
`,
    replace: `static ge25519_precomp ge25519_base[32][8]; /* ge25519_base[i][j] = (j+1)*256^i*B */
static int             ge25519_base_is_there;

static void
ge25519_cmov8_base(ge25519_precomp *t, const int pos, const signed char b)
{
    ge25519_cmov8(t, ge25519_base[pos], b);
`,
    why: '30 KB that do not compress: calculated when first needed (core/libsodium/ed25519_base.h). No threads here',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c',
    find: '/*\n h = a * B (with precomputation)\n',
    replace: '#include "ed25519_base.h"\n\n/*\n h = a * B (with precomputation)\n',
    why: 'as above',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c',
    find: '    ge25519_p3_0(h);\n\n    for (i = 1; i < 64; i += 2) {\n        ge25519_cmov8_base(',
    replace:
      '    if (!ge25519_base_is_there) {\n        ge25519_base_fill();\n    }\n' +
      '    ge25519_p3_0(h);\n\n    for (i = 1; i < 64; i += 2) {\n        ge25519_cmov8_base(',
    why: 'as above',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c',
    find: 'void\nfe25519_invert(fe25519 out,',
    replace: '#include "fe25519_power.h"\n\nvoid\nFE25519_INVERT(fe25519 out,',
    why: 'other limbs in WebAssembly: core/libsodium/fe25519_power.h',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c',
    find: 'fe25519_pow22523(fe25519 out,',
    replace: 'FE25519_POW22523(fe25519 out,',
    why: 'as above',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c',
    find: 'void\nge25519_double_scalarmult_vartime(',
    replace: '#include "ge25519_x2.h"\n\nvoid\nGE25519_DOUBLE_SCALARMULT_VARTIME(',
    why: 'two field operations at once in WebAssembly: core/libsodium/ge25519_x2.h',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c',
    find: 'void\nge25519_scalarmult_base(',
    replace: 'void\nGE25519_SCALARMULT_BASE(',
    why: 'as above',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_scalarmult/curve25519/ref10/x25519_ref10.c',
    find: 'static void\nedwards_to_montgomery(',
    replace: '#include "x25519_x2.h"\n\nstatic void\nedwards_to_montgomery(',
    why: 'as above: core/libsodium/x25519_x2.h',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_scalarmult/curve25519/ref10/x25519_ref10.c',
    find: '        SODIUM_C99(.mult =) crypto_scalarmult_curve25519_ref10,',
    replace: '        SODIUM_C99(.mult =) X25519_MULT,',
    why: 'as above',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_hash/sha256/cp/hash_sha256_cp.c',
    find: 'static void\nSHA256_Transform(',
    replace: '#include "sha256_transform.h"\n\n__attribute__((unused)) static void\nSHA256_Transform_with_arrays(',
    why: 'an eighth quicker in WebAssembly: core/libsodium/sha256_transform.h',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_kem/mlkem768/ref/kem_mlkem768_ref.c',
    find: '#define GEN_MATRIX_NBLOCKS',
    replace: '#include "mlkem768_x2.h"\n\n#define GEN_MATRIX_NBLOCKS',
    why: 'two states of Keccak at once in WebAssembly: core/libsodium/mlkem768_x2.h',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_kem/mlkem768/ref/kem_mlkem768_ref.c',
    find: 'static void\ngen_matrix(polyvec *a,',
    replace: 'static void\nGEN_MATRIX(polyvec *a,',
    why: 'as above',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_kem/mlkem768/ref/kem_mlkem768_ref.c',
    find: 'poly_getnoise_eta2(&skpv.vec[i], noiseseed, nonce++);',
    replace: 'poly_getnoise_eta2_x2(&skpv.vec[i], &e.vec[i], noiseseed, nonce, nonce + MLKEM768_K);\n        nonce++;',
    why: 'as above: polynomials of both vectors in pairs',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_kem/mlkem768/ref/kem_mlkem768_ref.c',
    find: 'poly_getnoise_eta2(&e.vec[i], noiseseed, nonce++);',
    replace: 'nonce++;',
    why: 'as above',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_kem/mlkem768/ref/kem_mlkem768_ref.c',
    find: 'poly_getnoise_eta2(&sp.vec[i], coins, nonce++);',
    replace: 'poly_getnoise_eta2_x2(&sp.vec[i], &ep.vec[i], coins, nonce, nonce + MLKEM768_K);\n        nonce++;',
    why: 'as above: polynomials of both vectors in pairs',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/crypto_kem/mlkem768/ref/kem_mlkem768_ref.c',
    find: 'poly_getnoise_eta2(&ep.vec[i], coins, nonce++);',
    replace: 'nonce++;',
    why: 'as above',
  },
  {
    source: 'libsodium',
    file: 'src/libsodium/sodium/core.c',
    find: '    _crypto_aead_aegis128l_pick_best_implementation();\n    _crypto_aead_aegis256_pick_best_implementation();\n',
    replace: '',
    why: 'it would link ciphers that nobody uses',
  },
  {
    source: 'protobuf-c',
    file: 'protobuf-c/protobuf-c.c',
    find: 'tag |= (data[rv] & 0x7f) << shift;',
    replace: 'tag |= (uint32_t) (data[rv] & 0x7f) << shift;',
    why: 'a tag of five bytes shifts an int into its sign: undefined, found by mutated frames',
  },
  {
    source: 'protobuf-c',
    file: 'protobuf-c/protobuf-c.c',
    find: 'tag |= data[rv] << shift;',
    replace: 'tag |= (uint32_t) data[rv] << shift;',
    why: 'as above',
  },
];

/**
 * Applies the edits of one source to its unpacked tree.
 * @param {string} source
 * @param {string} folder
 */
export function edit(source, folder) {
  for (const { file, find, replace } of edits.filter((one) => one.source === source)) {
    const path = join(folder, file);
    const parts = readFileSync(path, 'utf8').split(find);
    if (parts.length !== 2) {
      throw new Failure(
        `${source}/${file}: an edit matches ${parts.length - 1} times, not once: ${find}`,
        'look at what changed in that source and adapt tools/setup/edits.mjs.',
      );
    }
    writeFileSync(path, parts.join(replace));
  }
}

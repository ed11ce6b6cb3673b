/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gossip/gossip.h"

#include <stdlib.h>
#include <string.h>

#include "identity/room.h"
#include "nkt.pb-c.h"
#include "wire/pack.h"

int nkt_gossip_encode_greeting(nkt_buf_t *out, const nkt_greeting_t *greeting)
{
    Nkt__Greeting message = NKT__GREETING__INIT;
    Nkt__SignedRecord signed_record;
    nkt_pack_lend_record(&signed_record, &greeting->record);
    message.record = &signed_record;
    if (greeting->prekey_id != 0) {
        message.has_prekey_id = message.has_prekey = 1;
        message.prekey_id = greeting->prekey_id;
        message.prekey = nkt_pack_lend(greeting->prekey, 32);
    }
    message.has_kem_key = greeting->kem_key != NULL;
    message.kem_key = nkt_pack_lend(greeting->kem_key, NKT_KEM_KEY_SIZE);
    message.has_kem_key_id = greeting->kem_key != NULL && greeting->kem_key_id != 0;
    message.kem_key_id = greeting->kem_key_id;
    message.has_answer = message.answer = (greeting->flags & NKT_GREETING_ANSWER) != 0;
    message.has_seek = message.seek = (greeting->flags & NKT_GREETING_SEEK) != 0;
    message.has_want_key = message.want_key = (greeting->flags & NKT_GREETING_WANT_KEY) != 0;
    message.has_nonce = greeting->nonce != NULL;
    message.nonce = nkt_pack_lend(greeting->nonce, NKT_CLOCK_NONCE_SIZE);
    message.has_echo = greeting->echo != NULL;
    message.echo = nkt_pack_lend(greeting->echo, NKT_CLOCK_NONCE_SIZE);
    message.has_wall_ms = greeting->wall_ms != 0;
    message.wall_ms = greeting->wall_ms;
    return nkt_pack(out, &message.base);
}

int nkt_gossip_decode_greeting(nkt_greeting_t *out, const uint8_t *bytes, size_t size)
{
    Nkt__Greeting *greeting = nkt_unpack(&nkt__greeting__descriptor, size, bytes);
    if (greeting == NULL)
        return NKT_E_PAYLOAD;
    *out = (nkt_greeting_t){.unpacked = greeting};
    int err = nkt_pack_borrow_record(&out->record, greeting->record);
    if (err == NKT_OK && greeting->has_prekey_id != greeting->has_prekey)
        err = NKT_E_PAYLOAD;
    if (err == NKT_OK && greeting->has_prekey) {
        if (greeting->prekey.len != 32 || greeting->prekey_id == 0)
            err = NKT_E_PAYLOAD;
        out->prekey_id = greeting->prekey_id;
        out->prekey = greeting->prekey.data;
    }
    out->kem_key_id = greeting->has_kem_key_id ? greeting->kem_key_id : 0;
    if (greeting->has_kem_key)
        out->kem_key = greeting->kem_key.data;
    if ((greeting->has_kem_key && greeting->kem_key.len != NKT_KEM_KEY_SIZE) ||
        (out->kem_key_id != 0 && out->kem_key_id != out->prekey_id))
        err = NKT_E_PAYLOAD;
    if ((greeting->has_nonce && greeting->nonce.len != NKT_CLOCK_NONCE_SIZE) ||
        (greeting->has_echo && greeting->echo.len != NKT_CLOCK_NONCE_SIZE))
        err = NKT_E_PAYLOAD;
    out->nonce = greeting->has_nonce ? greeting->nonce.data : NULL;
    out->echo = greeting->has_echo ? greeting->echo.data : NULL;
    out->wall_ms = greeting->has_wall_ms && greeting->wall_ms <= NKT_WALL_MS_MAX ? greeting->wall_ms : 0;
    out->flags = (greeting->has_answer && greeting->answer ? NKT_GREETING_ANSWER : 0u) |
                 (greeting->has_seek && greeting->seek ? NKT_GREETING_SEEK : 0u) |
                 (greeting->has_want_key && greeting->want_key ? NKT_GREETING_WANT_KEY : 0u);
    if (err < 0)
        nkt_greeting_deinit(out);
    return err;
}

void nkt_greeting_deinit(nkt_greeting_t *greeting)
{
    nkt__greeting__free_unpacked(greeting->unpacked, NULL);
    greeting->unpacked = NULL;
}

int nkt_gossip_encode_digest(nkt_buf_t *out, const nkt_gossip_known_t *known, size_t count, int is_answer)
{
    Nkt__Digest digest = NKT__DIGEST__INIT;
    Nkt__Known *entries = calloc(count + 1, sizeof *entries);
    Nkt__Known **pointers = calloc(count + 1, sizeof(Nkt__Known *));
    int err = NKT_E_MEMORY;
    if (entries != NULL && pointers != NULL) {
        for (size_t i = 0; i < count; i++) {
            entries[i] = (Nkt__Known)NKT__KNOWN__INIT;
            entries[i].address = nkt_pack_lend(known[i].address.b, NKT_ADDRESS_SIZE);
            entries[i].sequence = known[i].sequence;
            pointers[i] = &entries[i];
        }
        digest.known = pointers;
        digest.n_known = count;
        digest.has_answer = digest.answer = is_answer;
        err = nkt_pack(out, &digest.base);
    }
    free(entries);
    free(pointers);
    return err;
}

int nkt_gossip_decode_digest(nkt_gossip_known_t *known, size_t count_max, int *is_answer, const uint8_t *bytes,
                             size_t size)
{
    Nkt__Digest *digest = nkt_unpack(&nkt__digest__descriptor, size, bytes);
    if (digest == NULL)
        return NKT_E_PAYLOAD;
    int result = digest->n_known > count_max ? NKT_E_PAYLOAD : (int)digest->n_known;
    for (int i = 0; i < result; i++) {
        if (digest->known[i]->address.len != NKT_ADDRESS_SIZE) {
            result = NKT_E_PAYLOAD;
            break;
        }
        memcpy(known[i].address.b, digest->known[i]->address.data, NKT_ADDRESS_SIZE);
        known[i].sequence = digest->known[i]->sequence;
    }
    *is_answer = digest->has_answer && digest->answer;
    nkt__digest__free_unpacked(digest, NULL);
    return result;
}

static size_t addresses_lend(ProtobufCBinaryData *list, const nkt_address_t *addresses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list[i] = nkt_pack_lend(addresses[i].b, NKT_ADDRESS_SIZE);
    return count;
}

int nkt_gossip_encode_want(nkt_buf_t *out, const nkt_address_t *addresses, size_t count)
{
    Nkt__Want want = NKT__WANT__INIT;
    ProtobufCBinaryData list[NKT_WANT_COUNT_MAX];
    want.address = list;
    want.n_address = addresses_lend(list, addresses, count < NKT_WANT_COUNT_MAX ? count : NKT_WANT_COUNT_MAX);
    return nkt_pack(out, &want.base);
}

int nkt_gossip_encode_key_want(nkt_buf_t *out, const nkt_address_t *addresses, size_t count)
{
    Nkt__Want want = NKT__WANT__INIT;
    ProtobufCBinaryData list[NKT_KEYS_COUNT_MAX];
    want.kem_key = list;
    want.n_kem_key = addresses_lend(list, addresses, count < NKT_KEYS_COUNT_MAX ? count : NKT_KEYS_COUNT_MAX);
    return nkt_pack(out, &want.base);
}

static int addresses_read(nkt_address_t *out, size_t *out_count, size_t count_max, const ProtobufCBinaryData *list, size_t count)
{
    *out_count = 0;
    if (count > count_max)
        return NKT_E_PAYLOAD;
    for (size_t i = 0; i < count; i++) {
        if (list[i].len != NKT_ADDRESS_SIZE)
            return NKT_E_PAYLOAD;
        memcpy(out[i].b, list[i].data, NKT_ADDRESS_SIZE);
    }
    *out_count = count;
    return NKT_OK;
}

int nkt_gossip_decode_want(nkt_gossip_want_t *out, const uint8_t *bytes, size_t size)
{
    Nkt__Want *want = nkt_unpack(&nkt__want__descriptor, size, bytes);
    if (want == NULL)
        return NKT_E_PAYLOAD;
    int err = addresses_read(out->records, &out->record_count, NKT_WANT_COUNT_MAX, want->address, want->n_address);
    if (err == NKT_OK)
        err = addresses_read(out->keys, &out->key_count, NKT_KEYS_COUNT_MAX, want->kem_key, want->n_kem_key);
    nkt__want__free_unpacked(want, NULL);
    return err;
}

int nkt_gossip_encode_records(nkt_buf_t *out, const nkt_signed_record_t *records, size_t count)
{
    Nkt__Records message = NKT__RECORDS__INIT;
    Nkt__SignedRecord entries[NKT_RECORDS_COUNT_MAX];
    Nkt__SignedRecord *pointers[NKT_RECORDS_COUNT_MAX];
    if (count > NKT_RECORDS_COUNT_MAX)
        count = NKT_RECORDS_COUNT_MAX;
    for (size_t i = 0; i < count; i++) {
        nkt_pack_lend_record(&entries[i], &records[i]);
        pointers[i] = &entries[i];
    }
    message.record = pointers;
    message.n_record = count;
    return nkt_pack(out, &message.base);
}

int nkt_gossip_encode_keys(nkt_buf_t *out, const nkt_gossip_key_t *keys, size_t count)
{
    Nkt__Records message = NKT__RECORDS__INIT;
    Nkt__KemKey entries[NKT_KEYS_COUNT_MAX], *pointers[NKT_KEYS_COUNT_MAX];
    message.kem_key = pointers;
    for (size_t i = 0; i < count && i < NKT_KEYS_COUNT_MAX; i++) {
        entries[i] = (Nkt__KemKey)NKT__KEM_KEY__INIT;
        entries[i].address = nkt_pack_lend(keys[i].address.b, NKT_ADDRESS_SIZE);
        entries[i].key = nkt_pack_lend(keys[i].key, NKT_KEM_KEY_SIZE);
        pointers[message.n_kem_key++] = &entries[i];
    }
    return nkt_pack(out, &message.base);
}

static int keys_check(const Nkt__Records *message)
{
    int err = message->n_kem_key > NKT_KEYS_COUNT_MAX ? NKT_E_PAYLOAD : NKT_OK;
    for (size_t i = 0; err == NKT_OK && i < message->n_kem_key; i++) {
        if (message->kem_key[i]->address.len != NKT_ADDRESS_SIZE || message->kem_key[i]->key.len != NKT_KEM_KEY_SIZE)
            err = NKT_E_PAYLOAD;
    }
    return err;
}

static void heed_all(const Nkt__Records *message, const nkt_gossip_heed_t *heed)
{
    for (size_t i = 0; i < message->n_record; i++) {
        nkt_signed_record_t record;
        heed->on_record(heed->context, nkt_pack_borrow_record(&record, message->record[i]) == NKT_OK ? &record : NULL);
    }
    for (size_t i = 0; heed->on_key != NULL && i < message->n_kem_key; i++) {
        nkt_gossip_key_t key = {.key = message->kem_key[i]->key.data};
        memcpy(key.address.b, message->kem_key[i]->address.data, NKT_ADDRESS_SIZE);
        heed->on_key(heed->context, &key);
    }
}

int nkt_gossip_decode_records(const uint8_t *bytes, size_t size, const nkt_gossip_heed_t *heed)
{
    Nkt__Records *message = nkt_unpack(&nkt__records__descriptor, size, bytes);
    if (message == NULL)
        return NKT_E_PAYLOAD;
    int err = message->n_record > NKT_RECORDS_COUNT_MAX ? NKT_E_PAYLOAD : keys_check(message);
    if (err == NKT_OK)
        heed_all(message, heed);
    nkt__records__free_unpacked(message, NULL);
    return err;
}

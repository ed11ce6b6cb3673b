/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/live.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "session/internal.h"

/* core/libsignal/record_share.h */
void nkt_record_weigh(const session_record *record, size_t *key_count, size_t *state_count);

enum {
    SPARE_SIZE_MAX = 16384, /* bytes of a buffer that is used again; usual records are 2 to 8 KiB */
    /* what nkt_session_size() takes a part of a record for */
    KEY_SIZE = 97,          /* a skipped key of libsignal's */
    STATE_SIZE = 768,       /* a state of libsignal's without those: up to six chains */
    KEM_SIZE = 256,         /* a KEM ratchet, without what it has of variable size */
};

/* ---- KEM ratchets ---- */

nkt_kem_t *nkt_live_kem_new(void)
{
    return calloc(1, sizeof(nkt_kem_t));
}

void nkt_live_kem_free(nkt_kem_t *kem)
{
    if (kem == NULL)
        return;
    nkt_kem_deinit(kem);
    free(kem);
}

static int kem_read(nkt_span_t stored, nkt_kem_t **kem)
{
    *kem = nkt_live_kem_new();
    int err = *kem == NULL ? NKT_E_MEMORY : nkt_kem_read(*kem, stored.bytes, stored.size);
    if (err < 0) {
        nkt_live_kem_free(*kem);
        *kem = NULL;
    }
    return err;
}

int nkt_live_kem_copy(const nkt_kem_t *kem, nkt_kem_t **copy)
{
    nkt_buf_t bytes = {0};
    *copy = NULL;
    int err = nkt_kem_write(kem, &bytes);
    if (err == NKT_OK)
        err = kem_read((nkt_span_t){bytes.data, bytes.size}, copy);
    nkt_buf_free(&bytes);
    return err;
}

/* ---- which are there ---- */

static void unlink_live(nkt_live_t *live)
{
    nkt_sessions_t *sessions = live->sessions;
    *(live->newer != NULL ? &live->newer->older : &sessions->newest) = live->older;
    *(live->older != NULL ? &live->older->newer : &sessions->oldest) = live->newer;
    live->newer = live->older = NULL;
    sessions->live_count--;
}

static void link_newest(nkt_live_t *live)
{
    nkt_sessions_t *sessions = live->sessions;
    live->older = sessions->newest;
    *(live->older != NULL ? &live->older->newer : &sessions->oldest) = live;
    sessions->newest = live;
    sessions->live_count++;
}

void nkt_live_close(nkt_live_t *live)
{
    if (live == NULL)
        return;
    unlink_live(live);
    SIGNAL_UNREF(live->signal);
    for (size_t i = 0; i < live->kem_count; i++)
        nkt_live_kem_free(live->kem[i]);
    live->session->live = NULL;
    free(live);
}

/* A record that is no list of parts is none, as if the session had never been. */
static int live_read(nkt_live_t *live, const nkt_buf_t *record)
{
    nkt_ratchets_t ratchets;
    if (record->size == 0 || nkt_ratchets_parse(&ratchets, record->data, record->size) < 0)
        return NKT_OK;
    int result = session_record_deserialize(&live->signal, ratchets.signal.bytes, ratchets.signal.size, live->sessions->context);
    int err = result == SG_SUCCESS ? NKT_OK : result == SG_ERR_NOMEM ? NKT_E_MEMORY : NKT_E_RECORD;
    while (err == NKT_OK && live->kem_count < ratchets.kem_count) {
        err = kem_read(ratchets.kem[live->kem_count], &live->kem[live->kem_count]);
        live->kem_count += err == NKT_OK;
    }
    return err;
}

int nkt_live_open(nkt_sessions_t *sessions, nkt_session_t *session)
{
    nkt_live_t *live = session->live;
    if (live != NULL) {
        assert(live->sessions == sessions && live->session == session);
        if (live != sessions->newest) {
            unlink_live(live);
            link_newest(live);
        }
        return NKT_OK;
    }
    live = calloc(1, sizeof *live);
    if (live == NULL)
        return NKT_E_MEMORY;
    live->sessions = sessions;
    live->session = session;
    session->live = live;
    link_newest(live);
    int err = live_read(live, &session->record);
    if (err < 0)
        nkt_live_close(live);
    return err;
}

size_t nkt_live_find(const nkt_live_t *live, nkt_part_t header)
{
    size_t i = 0;
    while (i < live->kem_count && !nkt_kem_is_of(live->kem[i], header.bytes, header.size))
        i++;
    return i;
}

/* ---- its bytes ---- */

static void record_forget(nkt_buf_t *record)
{
    if (record->capacity > SPARE_SIZE_MAX)
        nkt_buf_free(record);
    else if (record->size > 0)
        sodium_memzero(record->data, record->size);
    nkt_buf_clear(record);
}

int nkt_session_pack(nkt_session_t *session)
{
    const nkt_live_t *live = session->live;
    signal_buffer *signal = NULL;
    if (live == NULL || live->kem_count == 0 || session->record.size > 0)
        return NKT_OK;
    const int result = session_record_serialize(&signal, live->signal);
    int err = result < 0 || signal == NULL ? NKT_E_MEMORY : NKT_OK;
    if (err == NKT_OK)
        err = nkt_ratchets_build(&session->record, (nkt_span_t){signal_buffer_data(signal), signal_buffer_len(signal)}, live->kem,
                                 live->kem_count);
    signal_buffer_bzero_free(signal);
    if (err < 0)
        record_forget(&session->record);
    return err;
}

int nkt_session_restore(nkt_session_t *session, const uint8_t *record, size_t size)
{
    nkt_live_close(session->live);
    return nkt_buf_set(&session->record, record, size);
}

size_t nkt_session_size(const nkt_session_t *session)
{
    const nkt_live_t *live = session->live;
    size_t key_count, state_count;
    if (live == NULL || live->kem_count == 0 || session->record.size > 0)
        return session->record.size;
    nkt_record_weigh(live->signal, &key_count, &state_count);
    size_t size = key_count * KEY_SIZE + state_count * STATE_SIZE;
    for (size_t i = 0; i < live->kem_count; i++)
        size += KEM_SIZE + live->kem[i]->key.size + live->kem[i]->answer.size + live->kem[i]->skipped.size;
    return size;
}

/* ---- operations ---- */

void nkt_live_commit(nkt_live_t *live, nkt_kem_t *kem, size_t index)
{
    nkt_sessions_t *sessions = live->sessions;
    nkt_kem_t *gone = NULL;
    size_t end = index;
    if (sessions->stored != NULL) {
        SIGNAL_UNREF(live->signal);
        live->signal = sessions->stored;
        sessions->stored = NULL;
    }
    assert(live->signal != NULL && index <= live->kem_count);
    if (index < live->kem_count)
        gone = live->kem[index];
    else if (live->kem_count == NKT_KEM_SESSION_COUNT)
        gone = live->kem[end = NKT_KEM_SESSION_COUNT - 1];
    else
        live->kem_count++;
    memmove(&live->kem[1], &live->kem[0], end * sizeof live->kem[0]);
    live->kem[0] = kem;
    if (gone != kem)
        nkt_live_kem_free(gone);
    record_forget(&live->session->record);
    nkt_session_touch(live->session);
}

void nkt_live_rest(nkt_sessions_t *sessions)
{
    SIGNAL_UNREF(sessions->stored);
    while (sessions->live_count > NKT_SESSION_LIVE_MAX && nkt_session_pack(sessions->oldest->session) == NKT_OK)
        nkt_live_close(sessions->oldest);
}

void nkt_live_close_all(nkt_sessions_t *sessions)
{
    while (sessions->oldest != NULL) {
        (void)nkt_session_pack(sessions->oldest->session);
        nkt_live_close(sessions->oldest);
    }
}

int nkt_record_load(void *user_data, session_record **record)
{
    const nkt_sessions_t *sessions = user_data;
    session_record *from = sessions->stored != NULL ? sessions->stored : sessions->current->live->signal;
    if (from == NULL)
        return 0;
    const int result = session_record_copy(record, from, sessions->context);
    return result < 0 ? result : 1;
}

int nkt_record_store(void *user_data, session_record *record)
{
    nkt_sessions_t *sessions = user_data;
    SIGNAL_REF(record);
    SIGNAL_UNREF(sessions->stored);
    sessions->stored = record;
    return SG_SUCCESS;
}

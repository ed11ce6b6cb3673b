/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part of libsignal's session_record.c (tools/setup/edits.mjs): instead of its session_record_copy(). The present state is copied as
 * state_share.h says, the archived ones are held by both: they are tried by copies of them, and never changed where they are.
 */
size_t nkt_state_key_count(const session_state *state);

int session_record_copy(session_record **record, session_record *from, signal_context *global_context)
{
    const session_record_state_node *archived;
    session_state *state = NULL;
    session_record *copy = NULL;
    assert(from->user_record == NULL); /* we have none */
    int result = from->state == NULL ? SG_SUCCESS : session_state_copy(&state, from->state, global_context);
    if (result >= 0)
        result = session_record_create(&copy, state, global_context);
    SIGNAL_UNREF(state);
    if (result < 0)
        return result;
    copy->is_fresh = 0; /* as when it was read back: it has been stored, or it would not be copied */
    DL_FOREACH(from->previous_states_head, archived) {
        session_record_state_node *node = malloc(sizeof *node);
        if (node == NULL) {
            SIGNAL_UNREF(copy);
            return SG_ERR_NOMEM;
        }
        SIGNAL_REF(archived->state);
        node->state = archived->state;
        DL_APPEND(copy->previous_states_head, node);
    }
    *record = copy;
    return SG_SUCCESS;
}

/* Skipped keys and states that the record holds. */
void nkt_record_weigh(const session_record *record, size_t *key_count, size_t *state_count)
{
    const session_record_state_node *archived;
    *key_count = *state_count = 0;
    if (record->state != NULL) {
        *key_count += nkt_state_key_count(record->state);
        ++*state_count;
    }
    DL_FOREACH(record->previous_states_head, archived) {
        *key_count += nkt_state_key_count(archived->state);
        ++*state_count;
    }
}

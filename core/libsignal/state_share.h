/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part of libsignal's session_state.c (tools/setup/edits.mjs): instead of its session_state_copy(), which writes the state
 * as protobuf and reads that back, for every message that is heard.
 *
 * Keys and chain keys are counted objects which libsignal replaces but never changes, so both states may hold the same. What it does
 * change in place, the lists of receiving chains and of skipped keys, the copy gets for itself.
 */
static void *state_hold(void *object)
{
    if (object != NULL)
        SIGNAL_REF(object);
    return object;
}

static int chain_share(session_state *copy, const session_state_receiver_chain *from)
{
    const message_keys_node *key;
    session_state_receiver_chain *chain = calloc(1, sizeof *chain);
    if (chain == NULL)
        return SG_ERR_NOMEM;
    DL_APPEND(copy->receiver_chain_head, chain);
    chain->sender_ratchet_key = state_hold(from->sender_ratchet_key);
    chain->chain_key = state_hold(from->chain_key);
    DL_FOREACH(from->message_keys_head, key) {
        message_keys_node *node = malloc(sizeof *node);
        if (node == NULL)
            return SG_ERR_NOMEM;
        node->message_key = key->message_key;
        DL_APPEND(chain->message_keys_head, node);
    }
    return SG_SUCCESS;
}

int session_state_copy(session_state **state, session_state *from, signal_context *global_context)
{
    (void) global_context;
    const session_state_receiver_chain *chain;
    int result = SG_SUCCESS;
    session_state *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return SG_ERR_NOMEM;
    *copy = *from;
    SIGNAL_INIT(copy, session_state_destroy);
    copy->receiver_chain_head = NULL;
    state_hold(copy->local_identity_public);
    state_hold(copy->remote_identity_public);
    state_hold(copy->root_key);
    state_hold(copy->sender_chain.sender_ratchet_key_pair);
    state_hold(copy->sender_chain.chain_key);
    if (copy->has_pending_key_exchange) {
        state_hold(copy->pending_key_exchange.local_base_key);
        state_hold(copy->pending_key_exchange.local_ratchet_key);
        state_hold(copy->pending_key_exchange.local_identity_key);
    }
    if (copy->has_pending_pre_key)
        state_hold(copy->pending_pre_key.base_key);
    state_hold(copy->alice_base_key);
    DL_FOREACH(from->receiver_chain_head, chain) {
        result = chain_share(copy, chain);
        if (result < 0)
            break;
    }
    if (result < 0)
        SIGNAL_UNREF(copy);
    else
        *state = copy;
    return result;
}

/* Skipped keys that the state holds. */
size_t nkt_state_key_count(const session_state *state)
{
    const session_state_receiver_chain *chain;
    const message_keys_node *key;
    size_t count = 0;
    DL_FOREACH(state->receiver_chain_head, chain) {
        DL_FOREACH(chain->message_keys_head, key)
            count++;
    }
    return count;
}

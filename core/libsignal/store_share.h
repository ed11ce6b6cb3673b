/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Part of libsignal's signal_protocol.c (tools/setup/edits.mjs): instead of its functions that read a record from the session store and
 * write it there as bytes. The store's own are core/src/session/live.c's.
 */
int nkt_record_load(void *user_data, session_record **record); /* 1; 0: there is none; or an error */
int nkt_record_store(void *user_data, session_record *record);

int signal_protocol_session_load_session(signal_protocol_store_context *context, session_record **record,
                                         const signal_protocol_address *address)
{
    (void) address;
    const int result = nkt_record_load(context->session_store.user_data, record);
    if (result != 0)
        return result < 0 ? result : SG_SUCCESS;
    return session_record_create(record, NULL, context->global_context);
}

int signal_protocol_session_store_session(signal_protocol_store_context *context, const signal_protocol_address *address,
                                          session_record *record)
{
    (void) address;
    return nkt_record_store(context->session_store.user_data, record);
}

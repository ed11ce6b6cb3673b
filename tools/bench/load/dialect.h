/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said over the sockets: nkt's frames, or JSON over socket.io 4. Messages carry a number and are padded to a size. */
#ifndef LOAD_DIALECT_H
#define LOAD_DIALECT_H

#include "conn.h"

typedef struct dialect {
    conn_handlers_t handlers;
    void (*broadcast)(conn_t *conn, uint32_t number, size_t size);
    void (*directed)(conn_t *conn, uint32_t to, uint32_t number, size_t size);
} dialect_t;

extern const dialect_t dialect_nkt, dialect_socket_io;

/* What the measurement is told. */
void load_ready(conn_t *conn);
void load_got(conn_t *conn, uint32_t number);
void load_lost(conn_t *conn);

/** Clients of one room; all are in one room when it is 0. */
extern uint32_t dialect_room_size;

#endif

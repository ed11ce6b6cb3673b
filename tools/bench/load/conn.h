/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connections over epoll, and the client's side of WebSocket: handshake, masked frames out (all that one turn brings
 * leaves in one write), whole frames in. Only what a relay on loopback sends is understood.
 */
#ifndef LOAD_CONN_H
#define LOAD_CONN_H

#include <stddef.h>
#include <stdint.h>

typedef enum conn_state { CONN_CLOSED, CONN_CONNECTING, CONN_UPGRADING, CONN_OPEN, CONN_READY } conn_state_t;

typedef struct conn {
    int fd;
    conn_state_t state;
    uint32_t index;
    uint32_t dirty; /* it has something to write at the end of this turn */
    uint8_t *in, *out;
    size_t in_size, in_room, out_size, out_room;
} conn_t;

enum { OPCODE_TEXT = 1, OPCODE_BINARY = 2, OPCODE_PING = 9, OPCODE_PONG = 10 };

/** What a dialect does; see dialect.h. */
typedef struct conn_handlers {
    const char *path;
    void (*opened)(conn_t *conn);                                                      /* the handshake is done */
    void (*message)(conn_t *conn, unsigned opcode, const uint8_t *bytes, size_t size); /* one whole frame */
    void (*closed)(conn_t *conn);                                                      /* by the other side */
} conn_handlers_t;

/** Sets up epoll and the limit of open files. 0, or -1 with errno. */
int conns_init(const conn_handlers_t *handlers);

/** Starts to connect to 127.0.0.1. 0, or -1 with errno. */
int conn_open(conn_t *conn, uint32_t index, uint16_t port);

/** Queues a frame of two parts (either may be empty). */
void conn_send(conn_t *conn, unsigned opcode, const void *head, size_t head_size, const void *body, size_t body_size);

/** Reads no more. That the other side closed is still seen. */
void conn_stall(conn_t *conn);

/** Waits for events up to that long, handles them, and writes what came of it. */
void conns_turn(int timeout_ms);

/** Writes what is queued. */
void conns_flush(void);

/** Ends it with a reset, which leaves no port behind in TIME_WAIT. */
void conn_reset(conn_t *conn);

#endif

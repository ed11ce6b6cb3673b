/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dialect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PADDING_SIZE = 65536, ADDRESS_SIZE = 20 };

uint32_t dialect_room_size;

static const char *padding(void)
{
    static char text[PADDING_SIZE];
    if (text[0] == '\0')
        memset(text, 'x', sizeof text);
    return text;
}

static void put_u32(uint8_t *out, uint32_t value)
{
    out[0] = (uint8_t)(value >> 24);
    out[1] = (uint8_t)(value >> 16);
    out[2] = (uint8_t)(value >> 8);
    out[3] = (uint8_t)value;
}

static uint32_t get_u32(const uint8_t *in)
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

/* ---- nkt: tools/relay/frames.js ---- */

enum { NKT_HELLO = 1, NKT_BROADCAST = 2, NKT_DIRECTED = 3, NKT_WELCOME = 0x81 };

static void nkt_opened(conn_t *conn)
{
    uint8_t hello[2 + 2 * ADDRESS_SIZE] = {NKT_HELLO, 2, 'b', 'e', 'n', 'c', 'h'};
    put_u32(hello + 2 + 16, dialect_room_size == 0 ? 0 : conn->index / dialect_room_size);
    hello[2 + ADDRESS_SIZE] = 'a';
    put_u32(hello + 2 + ADDRESS_SIZE + 16, conn->index);
    conn_send(conn, OPCODE_BINARY, hello, sizeof hello, NULL, 0);
}

static void nkt_message(conn_t *conn, unsigned opcode, const uint8_t *bytes, size_t size)
{
    size_t at = bytes[0] == NKT_DIRECTED ? 1 + ADDRESS_SIZE : 1;
    if (opcode != OPCODE_BINARY || size == 0)
        return;
    if (bytes[0] == NKT_WELCOME)
        load_ready(conn);
    else if ((bytes[0] == NKT_BROADCAST || bytes[0] == NKT_DIRECTED) && size >= at + 4)
        load_got(conn, get_u32(bytes + at));
}

static void nkt_broadcast(conn_t *conn, uint32_t number, size_t size)
{
    uint8_t head[5] = {NKT_BROADCAST};
    put_u32(head + 1, number);
    conn_send(conn, OPCODE_BINARY, head, sizeof head, padding(), size - sizeof head);
}

static void nkt_directed(conn_t *conn, uint32_t to, uint32_t number, size_t size)
{
    uint8_t head[1 + ADDRESS_SIZE + 4] = {NKT_DIRECTED, 'a'};
    put_u32(head + 1 + 16, to);
    put_u32(head + 1 + ADDRESS_SIZE, number);
    conn_send(conn, OPCODE_BINARY, head, sizeof head, padding(), size - sizeof head);
}

const dialect_t dialect_nkt = {
    .handlers = {.path = "/relay", .opened = nkt_opened, .message = nkt_message, .closed = load_lost},
    .broadcast = nkt_broadcast,
    .directed = nkt_directed,
};

/* ---- socket.io 4 over its WebSocket transport: tools/bench/relay_rival.mjs ---- */

static const char sio_start[] = "42[\"m\",{\"n\":\"", sio_middle[] = "\",\"d\":\"", sio_end[] = "\"}]";
enum { NUMBER_DIGITS = 10 };

static void sio_opened(conn_t *conn)
{
    (void)conn; /* the server speaks first */
}

static void sio_message(conn_t *conn, unsigned opcode, const uint8_t *bytes, size_t size)
{
    if (opcode != OPCODE_TEXT || size == 0)
        return;
    if (bytes[0] == '0') {
        conn_send(conn, OPCODE_TEXT, "40", 2, NULL, 0);
    } else if (bytes[0] == '2') {
        conn_send(conn, OPCODE_TEXT, "3", 1, NULL, 0);
    } else if (size >= 2 && bytes[0] == '4' && bytes[1] == '0') {
        char join[64];
        int join_size = snprintf(join, sizeof join, "42[\"j\",\"c%u\"]", conn->index);
        conn_send(conn, OPCODE_TEXT, join, (size_t)join_size, NULL, 0);
    } else if (size >= 5 && memcmp(bytes, "42[\"r", 5) == 0) {
        load_ready(conn);
    } else if (size > sizeof sio_start + NUMBER_DIGITS && memcmp(bytes, sio_start, sizeof sio_start - 1) == 0) {
        load_got(conn, (uint32_t)strtoul((const char *)bytes + sizeof sio_start - 1, NULL, 10));
    }
}

static void sio_send(conn_t *conn, const char *start, uint32_t number, size_t size)
{
    char head[128];
    int head_size = snprintf(head, sizeof head, "%s%010u%s", start, number, sio_middle);
    static char body[PADDING_SIZE];
    size_t body_size = size - (size_t)head_size;
    memcpy(body, padding(), body_size);
    memcpy(body + body_size - (sizeof sio_end - 1), sio_end, sizeof sio_end - 1);
    conn_send(conn, OPCODE_TEXT, head, (size_t)head_size, body, body_size);
}

static void sio_broadcast(conn_t *conn, uint32_t number, size_t size)
{
    sio_send(conn, sio_start, number, size);
}

static void sio_directed(conn_t *conn, uint32_t to, uint32_t number, size_t size)
{
    char start[64];
    snprintf(start, sizeof start, "42[\"d\",\"c%u\",{\"n\":\"", to);
    sio_send(conn, start, number, size);
}

const dialect_t dialect_socket_io = {
    .handlers = {.path = "/socket.io/?EIO=4&transport=websocket",
                 .opened = sio_opened,
                 .message = sio_message,
                 .closed = load_lost},
    .broadcast = sio_broadcast,
    .directed = sio_directed,
};

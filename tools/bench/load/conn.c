/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 1024, READ_SIZE = 256 * 1024, DIRTY_MAX = 16384, STALLED_BUFFER_SIZE = 4096 };

static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};

static struct {
    const conn_handlers_t *handlers;
    int epoll;
    conn_t *dirty[DIRTY_MAX];
    size_t dirty_count;
    uint8_t read_buffer[READ_SIZE];
} conns;

int conns_init(const conn_handlers_t *handlers)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return -1;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) < 0)
        return -1;
    conns.handlers = handlers;
    conns.epoll = epoll_create1(0);
    return conns.epoll < 0 ? -1 : 0;
}

static void watch(conn_t *conn, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = conn};
    epoll_ctl(conns.epoll, operation, conn->fd, &event);
}

int conn_open(conn_t *conn, uint32_t index, uint16_t port)
{
    *conn = (conn_t){.index = index, .state = CONN_CONNECTING};
    conn->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (conn->fd < 0)
        return -1;
    int on = 1;
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(port)};
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(conn->fd, (struct sockaddr *)&where, sizeof where) < 0 && errno != EINPROGRESS)
        return -1;
    watch(conn, EPOLL_CTL_ADD, EPOLLOUT);
    return 0;
}

static void reserve(uint8_t **bytes, size_t *room, size_t needed)
{
    if (needed <= *room)
        return;
    *room = needed < 1024 ? 1024 : needed * 2;
    *bytes = realloc(*bytes, *room);
    if (*bytes == NULL) {
        fputs("load: out of memory\n", stderr);
        exit(1);
    }
}

static void append(conn_t *conn, const void *bytes, size_t size)
{
    reserve(&conn->out, &conn->out_room, conn->out_size + size);
    memcpy(conn->out + conn->out_size, bytes, size);
    conn->out_size += size;
    if (!conn->dirty && conns.dirty_count < DIRTY_MAX) {
        conn->dirty = 1;
        conns.dirty[conns.dirty_count++] = conn;
    }
}

static void append_masked(conn_t *conn, const uint8_t *bytes, size_t size, size_t phase)
{
    size_t at = conn->out_size;
    append(conn, bytes, size);
    for (size_t i = 0; i < size; i++)
        conn->out[at + i] ^= mask[(phase + i) & 3];
}

void conn_send(conn_t *conn, unsigned opcode, const void *head, size_t head_size, const void *body, size_t body_size)
{
    size_t size = head_size + body_size;
    uint8_t start[8] = {(uint8_t)(0x80 | opcode), (uint8_t)(0x80 | size)};
    size_t start_size = 2;
    if (size >= 126) {
        start[1] = 0x80 | 126; /* the relay takes 64 KiB; nothing here is longer than 65535 */
        start[2] = (uint8_t)(size >> 8);
        start[3] = (uint8_t)size;
        start_size = 4;
    }
    memcpy(start + start_size, mask, sizeof mask);
    append(conn, start, start_size + sizeof mask);
    append_masked(conn, head, head_size, 0);
    append_masked(conn, body, body_size, head_size);
}

static void lost(conn_t *conn)
{
    if (conn->state == CONN_CLOSED)
        return;
    conn_reset(conn);
    conns.handlers->closed(conn);
}

void conn_reset(conn_t *conn)
{
    if (conn->state == CONN_CLOSED)
        return;
    conn->state = CONN_CLOSED;
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(conn->fd);
    free(conn->in);
    free(conn->out);
    conn->in = conn->out = NULL;
    conn->in_size = conn->in_room = conn->out_size = conn->out_room = 0;
}

static void conn_write(conn_t *conn)
{
    conn->dirty = 0;
    if (conn->state == CONN_CLOSED || conn->out_size == 0)
        return;
    ssize_t written = send(conn->fd, conn->out, conn->out_size, MSG_NOSIGNAL);
    if (written < 0 && errno != EAGAIN) {
        lost(conn);
        return;
    }
    size_t done = written < 0 ? 0 : (size_t)written;
    int was_behind = done == conn->out_size;
    memmove(conn->out, conn->out + done, conn->out_size - done);
    conn->out_size -= done;
    if (!was_behind) /* the relay reads slower than we write: go on when it takes more */
        watch(conn, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

void conns_flush(void)
{
    size_t count = conns.dirty_count;
    conns.dirty_count = 0;
    for (size_t i = 0; i < count; i++)
        conn_write(conns.dirty[i]);
}

void conn_stall(conn_t *conn)
{
    int size = STALLED_BUFFER_SIZE;
    setsockopt(conn->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    watch(conn, EPOLL_CTL_MOD, 0); /* errors and hang-ups are told all the same */
}

static void upgrade(conn_t *conn)
{
    char text[512];
    int size = snprintf(text, sizeof text,
                        "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                        conns.handlers->path);
    conn->state = CONN_UPGRADING;
    append(conn, text, (size_t)size);
    watch(conn, EPOLL_CTL_MOD, EPOLLIN);
}

/* One whole frame from the start of the bytes, or none: how much was taken. */
static size_t take_frame(conn_t *conn, const uint8_t *bytes, size_t size)
{
    if (size < 2)
        return 0;
    size_t head = 2, length = bytes[1];
    if (length == 126) {
        if (size < 4)
            return 0;
        head = 4;
        length = (size_t)bytes[2] << 8 | bytes[3];
    } else if (length == 127) {
        if (size < 10)
            return 0;
        head = 10;
        length = (size_t)bytes[6] << 24 | (size_t)bytes[7] << 16 | (size_t)bytes[8] << 8 | bytes[9];
    }
    if (size < head + length)
        return 0;
    unsigned opcode = bytes[0] & 15;
    if (opcode == OPCODE_PING)
        conn_send(conn, OPCODE_PONG, bytes + head, length, NULL, 0);
    else if (opcode == OPCODE_TEXT || opcode == OPCODE_BINARY)
        conns.handlers->message(conn, opcode, bytes + head, length);
    return head + length;
}

static size_t take_upgrade(conn_t *conn, const uint8_t *bytes, size_t size)
{
    const uint8_t *end = memmem(bytes, size, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    if (size < 12 || memcmp(bytes, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "load: refused: %.*s\n", size < 40 ? (int)size : 40, (const char *)bytes);
        lost(conn);
        return 0;
    }
    conn->state = CONN_OPEN;
    conns.handlers->opened(conn);
    return (size_t)(end - bytes) + 4;
}

static void take(conn_t *conn, const uint8_t *bytes, size_t size)
{
    size_t at = 0;
    while (conn->state != CONN_CLOSED) {
        size_t taken = conn->state == CONN_UPGRADING ? take_upgrade(conn, bytes + at, size - at)
                                                     : take_frame(conn, bytes + at, size - at);
        if (taken == 0)
            break;
        at += taken;
    }
    if (conn->state == CONN_CLOSED)
        return;
    conn->in_size = size - at;
    reserve(&conn->in, &conn->in_room, conn->in_size);
    if (conn->in_size > 0)
        memmove(conn->in, bytes + at, conn->in_size);
}

static void conn_read(conn_t *conn)
{
    /* What was left of a frame goes in front of what comes. */
    if (conn->in_size > READ_SIZE / 2) {
        lost(conn);
        return;
    }
    if (conn->in_size > 0)
        memcpy(conns.read_buffer, conn->in, conn->in_size);
    ssize_t got = recv(conn->fd, conns.read_buffer + conn->in_size, READ_SIZE - conn->in_size, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        lost(conn);
    else if (got > 0)
        take(conn, conns.read_buffer, conn->in_size + (size_t)got);
}

void conns_turn(int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    conns_flush();
    int count = epoll_wait(conns.epoll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++) {
        conn_t *conn = events[i].data.ptr;
        uint32_t what = events[i].events;
        if (conn->state == CONN_CLOSED)
            continue;
        if (what & (EPOLLERR | EPOLLHUP)) {
            lost(conn);
        } else if (conn->state == CONN_CONNECTING) {
            upgrade(conn);
        } else {
            if (what & EPOLLOUT) {
                watch(conn, EPOLL_CTL_MOD, EPOLLIN);
                conn_write(conn);
            }
            if (conn->state != CONN_CLOSED && (what & EPOLLIN))
                conn_read(conn);
        }
    }
    conns_flush();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a relay costs at least: C over epoll, one room, broadcasts alone. It knows nothing but HELLO and BROADCAST, trusts
 * everybody, and has no limits; it is the measure of tools/relay, and nothing that one could run. What one turn brings is
 * joined once and leaves in one system call per socket, as there. `--gather N`: waits for N frames, 3 ms at most, as a
 * busy room does there. Prints `limit: http://localhost:PORT pid PID`.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    CLIENTS_MAX = 16384, EVENTS_MAX = 1024, READ_SIZE = 64 * 1024, BATCH_SIZE = 1 << 20, OWN_MAX = 256, GATHER_NS = 3000000,
    OPCODE_BINARY = 2, OPCODE_CLOSE = 8, OPCODE_PING = 9, HELLO = 1, BROADCAST = 2, WELCOME = 0x81
};

/* What of the batch is its own: not to be written to it. */
typedef struct piece {
    uint32_t start, end;
} piece_t;

typedef struct client {
    int fd, is_upgraded, is_member;
    uint8_t *left, *out; /* of a frame that is not whole, of a write that was not taken */
    size_t left_size, out_size;
    piece_t *own;
    size_t own_count;
} client_t;

static struct {
    int epoll, listener;
    client_t clients[CLIENTS_MAX]; /* by file descriptor */
    client_t *members[CLIENTS_MAX];
    size_t member_count;
    uint8_t batch[BATCH_SIZE], read_buffer[2 * READ_SIZE + 1024];
    size_t batch_size, batch_count;
} relay;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void watch(client_t *client, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = client};
    epoll_ctl(relay.epoll, operation, client->fd, &event);
}

static void drop(client_t *client)
{
    if (client->fd == 0)
        return;
    close(client->fd);
    for (size_t i = 0; i < relay.member_count; i++) {
        if (relay.members[i] == client) {
            relay.members[i] = relay.members[--relay.member_count];
            break;
        }
    }
    free(client->left);
    free(client->out);
    free(client->own);
    *client = (client_t){0};
}

static void keep(uint8_t **kept, size_t *kept_size, const uint8_t *bytes, size_t size)
{
    uint8_t *all = realloc(*kept, *kept_size + size + 1);
    if (all == NULL)
        abort();
    memcpy(all + *kept_size, bytes, size);
    *kept = all;
    *kept_size += size;
}

/* Writes what it takes, and keeps the rest. */
static void write_pieces(client_t *client, struct iovec *pieces, size_t count)
{
    size_t done = 0;
    if (client->out_size == 0) {
        struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
        ssize_t written = sendmsg(client->fd, &message, MSG_NOSIGNAL);
        if (written < 0 && errno != EAGAIN) {
            drop(client);
            return;
        }
        done = written < 0 ? 0 : (size_t)written;
    }
    size_t before = client->out_size;
    for (size_t i = 0; i < count; i++) {
        size_t skipped = done < pieces[i].iov_len ? done : pieces[i].iov_len;
        done -= skipped;
        if (skipped < pieces[i].iov_len)
            keep(&client->out, &client->out_size, (uint8_t *)pieces[i].iov_base + skipped, pieces[i].iov_len - skipped);
    }
    if (before == 0 && client->out_size > 0)
        watch(client, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

static void write_one(client_t *client, const void *bytes, size_t size)
{
    struct iovec piece = {.iov_base = (void *)bytes, .iov_len = size};
    write_pieces(client, &piece, 1);
}

static void write_batch(void)
{
    for (size_t i = relay.member_count; i-- > 0;) {
        client_t *client = relay.members[i];
        struct iovec pieces[OWN_MAX + 1];
        size_t count = 0, at = 0;
        for (size_t own = 0; own < client->own_count; own++) {
            if (client->own[own].start > at)
                pieces[count++] = (struct iovec){relay.batch + at, client->own[own].start - at};
            at = client->own[own].end;
        }
        if (at < relay.batch_size)
            pieces[count++] = (struct iovec){relay.batch + at, relay.batch_size - at};
        client->own_count = 0;
        if (count > 0)
            write_pieces(client, pieces, count);
    }
    relay.batch_size = relay.batch_count = 0;
}

static void broadcast(client_t *client, const uint8_t *payload, size_t size)
{
    if (relay.batch_size + size + 4 > BATCH_SIZE || client->own_count == OWN_MAX)
        write_batch();
    uint8_t *out = relay.batch + relay.batch_size;
    size_t head = size < 126 ? 2 : 4;
    out[0] = 0x80 | OPCODE_BINARY;
    out[1] = size < 126 ? (uint8_t)size : 126;
    if (head == 4) {
        out[2] = (uint8_t)(size >> 8);
        out[3] = (uint8_t)size;
    }
    memcpy(out + head, payload, size);
    uint32_t start = (uint32_t)relay.batch_size;
    relay.batch_size += head + size;
    relay.batch_count++;
    if (client->own == NULL)
        client->own = malloc(OWN_MAX * sizeof *client->own);
    if (client->own == NULL)
        abort();
    client->own[client->own_count++] = (piece_t){start, (uint32_t)relay.batch_size};
}

/* The generator's key is that of RFC 6455, and so is the answer. */
static size_t take_upgrade(client_t *client, const uint8_t *bytes, size_t size)
{
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    const uint8_t *end = memmem(bytes, size, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    client->is_upgraded = 1;
    write_one(client, answer, sizeof answer - 1);
    return (size_t)(end - bytes) + 4;
}

static void take_message(client_t *client, const uint8_t *payload, size_t size)
{
    static const uint8_t welcome[] = {0x80 | OPCODE_BINARY, 6, WELCOME, 2, 0, 0, 0, 0};
    if (size > 0 && payload[0] == BROADCAST) {
        broadcast(client, payload, size);
    } else if (size > 0 && payload[0] == HELLO && !client->is_member) {
        client->is_member = 1;
        relay.members[relay.member_count++] = client;
        write_one(client, welcome, sizeof welcome);
    }
}

/* One whole masked frame from the start of the bytes, or none: how much was taken. */
static size_t take_frame(client_t *client, uint8_t *bytes, size_t size)
{
    if (size < 6)
        return 0;
    size_t head = 6, length = bytes[1] & 127;
    if (length == 126) {
        if (size < 8)
            return 0;
        head = 8;
        length = (size_t)bytes[2] << 8 | bytes[3];
    }
    if (length > READ_SIZE || size < head + length)
        return 0;
    const uint8_t *mask = bytes + head - 4;
    uint8_t *payload = bytes + head;
    for (size_t i = 0; i < length; i++)
        payload[i] ^= mask[i & 3];
    if ((bytes[0] & 15) == OPCODE_BINARY)
        take_message(client, payload, length);
    return head + length;
}

static void read_client(client_t *client)
{
    uint8_t *bytes = relay.read_buffer;
    if (client->left_size > 0)
        memcpy(bytes, client->left, client->left_size);
    ssize_t got = recv(client->fd, bytes + client->left_size, READ_SIZE, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        drop(client);
        return;
    }
    if (got < 0)
        return;
    size_t size = client->left_size + (size_t)got, at = 0, taken = 1;
    client->left_size = 0;
    while (taken > 0 && client->fd != 0) {
        taken = client->is_upgraded ? take_frame(client, bytes + at, size - at) : take_upgrade(client, bytes + at, size - at);
        at += taken;
    }
    if (client->fd != 0 && at < size)
        keep(&client->left, &client->left_size, bytes + at, size - at);
}

static void write_rest(client_t *client)
{
    uint8_t *bytes = client->out;
    size_t size = client->out_size;
    client->out = NULL;
    client->out_size = 0;
    watch(client, EPOLL_CTL_MOD, EPOLLIN);
    write_one(client, bytes, size);
    free(bytes);
}

static void take_connections(void)
{
    for (int fd; (fd = accept4(relay.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (fd >= CLIENTS_MAX) {
            close(fd);
            continue;
        }
        relay.clients[fd] = (client_t){.fd = fd};
        watch(&relay.clients[fd], EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void turn(int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(relay.epoll, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++) {
        client_t *client = events[i].data.ptr;
        if (client == NULL)
            take_connections();
        else if (client->fd != 0 && (events[i].events & EPOLLOUT))
            write_rest(client);
        if (client != NULL && client->fd != 0 && (events[i].events & ~(uint32_t)EPOLLOUT))
            read_client(client);
    }
}

static int listen_on_loopback(void)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    relay.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    relay.epoll = epoll_create1(0);
    if (relay.listener < 0 || bind(relay.listener, (struct sockaddr *)&where, size) < 0 || listen(relay.listener, 4096) < 0 ||
        getsockname(relay.listener, (struct sockaddr *)&where, &size) < 0)
        return -1;
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(relay.epoll, EPOLL_CTL_ADD, relay.listener, &event);
    printf("limit: http://localhost:%u pid %d\n", ntohs(where.sin_port), (int)getpid());
    return fflush(stdout);
}

int main(int argc, char **argv)
{
    size_t gathered = argc == 3 && strcmp(argv[1], "--gather") == 0 ? (size_t)atoi(argv[2]) : 0;
    if (listen_on_loopback() < 0) {
        perror("limit");
        return 1;
    }
    for (;;) {
        turn(-1);
        uint64_t end = now_ns() + GATHER_NS;
        while (relay.batch_count > 0 && relay.batch_count < gathered && now_ns() < end)
            turn(1);
        if (relay.batch_count > 0)
            write_batch();
    }
}

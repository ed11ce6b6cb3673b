/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A load for relays: clients over real sockets in one process. It connects all, then
 *   --mode window    keeps --window messages under way for --seconds; one is done when all its receivers have it
 *   --mode rate      offers --rate messages a second for --seconds
 *   --mode stall     as window, while one more client in the room reads nothing, until --bytes were offered to it
 *   --mode idle      holds them until its input ends
 * and prints one line of JSON. --directed: each message to one client instead of to all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "dialect.h"
#include "figures.h"

enum { CLIENTS_MAX = 16384, PORTS_MAX = 8, PENDING_MAX = 256, UNDER_WAY_MAX = 1 << 16 };
static const uint64_t SECOND = 1000000000u, CONNECT_LIMIT = 60 * SECOND, DRAIN_LIMIT = 5 * SECOND;

typedef struct message {
    uint32_t number, left;
    uint64_t sent_ns;
} message_t;

static struct {
    const dialect_t *dialect;
    const char *mode;
    uint16_t ports[PORTS_MAX];
    uint32_t port_count, clients, window, rate, size;
    int directed, pid;
    double seconds, warm_seconds;
    uint64_t offered_max;
} options = {.mode = "window", .clients = 10, .window = 32, .rate = 100, .size = 300, .seconds = 1, .warm_seconds = 0.3};

static struct {
    conn_t conns[CLIENTS_MAX];
    uint32_t ready, lost, stalled; /* stalled: one more than its index; 0 for none */
    message_t messages[UNDER_WAY_MAX];
    uint32_t next, done, excess;
    int is_measuring, is_window, is_ending, was_cut;
    uint64_t received, expected, sent;
    figures_t latency;
} load;

void load_ready(conn_t *conn)
{
    if (conn->state == CONN_OPEN)
        load.ready++;
    conn->state = CONN_READY;
}

void load_lost(conn_t *conn)
{
    if (conn->index + 1 == load.stalled)
        load.was_cut = 1;
    else
        load.lost++;
}

static uint32_t receivers(void)
{
    return options.directed ? 1 : options.clients - 1 - (load.stalled != 0);
}

static void send_next(void)
{
    uint32_t number = load.next++;
    message_t *message = &load.messages[number % UNDER_WAY_MAX];
    *message = (message_t){.number = number, .left = receivers(), .sent_ns = now_ns()};
    uint32_t talkers = options.clients - (load.stalled != 0); /* the last one is who stalls */
    conn_t *from = &load.conns[number % talkers];
    if (options.directed)
        options.dialect->directed(from, (from->index + options.clients / 2) % options.clients, number, options.size);
    else
        options.dialect->broadcast(from, number, options.size);
    if (load.is_measuring) {
        load.sent++;
        load.expected += message->left;
    }
}

void load_got(conn_t *conn, uint32_t number)
{
    if (conn->index + 1 == load.stalled)
        return;
    message_t *message = &load.messages[number % UNDER_WAY_MAX];
    if (message->number != number || message->left == 0) {
        load.excess++;
        return;
    }
    if (load.is_measuring) {
        load.received++;
        figures_note(&load.latency, now_ns() - message->sent_ns);
    }
    if (--message->left > 0)
        return;
    load.done++;
    if (load.is_window && !load.is_ending)
        send_next();
}

static int connect_all(void)
{
    uint64_t end = now_ns() + CONNECT_LIMIT;
    uint32_t opened = 0;
    while (load.ready < options.clients && now_ns() < end && load.lost == 0) {
        while (opened < options.clients && opened - load.ready < PENDING_MAX) {
            if (conn_open(&load.conns[opened], opened, options.ports[opened % options.port_count]) < 0) {
                perror("load: connect");
                return -1;
            }
            opened++;
        }
        conns_turn(100);
    }
    if (load.ready == options.clients)
        return 0;
    fprintf(stderr, "load: %u of %u connected, %u lost\n", load.ready, options.clients, load.lost);
    return -1;
}

/* Answers pings until there is nothing more to read on the input. */
static void idle(double connect_seconds)
{
    printf("{\"connected\":%u,\"connect_seconds\":%.3f}\n", load.ready, connect_seconds);
    fflush(stdout);
    for (;;) {
        conns_turn(50);
        fd_set in;
        FD_ZERO(&in);
        FD_SET(0, &in);
        struct timeval none = {0};
        char byte;
        if (select(1, &in, NULL, NULL, &none) > 0 && read(0, &byte, 1) <= 0)
            return;
    }
}

static void run_window(void)
{
    load.is_window = 1;
    for (uint32_t i = 0; i < options.window; i++)
        send_next();
    uint64_t measure = now_ns() + (uint64_t)(options.warm_seconds * 1e9);
    while (now_ns() < measure)
        conns_turn(20);
}

/* Sends what is due by now. */
static void offer(uint64_t start_ns, uint64_t *offered)
{
    uint64_t due = (uint64_t)((double)(now_ns() - start_ns) * options.rate / 1e9);
    for (; *offered < due; ++*offered)
        send_next();
}

static void drain(void)
{
    load.is_ending = 1;
    uint64_t end = now_ns() + DRAIN_LIMIT;
    while (load.done < load.next && now_ns() < end)
        conns_turn(20);
}

static void measure(void)
{
    double cpu = cpu_seconds(options.pid);
    uint64_t start = now_ns(), end = start + (uint64_t)(options.seconds * 1e9), offered = 0;
    load.is_measuring = 1;
    if (options.offered_max > 0) {
        uint64_t until = load.next + options.offered_max / options.size;
        while (load.next < until && now_ns() < start + CONNECT_LIMIT && load.lost == 0)
            conns_turn(20);
    } else if (load.is_window) {
        while (now_ns() < end)
            conns_turn(20);
    } else {
        while (now_ns() < end) {
            offer(start, &offered);
            conns_turn(options.rate > 1000 ? 0 : 1);
        }
    }
    double seconds = (double)(now_ns() - start) / 1e9;
    cpu = cpu_seconds(options.pid) - cpu;
    if (load.is_window)
        load.is_measuring = 0; /* the end of a window is not full */
    drain();
    load.is_measuring = 0;
    printf("{\"seconds\":%.3f,\"sent\":%lu,\"received\":%lu,\"expected\":%lu,\"per_second\":%.0f,\"p50_us\":%.1f,"
           "\"p99_us\":%.1f,\"max_us\":%.1f,\"relay_cpu_seconds\":%.3f,\"unfinished\":%u,\"excess\":%u,\"lost\":%u,"
           "\"cut\":%s}\n",
           seconds, load.sent, load.received, load.expected, (double)load.received / seconds,
           (double)figures_quantile(&load.latency, 0.5) / 1e3, (double)figures_quantile(&load.latency, 0.99) / 1e3,
           (double)load.latency.max / 1e3, cpu, load.next - load.done, load.excess, load.lost,
           load.was_cut ? "true" : "false");
}

static void read_ports(char *text)
{
    for (char *port = strtok(text, ","); port != NULL && options.port_count < PORTS_MAX; port = strtok(NULL, ","))
        options.ports[options.port_count++] = (uint16_t)atoi(port);
}

static int read_option(const char *name, char *value)
{
    if (strcmp(name, "--dialect") == 0)
        options.dialect = strcmp(value, "nkt") == 0 ? &dialect_nkt : &dialect_socket_io;
    else if (strcmp(name, "--mode") == 0)
        options.mode = value;
    else if (strcmp(name, "--ports") == 0)
        read_ports(value);
    else if (strcmp(name, "--clients") == 0)
        options.clients = (uint32_t)atoi(value);
    else if (strcmp(name, "--window") == 0)
        options.window = (uint32_t)atoi(value);
    else if (strcmp(name, "--rate") == 0)
        options.rate = (uint32_t)atoi(value);
    else if (strcmp(name, "--size") == 0)
        options.size = (uint32_t)atoi(value);
    else if (strcmp(name, "--seconds") == 0)
        options.seconds = atof(value);
    else if (strcmp(name, "--bytes") == 0)
        options.offered_max = strtoull(value, NULL, 10);
    else if (strcmp(name, "--pid") == 0)
        options.pid = atoi(value);
    else if (strcmp(name, "--directed") == 0)
        options.directed = atoi(value);
    else if (strcmp(name, "--room-size") == 0)
        dialect_room_size = (uint32_t)atoi(value);
    else
        return -1;
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (read_option(argv[i], argv[i + 1]) < 0) {
            fprintf(stderr, "load: what is %s?\n", argv[i]);
            return 2;
        }
    }
    if (options.dialect == NULL || options.port_count == 0 || options.clients < 2 || options.clients > CLIENTS_MAX ||
        options.size < 100 || options.size > 60000 || options.window > UNDER_WAY_MAX / 2) {
        fputs("load: --dialect nkt|socket.io --ports P[,P] --clients 2..16384 --size 100..60000 are needed\n", stderr);
        return 2;
    }
    uint64_t start = now_ns();
    if (conns_init(&options.dialect->handlers) < 0 || connect_all() < 0)
        return 1;
    double connect_seconds = (double)(now_ns() - start) / 1e9;
    if (strcmp(options.mode, "idle") == 0) {
        idle(connect_seconds);
    } else {
        if (strcmp(options.mode, "stall") == 0) {
            load.stalled = options.clients;
            conn_stall(&load.conns[options.clients - 1]);
        }
        if (strcmp(options.mode, "rate") != 0)
            run_window();
        measure();
    }
    for (uint32_t i = 0; i < options.clients; i++)
        conn_reset(&load.conns[i]);
    return 0;
}

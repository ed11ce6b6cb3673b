/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "overlay/sdp.h"

#include <string.h>

#include "overlay/signal.h"

enum { TYPE_HOST = 0, TYPE_SRFLX = 1, TYPE_RELAY = 2, TYPE_COUNT = 3 };
enum { FAMILY_IPV4 = 0x10, FAMILY_IPV6 = 0x20, FAMILY_MDNS = 0x30, FAMILY_MASK = 0xf0 };
enum { SETUP_COUNT = 3, ADDRESS_SIZE_MAX = 16, UUID_TEXT_SIZE = 36, SCAN_COUNT_MAX = 4 * NKT_SDP_CANDIDATE_COUNT_MAX };

static const char *const type_names[TYPE_COUNT] = {"host", "srflx", "relay"};
static const char *const setup_names[SETUP_COUNT] = {"actpass", "active", "passive"};
static const char local_suffix[] = ".local";

typedef struct candidate {
    uint8_t kind; /* type | family */
    uint8_t address[ADDRESS_SIZE_MAX];
    uint16_t port;
    uint8_t is_loopback;
} candidate_t;

typedef struct description {
    uint8_t setup;
    const char *texts[3]; /* ufrag, pwd, mid */
    size_t text_sizes[3];
    uint8_t fingerprint[NKT_FINGERPRINT_SIZE];
    candidate_t candidates[SCAN_COUNT_MAX];
    size_t count;
} description_t;

static size_t address_size(uint8_t kind)
{
    switch (kind & FAMILY_MASK) {
    case FAMILY_IPV4:
        return 4;
    case FAMILY_IPV6:
    case FAMILY_MDNS:
        return ADDRESS_SIZE_MAX;
    default:
        return 0;
    }
}

/* ---- reading text ---- */

typedef struct span {
    const char *text;
    size_t size;
} span_t;

static int span_is(span_t span, const char *text)
{
    return span.size == strlen(text) && memcmp(span.text, text, span.size) == 0;
}

/* The characters of ice-char: RFC 8839, 5.1. */
static int is_ice_text(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/'))
            return 0;
    }
    return 1;
}

/* RFC 8839, 5.4: a ufrag has at least 4 characters, a pwd at least 22. */
static int is_sizes_ok(const size_t sizes[3])
{
    return sizes[0] >= 4 && sizes[0] <= NKT_SDP_TEXT_SIZE_MAX && sizes[1] >= 22 && sizes[1] <= NKT_SDP_TEXT_SIZE_MAX &&
           sizes[2] >= 1 && sizes[2] <= NKT_SDP_MID_SIZE_MAX;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* A number up to max at *at, at most `digits_max` digits; advances. -1: none. */
static long number_read(span_t span, size_t *at, int base, int digits_max, long max)
{
    long value = 0;
    int digits = 0;
    for (; *at < span.size && digit_of(span.text[*at]) < base; (*at)++) {
        value = value * base + digit_of(span.text[*at]);
        if (++digits > digits_max)
            return -1;
    }
    return digits == 0 || value > max ? -1 : value;
}

static int ipv4_read(span_t span, uint8_t out[4])
{
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        long value = number_read(span, &at, 10, 3, 255);
        if (value < 0 || (i < 3 && (at >= span.size || span.text[at++] != '.')))
            return 0;
        out[i] = (uint8_t)value;
    }
    return at == span.size;
}

/* Groups of hexadecimal digits, one "::" for as many zero groups as are missing. No zone, no IPv4 tail. */
static int ipv6_read(span_t span, uint8_t out[16])
{
    uint8_t groups[16] = {0};
    size_t at = 0, count = 0, gap = SIZE_MAX;
    if (span.size >= 2 && memcmp(span.text, "::", 2) == 0) {
        gap = 0;
        at = 2;
    }
    while (at < span.size) {
        long value = count == 8 ? -1 : number_read(span, &at, 16, 4, 0xffff);
        if (value < 0)
            return 0;
        groups[count * 2] = (uint8_t)(value >> 8);
        groups[count++ * 2 + 1] = (uint8_t)value;
        if (at == span.size)
            break;
        if (span.text[at++] != ':' || at == span.size)
            return 0;
        if (span.text[at] == ':') {
            if (gap != SIZE_MAX)
                return 0;
            gap = count;
            at++;
        }
    }
    if (gap == SIZE_MAX ? count != 8 : count > 7)
        return 0;
    size_t head = gap == SIZE_MAX ? 8 : gap, tail = count - head * (gap != SIZE_MAX);
    memset(out, 0, 16);
    memcpy(out, groups, head * 2);
    if (gap != SIZE_MAX)
        memcpy(out + 16 - tail * 2, groups + gap * 2, tail * 2);
    return 1;
}

/* What browsers give in place of a host's address: a random UUID, and ".local". */
static int mdns_read(span_t span, uint8_t out[16])
{
    size_t at = 0, suffix = sizeof local_suffix - 1;
    if (span.size != UUID_TEXT_SIZE + suffix || memcmp(span.text + UUID_TEXT_SIZE, local_suffix, suffix) != 0)
        return 0;
    for (size_t i = 0; i < 16; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && span.text[at++] != '-')
            return 0;
        int high = digit_of(span.text[at]), low = digit_of(span.text[at + 1]);
        if (high > 15 || low > 15)
            return 0;
        out[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    return 1;
}

static span_t word_next(span_t *rest)
{
    while (rest->size > 0 && *rest->text == ' ') {
        rest->text++;
        rest->size--;
    }
    span_t word = {.text = rest->text};
    while (word.size < rest->size && rest->text[word.size] != ' ')
        word.size++;
    rest->text += word.size;
    rest->size -= word.size;
    return word;
}

/* RFC 8839, 5.1: "foundation component transport priority address port typ TYPE ..."; what is of no use is left out. */
static void candidate_read(description_t *out, span_t rest)
{
    span_t words[8];
    size_t at = 0;
    candidate_t found = {.kind = TYPE_COUNT};
    for (int i = 0; i < 8; i++)
        words[i] = word_next(&rest);
    for (int type = 0; type < TYPE_COUNT; type++) {
        if (span_is(words[7], type_names[type]))
            found.kind = (uint8_t)type;
    }
    int is_udp = span_is(words[2], "udp") || span_is(words[2], "UDP");
    long port = number_read(words[5], &at, 10, 5, 65535);
    if (out->count == SCAN_COUNT_MAX || found.kind == TYPE_COUNT || !is_udp || !span_is(words[1], "1") ||
        !span_is(words[6], "typ") || port <= 0 || at != words[5].size)
        return;
    if (ipv4_read(words[4], found.address)) {
        found.kind |= FAMILY_IPV4;
        found.is_loopback = found.address[0] == 127;
    } else if (ipv6_read(words[4], found.address)) {
        found.kind |= FAMILY_IPV6;
        found.is_loopback = nkt_is_zero(found.address, 15) && found.address[15] == 1;
    } else if (mdns_read(words[4], found.address)) {
        found.kind |= FAMILY_MDNS;
    } else {
        return;
    }
    found.port = (uint16_t)port;
    out->candidates[out->count++] = found;
}

/* If the line begins so: what follows. */
static int line_has(span_t line, const char *prefix, span_t *value)
{
    size_t size = strlen(prefix);
    if (line.size < size || memcmp(line.text, prefix, size) != 0)
        return 0;
    *value = (span_t){.text = line.text + size, .size = line.size - size};
    return 1;
}

static int line_read(description_t *out, span_t line)
{
    static const char *const names[] = {"a=ice-ufrag:", "a=ice-pwd:", "a=mid:"};
    span_t value;
    for (int i = 0; i < 3; i++) {
        if (!line_has(line, names[i], &value))
            continue;
        if (out->texts[i] != NULL && (out->text_sizes[i] != value.size || memcmp(out->texts[i], value.text, value.size) != 0))
            return 0;
        out->texts[i] = value.text;
        out->text_sizes[i] = value.size;
    }
    if (line_has(line, "a=setup:", &value)) {
        out->setup = 0;
        while (out->setup < SETUP_COUNT && !span_is(value, setup_names[out->setup]))
            out->setup++;
    }
    if (line_has(line, "a=candidate:", &value))
        candidate_read(out, value);
    /* RFC 8841, section 5; what is built anew speaks of this port alone */
    return !line_has(line, "a=sctp-port:", &value) || span_is(value, "5000");
}

static int text_read(description_t *out, const char *sdp, size_t size)
{
    *out = (description_t){.setup = SETUP_COUNT};
    for (size_t at = 0; at < size;) {
        span_t line = {.text = sdp + at};
        while (at + line.size < size && line.text[line.size] != '\n')
            line.size++;
        at += line.size + 1;
        while (line.size > 0 && (line.text[line.size - 1] == '\r' || line.text[line.size - 1] == ' '))
            line.size--;
        if (!line_read(out, line))
            return 0;
    }
    for (int i = 0; i < 3; i++) {
        if (out->texts[i] == NULL || !is_ice_text(out->texts[i], out->text_sizes[i]))
            return 0;
    }
    return out->setup < SETUP_COUNT && is_sizes_ok(out->text_sizes) &&
           nkt_sdp_fingerprint(sdp, size, out->fingerprint) == NKT_OK;
}

/* Those that reach further first: a host may have more addresses than there is room for. */
static size_t candidates_choose(const description_t *from, candidate_t chosen[NKT_SDP_CANDIDATE_COUNT_MAX])
{
    size_t count = 0, distant_count = 0;
    for (size_t i = 0; i < from->count; i++)
        distant_count += !from->candidates[i].is_loopback;
    for (int is_host = 0; is_host <= 1; is_host++) {
        size_t max = is_host ? NKT_SDP_CANDIDATE_COUNT_MAX : NKT_SDP_CANDIDATE_COUNT_MAX / 2;
        for (size_t i = 0; i < from->count && count < max; i++) {
            const candidate_t *one = &from->candidates[i];
            if (((one->kind & ~FAMILY_MASK) == TYPE_HOST) == is_host && (!one->is_loopback || distant_count == 0))
                chosen[count++] = *one;
        }
    }
    return count;
}

int nkt_sdp_pack(nkt_buf_t *out, const char *sdp, size_t size)
{
    description_t from;
    candidate_t chosen[NKT_SDP_CANDIDATE_COUNT_MAX];
    if (size > NKT_SDP_SIZE_MAX || !text_read(&from, sdp, size))
        return NKT_E_PAYLOAD;
    size_t count = candidates_choose(&from, chosen);
    nkt_buf_clear(out);
    int err = nkt_buf_append_u8(out, from.setup);
    for (int i = 0; err == NKT_OK && i < 3; i++) {
        err = nkt_buf_append_u8(out, (uint8_t)from.text_sizes[i]);
        if (err == NKT_OK)
            err = nkt_buf_append(out, from.texts[i], from.text_sizes[i]);
    }
    if (err == NKT_OK)
        err = nkt_buf_append(out, from.fingerprint, sizeof from.fingerprint);
    if (err == NKT_OK)
        err = nkt_buf_append_u8(out, (uint8_t)count);
    for (size_t i = 0; err == NKT_OK && i < count; i++) {
        const uint8_t port[2] = {(uint8_t)(chosen[i].port >> 8), (uint8_t)chosen[i].port};
        err = nkt_buf_append_u8(out, chosen[i].kind);
        if (err == NKT_OK)
            err = nkt_buf_append(out, chosen[i].address, address_size(chosen[i].kind));
        if (err == NKT_OK)
            err = nkt_buf_append(out, port, sizeof port);
    }
    return err;
}

/* ---- reading bytes ---- */

typedef struct cursor {
    const uint8_t *at, *end;
} cursor_t;

/* The next bytes, or NULL. */
static const uint8_t *take(cursor_t *cursor, size_t size)
{
    if ((size_t)(cursor->end - cursor->at) < size)
        return NULL;
    const uint8_t *bytes = cursor->at;
    cursor->at += size;
    return bytes;
}

static int candidate_take(cursor_t *cursor, candidate_t *out)
{
    const uint8_t *kind = take(cursor, 1);
    size_t size = kind == NULL ? 0 : address_size(*kind);
    if (size == 0 || (*kind & ~FAMILY_MASK) >= TYPE_COUNT)
        return 0;
    const uint8_t *address = take(cursor, size), *port = take(cursor, 2);
    if (address == NULL || port == NULL)
        return 0;
    out->kind = *kind;
    memcpy(out->address, address, size);
    out->port = (uint16_t)(port[0] << 8 | port[1]);
    return out->port != 0;
}

static int bytes_read(description_t *out, const uint8_t *bytes, size_t size)
{
    cursor_t cursor = {.at = bytes, .end = bytes + size};
    const uint8_t *byte = take(&cursor, 1);
    *out = (description_t){.setup = byte == NULL ? SETUP_COUNT : *byte};
    if (out->setup >= SETUP_COUNT)
        return 0;
    for (int i = 0; i < 3; i++) {
        byte = take(&cursor, 1);
        const uint8_t *text = byte == NULL ? NULL : take(&cursor, *byte);
        if (text == NULL || !is_ice_text((const char *)text, *byte))
            return 0;
        out->texts[i] = (const char *)text;
        out->text_sizes[i] = *byte;
    }
    const uint8_t *fingerprint = take(&cursor, NKT_FINGERPRINT_SIZE);
    byte = take(&cursor, 1);
    if (!is_sizes_ok(out->text_sizes) || fingerprint == NULL || byte == NULL || *byte > NKT_SDP_CANDIDATE_COUNT_MAX)
        return 0;
    memcpy(out->fingerprint, fingerprint, NKT_FINGERPRINT_SIZE);
    out->count = *byte;
    for (size_t i = 0; i < out->count; i++) {
        if (!candidate_take(&cursor, &out->candidates[i]))
            return 0;
    }
    return cursor.at == cursor.end;
}

/* ---- writing text ---- */

/** Text on its way into a buffer; what fails is remembered. */
typedef struct writer {
    nkt_buf_t *out;
    int err;
} writer_t;

static void put(writer_t *writer, const char *text, size_t size)
{
    if (writer->err == NKT_OK)
        writer->err = nkt_buf_append(writer->out, text, size);
}

static void put_text(writer_t *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static void put_number(writer_t *writer, uint32_t value)
{
    char digits[10];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put(writer, digits + at, sizeof digits - at);
}

static void put_hex(writer_t *writer, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < size; i++)
        put(writer, (const char[2]){digits[bytes[i] >> 4], digits[bytes[i] & 15]}, 2);
}

static void put_address(writer_t *writer, const candidate_t *one)
{
    size_t size = address_size(one->kind);
    for (size_t i = 0; i < size;) {
        int is_ipv4 = size == 4, is_mdns = (one->kind & FAMILY_MASK) == FAMILY_MDNS;
        int is_group = is_mdns ? i == 4 || i == 6 || i == 8 || i == 10 : i > 0;
        if (is_group)
            put_text(writer, is_ipv4 ? "." : is_mdns ? "-" : ":");
        if (is_ipv4)
            put_number(writer, one->address[i]);
        else
            put_hex(writer, one->address + i, is_mdns ? 1 : 2);
        i += is_ipv4 || is_mdns ? 1 : 2;
    }
    if ((one->kind & FAMILY_MASK) == FAMILY_MDNS)
        put_text(writer, local_suffix);
}

static void put_candidate(writer_t *writer, const candidate_t *one, uint32_t index)
{
    static const uint32_t preferences[TYPE_COUNT] = {126, 100, 0}; /* RFC 8445, 5.1.2.2 */
    uint8_t type = one->kind & (uint8_t)~FAMILY_MASK;
    put_text(writer, "a=candidate:");
    put_number(writer, index + 1);
    put_text(writer, " 1 udp ");
    put_number(writer, preferences[type] << 24 | (65535 - index) << 8 | 255);
    put_text(writer, " ");
    put_address(writer, one);
    put_text(writer, " ");
    put_number(writer, one->port);
    put_text(writer, " typ ");
    put_text(writer, type_names[type]);
    if (type != TYPE_HOST)
        put_text(writer, (one->kind & FAMILY_MASK) == FAMILY_IPV6 ? " raddr :: rport 0" : " raddr 0.0.0.0 rport 0");
    put_text(writer, "\r\n");
}

int nkt_sdp_unpack(nkt_buf_t *out, const uint8_t *bytes, size_t size)
{
    description_t from;
    if (!bytes_read(&from, bytes, size))
        return NKT_E_PAYLOAD;
    writer_t writer = {.out = out};
    nkt_buf_clear(out);
    put_text(&writer, "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE ");
    put(&writer, from.texts[2], from.text_sizes[2]);
    put_text(&writer, "\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n");
    for (size_t i = 0; i < from.count; i++)
        put_candidate(&writer, &from.candidates[i], (uint32_t)i);
    put_text(&writer, "a=ice-ufrag:");
    put(&writer, from.texts[0], from.text_sizes[0]);
    put_text(&writer, "\r\na=ice-pwd:");
    put(&writer, from.texts[1], from.text_sizes[1]);
    put_text(&writer, "\r\na=ice-options:trickle\r\na=fingerprint:sha-256 ");
    for (size_t i = 0; i < NKT_FINGERPRINT_SIZE; i++) {
        if (i > 0)
            put_text(&writer, ":");
        put_hex(&writer, from.fingerprint + i, 1);
    }
    put_text(&writer, "\r\na=setup:");
    put_text(&writer, setup_names[from.setup]);
    put_text(&writer, "\r\na=mid:");
    put(&writer, from.texts[2], from.text_sizes[2]);
    put_text(&writer, "\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n");
    return writer.err;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The description of an end, as Chromium writes it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rtc.h"

enum { SDP_SIZE_MAX = 1400 };

char *sim_rtc_describe(const sim_end_t *end)
{
    static const char hex[] = "0123456789ABCDEF";
    char print[SIM_FINGERPRINT_SIZE * 3];
    for (size_t i = 0; i < SIM_FINGERPRINT_SIZE; i++) {
        print[i * 3] = hex[end->fingerprint[i] >> 4];
        print[i * 3 + 1] = hex[end->fingerprint[i] & 15];
        print[i * 3 + 2] = ':';
    }
    print[sizeof print - 1] = '\0';
    char *sdp = sim_alloc(SDP_SIZE_MAX, 1);
    snprintf(sdp, SDP_SIZE_MAX,
             "v=0\r\no=- 46117317%u 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\n"
             "a=msid-semantic: WMS\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
             "a=candidate:1 1 udp 2113937151 6f8a0f2c-0000-4000-8000-%012x.local 50000 typ host generation 0 "
             "network-cost 999\r\na=candidate:2 1 udp 1677729535 203.0.113.7 50000 typ srflx raddr 0.0.0.0 rport 0 "
             "generation 0 network-cost 999\r\na=ice-ufrag:%08x\r\na=ice-pwd:0123456789abcdef01234567\r\n"
             "a=ice-options:trickle\r\na=fingerprint:sha-256 %s\r\na=setup:%s\r\na=mid:0\r\na=sctp-port:5000\r\n"
             "a=max-message-size:262144\r\n",
             end->id, end->id, end->id, print, end->has_remote ? "active" : "actpass");
    return sdp;
}

static const char *after(const char *sdp, const char *name)
{
    const char *at = strstr(sdp, name);
    return at == NULL ? NULL : at + strlen(name);
}

int sim_rtc_parse(const char *sdp, size_t size, uint32_t *id, uint8_t fingerprint[SIM_FINGERPRINT_SIZE])
{
    char text[SDP_SIZE_MAX] = {0};
    if (size >= sizeof text)
        return 0;
    memcpy(text, sdp, size);
    const char *fragment = after(text, "a=ice-ufrag:");
    const char *print = after(text, "a=fingerprint:sha-256 ");
    if (fragment == NULL || print == NULL || strlen(print) < SIM_FINGERPRINT_SIZE * 3)
        return 0;
    *id = (uint32_t)strtoul(fragment, NULL, 16);
    for (size_t i = 0; i < SIM_FINGERPRINT_SIZE; i++)
        fingerprint[i] = (uint8_t)strtoul(print + i * 3, NULL, 16);
    return 1;
}

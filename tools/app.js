// SPDX-License-Identifier: GPL-3.0-or-later
// The page and the relay, in one light process: `node tools/app.js`.
//   PORT             3000; 0 takes a free one
//   HOST             none: loopback only. 0.0.0.0 or :: opens it to other machines
//   NKT_ORIGINS      further origins whose pages may use the relay, comma separated, or *
//   NKT_FRAMES       sites that may show the page in a frame, as origins, comma separated; else none may
//   NKT_PROXY        1: behind a reverse proxy of ours, whose X-Forwarded-For says who connects
//   NKT_TRACKERS     trackers the page is told of; else ours on TRACKER_PORT (8000; 0: none)
//   NKT_ICE_SERVERS  STUN and TURN servers the page is told of, as JSON; else none
//   NKT_TURN_URLS    TURN servers whose passwords are made here, comma separated, with the NKT_TURN_SECRET that coturn knows as its
//                    static-auth-secret; each password holds for NKT_TURN_SECONDS (3600)
//   NKT_LIMITS       limits that are to differ (relay/limits.js), as JSON
//   NKT_PLAIN        1: the page's modules as they are, to develop with, instead of its bundle
//   NATS_URL         nats://host:4222, or several: all relays with the same are one
//   METRICS_PORT     /healthz and /metrics; none without it. METRICS_HOST: loopback
//   NKT_LOG          plain, time or json (log.js)
import { pageFiles } from './relay/page.js';
import { runRelay } from './relay/run.js';

runRelay(pageFiles);

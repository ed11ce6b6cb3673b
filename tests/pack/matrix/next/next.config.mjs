// SPDX-License-Identifier: GPL-3.0-or-later
export default { distDir: process.env.NKT_DIST, devIndicators: false };

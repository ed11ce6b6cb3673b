// SPDX-License-Identifier: GPL-3.0-or-later
export const metadata = { title: 'a peer in a client component' };

export default function Layout({ children }) {
  return <html lang="en"><head><link rel="icon" href="data:," /></head><body>{children}</body></html>;
}

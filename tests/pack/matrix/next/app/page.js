// SPDX-License-Identifier: GPL-3.0-or-later
// A client component, which Next renders on its server first: nothing of it may begin there.
'use client';
import { useEffect } from 'react';
import { Nkt } from 'nkt';
import { useNkt } from 'nkt/react';

export default function Page() {
  const { status } = useNkt(null);
  useEffect(() => {
    import('../main.js');
  }, []);
  return <main data-status={status}>{typeof Nkt}</main>;
}

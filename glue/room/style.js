// SPDX-License-Identifier: GPL-3.0-or-later
/** How <nkt-room> looks, where the page says nothing else: custom properties of its own, and a ::part for each piece. */

export const STYLE = `
:host {
  --text: var(--nkt-text, #1c2b2d); --muted: var(--nkt-muted, #56676a); --back: var(--nkt-background, #fffefb);
  --border: var(--nkt-border, #87979a); --accent: var(--nkt-accent, #0b6e63); --accent-text: var(--nkt-accent-text, #fff);
  display: block; block-size: var(--nkt-height, 24rem); max-block-size: 100%; min-block-size: 12rem;
  font: var(--nkt-font, 1rem/1.4 system-ui, sans-serif); color: var(--text);
}
@media (prefers-color-scheme: dark) {
  :host {
    --text: var(--nkt-text, #e6eeee); --muted: var(--nkt-muted, #a3b3b5); --back: var(--nkt-background, #1a2224);
    --border: var(--nkt-border, #6f8083); --accent: var(--nkt-accent, #6fd3c4); --accent-text: var(--nkt-accent-text, #10201f);
  }
}
:host([hidden]) { display: none; }
[hidden] { display: none !important; }
* { box-sizing: border-box; }
.room {
  display: flex; flex-direction: column; block-size: 100%; overflow: hidden; background: var(--back);
  border: 1px solid var(--border); border-radius: var(--nkt-radius, .5rem);
}
.status { margin: 0; padding: .4rem .8rem 0; color: var(--muted); font-size: .875em; }
.people {
  display: flex; flex-wrap: wrap; gap: .2rem .8rem; margin: 0; padding: .2rem .8rem .4rem; list-style: none;
  max-block-size: 4.5em; overflow: auto;
}
.people li { max-inline-size: 12em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: .875em; }
.messages { flex: 1; padding: .5rem .8rem; overflow: auto; border-block: 1px solid var(--border); }
.messages p { margin: 0; margin-block: .2rem; overflow-wrap: anywhere; white-space: pre-wrap; }
.author { font-weight: 600; color: var(--accent); unicode-bidi: isolate; }
.text { unicode-bidi: isolate; }
.state, time { color: var(--muted); font-size: .8em; }
.note { color: var(--muted); font-style: italic; }
form { display: flex; gap: .5rem; padding: .5rem .8rem; }
label { flex: 1; }
label span { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
input, button { font: inherit; padding: .45rem .7rem; border-radius: .35rem; min-block-size: 2.5rem; }
input { inline-size: 100%; color: inherit; background: transparent; border: 1px solid var(--border); }
.save { min-block-size: 1.8rem; padding: .1rem .5rem; font-size: .875em; }
button:disabled { opacity: .6; cursor: progress; }
button { color: var(--accent-text); background: var(--accent); border: 1px solid var(--accent); cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;

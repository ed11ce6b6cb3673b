// SPDX-License-Identifier: GPL-3.0-or-later
// A board on which everybody in the room draws, in a colour of his own. Each one's strokes are his state, so who comes later sees them.
// With the keyboard: arrows move a pen, Space puts it down and lifts it.

import '../words_whiteboard.js';
import { el, soon } from '../dom.js';
import { hueOf } from '../names.js';
import { texts } from '../texts.js';

const WIDTH = 400;
const HEIGHT = 300;
const POINT_COUNT_MAX = 1500; // of one person: about 12 of the 16 KB that state takes; the oldest strokes go
const STEP = 8; // of an arrow
const NEAR = 3; // closer points are one
const PAINT_MS = 16; // anybody may change what is his as often as he likes: painted once for many changes
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

const clamp = (value, max) => Math.min(max, Math.max(0, Math.round(value)));

/** What others say are strokes: lists of x, y, x, y ... */
function strokesOf(said) {
  let room = POINT_COUNT_MAX;
  const isStroke = (stroke) => Array.isArray(stroke) && stroke.length >= 2 && (room -= stroke.length / 2) >= 0
    && stroke.every(Number.isFinite);
  return Array.isArray(said) ? said.filter(isStroke) : [];
}

export default {
  name: 'whiteboard',
  init(nkt, { signal, state, ui }) {
    const canvas = el('canvas', {
      width: WIDTH, height: HEIGHT, className: 'whiteboard', tabIndex: 0, role: 'img', 'aria-label': texts.whiteboardHelp,
    });
    const pen = canvas.getContext('2d');
    let stroke = null;
    let at = [WIDTH / 2, HEIGHT / 2];

    /** All strokes of one person are one path: thousands of short ones take no longer than a few long ones. */
    function draw(strokes, from) {
      const look = getComputedStyle(canvas); // as his avatar, in the light and in the dark
      pen.strokeStyle = `oklch(${look.getPropertyValue('--hue-ink')} .15 ${15 + 36 * Number(hueOf(from))})`;
      pen.lineWidth = 3;
      pen.lineCap = pen.lineJoin = 'round';
      pen.beginPath();
      for (const points of strokes) {
        pen.moveTo(clamp(points[0], WIDTH), clamp(points[1], HEIGHT));
        for (let i = 0; i + 1 < points.length; i += 2) pen.lineTo(clamp(points[i], WIDTH), clamp(points[i + 1], HEIGHT));
      }
      pen.stroke();
    }
    const paint = soon(() => {
      pen.clearRect(0, 0, WIDTH, HEIGHT);
      const all = [...state.all('strokes')].map(([from, strokes]) => [from, strokesOf(strokes)]);
      for (const [from, strokes] of all) draw(strokes, from);
      if (stroke?.length) draw([stroke], nkt.mySwarm.address());
      pen.strokeStyle = getComputedStyle(canvas).color;
      if (document.activeElement === canvas) pen.strokeRect(at[0] - 3, at[1] - 3, 6, 6);
      canvas.dataset.strokes = String(all.reduce((sum, [, strokes]) => sum + strokes.length, 0));
    }, PAINT_MS);
    function move([x, y]) {
      at = [clamp(x, WIDTH), clamp(y, HEIGHT)];
      if (stroke && (stroke.length === 0 || Math.hypot(at[0] - stroke.at(-2), at[1] - stroke.at(-1)) >= NEAR)) stroke.push(...at);
      if (stroke?.length >= POINT_COUNT_MAX) lift();
      paint();
    }
    function lift() {
      if (!stroke?.length) return;
      const strokes = [...strokesOf(state.get('strokes')), stroke];
      stroke = null;
      while (strokes.length > 1 && strokes.reduce((sum, one) => sum + one.length / 2, 0) > POINT_COUNT_MAX) strokes.shift();
      state.set('strokes', strokes);
    }
    const place = ({ offsetX, offsetY }) => [offsetX * WIDTH / canvas.clientWidth, offsetY * HEIGHT / canvas.clientHeight];

    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      stroke = [];
      move(place(event));
    });
    canvas.addEventListener('pointermove', (event) => { if (stroke) move(place(event)); });
    for (const type of ['pointerup', 'pointercancel']) canvas.addEventListener(type, lift);
    canvas.addEventListener('keydown', (event) => {
      const step = ARROWS[event.key];
      if (!step && event.key !== ' ') return;
      event.preventDefault();
      if (step) return move([at[0] + step[0], at[1] + step[1]]);
      if (stroke) return lift();
      stroke = [];
      return move(at);
    });
    for (const type of ['focus', 'blur']) canvas.addEventListener(type, paint);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint, { signal });

    ui.panel.section({ title: texts.whiteboard }).append(canvas, el('p', { className: 'small', textContent: texts.whiteboardHelp }),
      el('button', { type: 'button', className: 'quiet', textContent: texts.whiteboardClear, onclick: () => state.delete('strokes') }));
    state.watch(paint);
    paint();
    signal.addEventListener('abort', () => { stroke = null; });
  },
};

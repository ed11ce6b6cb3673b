// SPDX-License-Identifier: GPL-3.0-or-later
// Says what is wrong when this page cannot run: a part of it that did not load, or a browser that lacks something. Before everything
// else, and no module: written so that old browsers run it as well. When not even this loads, the sentence in index.html shows.

(function check() {
  var SLOW_MS = 8000; // a part that has not come by then is told of; it is waited for all the same

  /** kind: 'fault' stays, 'look' stays unless there is worse, 'slow' goes when all is there (main.js). */
  function say(kind, text) {
    var place = document.getElementById('trouble');
    if (!place) { // not read as far as that yet
      document.addEventListener('readystatechange', function again() { say(kind, text); }, { once: true });
      return;
    }
    if (place.getAttribute('data-kind') === 'fault') return; // the first reason is the one that matters
    place.setAttribute('data-kind', kind);
    place.textContent = text;
    place.hidden = false;
  }

  function hasSimd() { // a function of one instruction that is part of it
    var module = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
    return WebAssembly.validate && WebAssembly.validate(new Uint8Array(module));
  }

  function lacking() {
    if (!('noModule' in document.createElement('script'))) return 'JavaScript modules';
    if (typeof WebAssembly !== 'object') return 'WebAssembly (a lockdown mode may have switched it off)';
    if (!hasSimd()) return 'SIMD in WebAssembly (as on processors without SSE 4.1)';
    if (typeof WebSocket !== 'function') return 'WebSockets';
    if (!window.crypto || !window.crypto.getRandomValues) return 'secure random numbers';
    if (typeof HTMLDialogElement !== 'function') return 'dialogs';
    if (!Object.hasOwn || !window.URL || !URL.canParse || !window.AbortSignal || !AbortSignal.timeout) return 'parts of JavaScript';
    return '';
  }

  function nameOf(element) {
    return (element.src || element.href || '').replace(location.origin, '');
  }

  var lack = lacking();
  if (lack) say('fault', 'This browser lacks ' + lack + ', which nkt needs. Use Chrome or Edge 120, Firefox 115, Safari 17, or newer.');

  window.addEventListener('error', function failed(event) { // those of elements do not bubble
    var element = event.target;
    if (element === window && !window.nkt) {
      say('fault', 'This page cannot start here (' + event.message + '). Reload it, or use a newer browser.');
    } else if (element.tagName === 'SCRIPT') {
      say('fault', 'A part of this page did not load (' + nameOf(element) + ' or what it needs). Is the server running? Reload the page to '
        + 'try again.');
    } else if (element.tagName === 'LINK' && element.rel === 'stylesheet') {
      say('look', 'The look of this page did not load (' + nameOf(element) + '). Everything works all the same; reload to try again.');
    }
  }, true);

  setTimeout(function slow() {
    var place = document.getElementById('trouble');
    if (!place || (!place.hasAttribute('data-ready') && !place.getAttribute('data-kind'))) {
      say('slow', 'A part of this page is not there yet. It is waited for; if nothing happens, reload the page.');
    }
  }, SLOW_MS);
}());

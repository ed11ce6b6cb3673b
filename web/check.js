// SPDX-License-Identifier: GPL-3.0-or-later
// Says what is wrong when this page cannot run: a part of it that did not load, or a browser that lacks something. Before everything
// else, and no module: written so that old browsers run it as well. When not even this loads, the sentence in index.html shows.

(function check() {
  var SLOW_MS = 8000; // a part that has not come by then is told of; it is waited for all the same

  var LANGUAGES = ['de', 'fr']; // besides English: texts_NAME.js, check_NAME.json

  /** % is what is meant. Another language's take their place when they come (check_NAME.json). */
  var words = {
    lack: 'This browser lacks %, which nkt needs. Use Chrome or Edge 120, Firefox 115, Safari 17, or newer.',
    modules: 'JavaScript modules',
    wasm: 'WebAssembly (a lockdown mode may have switched it off)',
    simd: 'SIMD in WebAssembly (as on processors without SSE 4.1)',
    sockets: 'WebSockets',
    random: 'secure random numbers',
    dialogs: 'dialogs',
    parts: 'parts of JavaScript',
    start: 'This page cannot start here (%). Reload it, or use a newer browser.',
    part: 'A part of this page did not load (% or what it needs). Is the server running? Reload the page to try again.',
    look: 'The look of this page did not load (%). Everything works all the same; reload to try again.',
    slow: 'A part of this page is not there yet. It is waited for; if nothing happens, reload the page.'
  };

  /** The language that the person chose in the settings, else the first of the browser's that is there. */
  function language() {
    var wanted = navigator.languages || [navigator.language || ''];
    var i;
    var one;
    try {
      one = localStorage.getItem('nkt.language');
    } catch (error) {
      one = ''; // blocked
    }
    if (one) wanted = [one];
    for (i = 0; i < wanted.length; i++) {
      one = wanted[i].toLowerCase().split('-')[0];
      if (one === 'en' || LANGUAGES.indexOf(one) >= 0) return one;
    }
    return 'en';
  }

  /** What texts.js is going to ask for is on its way at once, as are this file's own words. */
  function fetchWords(name) {
    var ahead = document.createElement('link');
    var request;
    document.documentElement.lang = name;
    if (name === 'en') return;
    ahead.rel = 'modulepreload';
    ahead.href = './texts_' + name + '.js';
    document.head.appendChild(ahead);
    request = new XMLHttpRequest();
    request.open('GET', './check_' + name + '.json');
    request.onload = function take() {
      if (request.status !== 200) return;
      words = JSON.parse(request.responseText);
      if (said) show();
    };
    request.send();
  }

  var said; // [kind, word, what is meant]

  /** kind: 'fault' stays, 'look' stays unless there is worse, 'slow' goes when all is there (main.js). */
  function say(kind, word, meant) {
    if (said && said[0] === 'fault') return; // the first reason is the one that matters
    said = [kind, word, meant];
    show();
  }

  function show() {
    var place = document.getElementById('trouble');
    var meant = said[2];
    if (!place) { // not read as far as that yet
      document.addEventListener('readystatechange', show, { once: true });
      return;
    }
    place.setAttribute('data-kind', said[0]);
    place.textContent = words[said[1]].replace('%', function put() { return words[meant] || meant; });
    place.hidden = false;
  }

  function hasSimd() { // a function of one instruction that is part of it
    var module = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
    return WebAssembly.validate && WebAssembly.validate(new Uint8Array(module));
  }

  function lacking() {
    if (!('noModule' in document.createElement('script'))) return 'modules';
    if (typeof WebAssembly !== 'object') return 'wasm';
    if (!hasSimd()) return 'simd';
    if (typeof WebSocket !== 'function') return 'sockets';
    if (!window.crypto || !window.crypto.getRandomValues) return 'random';
    if (typeof HTMLDialogElement !== 'function') return 'dialogs';
    if (!Object.hasOwn || !window.URL || !URL.canParse || !window.AbortSignal || !AbortSignal.timeout) return 'parts';
    return '';
  }

  function nameOf(element) {
    return (element.src || element.href || '').replace(location.origin, '');
  }

  var lack = lacking();
  fetchWords(language());
  if (lack) say('fault', 'lack', lack);

  window.addEventListener('error', function failed(event) { // those of elements do not bubble
    var element = event.target;
    if (element === window && !window.nkt) say('fault', 'start', event.message);
    else if (element.tagName === 'SCRIPT') say('fault', 'part', nameOf(element));
    else if (element.tagName === 'LINK' && element.rel === 'stylesheet') say('look', 'look', nameOf(element));
  }, true);

  setTimeout(function slow() {
    var place = document.getElementById('trouble');
    if (!said && (!place || !place.hasAttribute('data-ready'))) say('slow', 'slow');
  }, SLOW_MS);
}());

// The frame around the pages: which one is shown, the theme, the time window, the connection.
import {h, s, put, failed, loading} from './dom.js';
import * as format from './format.js';
import {ask} from './live.js';
import * as now from './now.js';
import * as learning from './learning.js';
import * as someone from './someone.js';
import * as models from './models.js';

const PAGES = [['now', 'Now', now], ['learning', 'Learning', learning], ['someone', 'Someone', someone], ['models', 'Models', models]];
const WINDOWS = [[120, '2 min'], [300, '5 min'], [900, '15 min'], [3600, '1 h'], [21600, '6 h']];
const find = id => document.getElementById(id);

const kept = {
  get: name => { try { return localStorage.getItem(`livepredict.${name}`); } catch { return null; } },
  set: (name, value) => { try { value === null ? localStorage.removeItem(`livepredict.${name}`) : localStorage.setItem(`livepredict.${name}`, value); } catch { /* it is only remembered for this page */ } },
};

const app = {
  seconds: Number(kept.get('window')) || 900,
  state: null,
  token: null,

  /** A state of the server, as it comes. */
  taken(state) {
    const targets = kinds => JSON.stringify(Object.values(kinds ?? {}).map(kind => kind.targets.map(target => [target.name, target.sum])));
    const before = targets(app.state?.kinds);
    app.state = {...app.state, ...state};
    notices();
    if (app.state && before !== targets(state.kinds) && app.shown) show(); // what is predicted has become known
  },

  connection(what, second) {
    const pill = find('connection');
    pill.className = `pill ${what === 'live' ? 'live' : 'lost'}`;
    const words = {live: ['Live', ` · ${format.clock((second ?? 0) * 1000)}`], lost: ['Disconnected', ' · trying again'], full: ['Too many pages', ' · close one']}[what];
    put(pill, h('span', {}, words[0]), h('span', {class: 'long'}, words[1]));
    app.connected = what;
    document.body.dataset.connection = what;
    notices();
  },

  kinds: () => Object.keys(app.state?.kinds ?? {}),
  targets: kind => app.state?.kinds?.[kind]?.targets ?? [],
  kept,
};

function notices() {
  const lines = [];
  if (app.connected === 'lost') lines.push(h('p', {class: 'notice bad'}, 'The console does not answer; what you see is as of the last moment it did. It is asked again every few seconds.'));
  for (const [program, answers] of Object.entries(app.state?.programs ?? {})) {
    if (!answers) lines.push(h('p', {class: 'notice'}, `${program} does not answer: figures that only it knows are missing.`));
  }
  for (const [topic, trouble] of Object.entries(app.state?.troubles ?? {})) {
    if (!(/(oracle|alerts|outlook)$/.test(topic) && /does not exist/.test(trouble))) lines.push(h('p', {class: 'notice'}, `Topic ${topic} ${trouble}`));
  }
  const box = find('notices');
  const text = lines.map(line => line.textContent).join('\n');
  if (box.dataset.text !== text) {
    box.dataset.text = text;
    put(box, lines.slice(0, 4));
  }
}

function address() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [page, ...parts] = path.split('/').map(part => { try { return decodeURIComponent(part); } catch { return part; } });
  return {page: page || 'now', parts, query: new URLSearchParams(query ?? '')};
}

function show() {
  const at = address();
  const [name, title, page] = PAGES.find(each => each[0] === at.page) ?? PAGES[0];
  app.shown?.();
  app.shown = null;
  put(find('pages'), PAGES.map(([key, label]) => h('a', {href: `#/${key}`, 'aria-current': key === name ? 'page' : null}, label)));
  document.title = `${title} · LivePredict`;
  document.body.dataset.page = name;
  const main = put(find('main'));
  app.shown = page.show(main, app, at.parts, at.query) ?? (() => {});
}

function theme() {
  const chosen = kept.get('theme');
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  chosen ? document.documentElement.setAttribute('data-theme', chosen) : document.documentElement.removeAttribute('data-theme');
  const dark = (chosen ?? system) === 'dark';
  const button = find('theme');
  button.setAttribute('aria-label', dark ? 'Light theme' : 'Dark theme');
  button.title = dark ? 'Light theme' : 'Dark theme';
  put(button, s('svg', {viewBox: '0 0 24 24', width: 18, height: 18, fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linecap': 'round', 'aria-hidden': 'true'},
    dark ? [s('circle', {cx: 12, cy: 12, r: 4.5}), s('path', {d: 'M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5'})]
      : s('path', {d: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z'})));
  return dark ? 'light' : 'dark';
}

async function start() {
  let other = theme();
  find('theme').addEventListener('click', () => {
    kept.set('theme', other);
    other = theme();
    if (app.state) show();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { other = theme(); if (app.state) show(); });
  const select = find('window');
  put(select, WINDOWS.map(([seconds, words]) => h('option', {value: seconds, selected: seconds === app.seconds}, words)));
  select.addEventListener('change', () => {
    app.seconds = Number(select.value);
    kept.set('window', select.value);
    show();
  });
  addEventListener('hashchange', () => {
    if (!app.state) return;
    show();
    find('main').focus();
  });
  put(find('main'), loading('Looking for the console …'));
  for (;;) {
    try {
      const state = await ask('api/state');
      app.token = state.token;
      app.state = state;
      break;
    } catch (error) {
      put(find('main'), failed(error.message));
      app.connection('lost');
      await new Promise(resolve => setTimeout(resolve, 2000));
    }
  }
  show();
}

start();

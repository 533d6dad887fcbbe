// The page Someone: one viewer or player: what is expected of them, why, and what came of it.
import {h, s, put, update, empty, loading, scrolled, failed} from './dom.js';
import * as format from './format.js';
import {ask, Live} from './live.js';
import {TimeChart, percentages} from './chart.js';

export function show(main, app, parts) {
  const kinds = app.kinds();
  const kind = kinds.includes(parts[0]) ? parts[0] : kinds[0];
  const id = parts[1] ?? '';
  const field = finder(app, kind, id);
  const switcher = kinds.length > 1 ? h('nav', {class: 'choice', 'aria-label': 'Who'}, kinds.map(each =>
    h('a', {href: `#/someone/${each}`, 'aria-current': each === kind ? 'true' : null}, each === 'viewer' ? 'Viewers' : 'Players'))) : null;
  const head = h('div', {class: 'head'}, h('h1', {class: 'break'}, id || 'Someone'), h('p', {class: 'about'}), h('div', {class: 'end'}, switcher, field.element));
  put(main, head);
  if (!id) {
    const live = new Live(app, {series: 'rate.', rooms: kind, by: app.targets(kind)[0]?.name});
    const some = h('div', {}, loading());
    main.append(h('section', {class: 'card'}, h('header', {}, h('h2', {}, 'Who is it about?')),
      h('p', {class: 'muted'}, `Search by any part of an id above, or take one of those who are likeliest to do something now.`), some));
    live.on('rooms', () => update(some, live.rooms.likeliest.length === 0 ? empty('Nobody has been seen yet', 'They appear with their first prediction.')
      : h('p', {class: 'chips'}, live.rooms.likeliest.map(each => h('a', {class: 'chip', href: `#/someone/${kind}/${encodeURIComponent(each.id)}`}, each.id, h('b', {}, `${format.score(each.score, app.targets(kind).find(target => target.name === live.rooms.by)?.sum)} ${live.rooms.by}`))))));
    return () => { live.close(); field.close(); };
  }

  const targets = app.targets(kind);
  const live = new Live(app, {series: 'quality.rate.', kind, entity: id});
  const about = head.querySelector('.about');
  const scores = h('div', {}, loading());
  const moments = h('div', {}, loading());
  const known = h('div', {}, loading('Asking the streams app …'));
  const span = () => {
    const list = live.entity?.moments ?? [];
    const begin = (list[0]?.eventTime ?? 0) / 1000, end = (list.at(-1)?.eventTime ?? 0) / 1000;
    return end - begin < 20 ? [begin - 10, end + 10] : [begin - 2, end + 2];
  };
  const column = (place, wanted) => ({entity}) => (entity?.moments ?? []).map(moment => (wanted(moment, place) ? moment.scores[place] ?? null : null));
  const timeline = new TimeChart({title: 'What was expected', unit: 'probability, %, at each event; a filled mark came true, a hollow one did not', height: 260, min: 0, figure: format.percent, labels: percentages, span,
    nothing: 'No prediction of theirs was seen lately.',
    series: targets.flatMap((target, place) => {
      if (target.sum) return [];
      const k = [1, 4, 3, 5, 6, 7, 8][place % 7];
      return [
        {name: target.name, label: target.name, k, points: true, span: true, width: 1.8, values: column(place, () => true)},
        {name: `${target.name} came true`, label: `${target.name} came true`, of: target.name, k, scatter: true, size: 11, values: column(place, moment => moment.labels[place] === 1)},
        {name: `${target.name} did not`, label: `${target.name} did not`, of: target.name, k, scatter: true, hollow: true, size: 9, values: column(place, moment => moment.labels[place] === 0)},
      ];
    })});
  main.append(
    h('section', {class: 'card', 'aria-labelledby': 'scores-title'}, h('header', {}, h('h2', {id: 'scores-title'}, 'What is expected, and why'), h('span', {class: 'unit', id: 'scores-unit'})), scores, h('p', {class: 'muted small foot'}, 'The number beside a reason is what it adds to the logit of the score, or to a sum itself; orange raises it, blue lowers it.')),
    timeline.element,
    h('div', {class: 'grid'},
      h('section', {class: 'card two-thirds'}, h('header', {}, h('h2', {}, 'Events and scores'), h('span', {class: 'unit'}, 'newest first; what came of them is known one horizon later')), moments),
      h('section', {class: 'card third'}, h('header', {}, h('h2', {}, 'What the streams app knows')), known)));

  live.on('entity', () => {
    const entity = live.entity;
    if (!entity.moments) {
      about.textContent = `${kind}; not seen lately`;
      update(scores, empty('Not seen lately', `No prediction of this ${kind} is held here; the console keeps the last moments of those who were active last. They appear with their next event.`));
      update(moments, empty('No events', 'They appear with the next one.'));
      timeline.draw({times: [], column: () => []});
      return;
    }
    const last = entity.moments.at(-1);
    about.textContent = `${kind} · ${entity.context || 'nowhere'} · last scored event ${last.type}, ${format.ago(last.eventTime, entity.at)}`;
    document.getElementById('scores-unit').textContent = `as of ${format.clock(last.eventTime)}, model ${format.version(last.version)}`;
    update(scores, h('div', {class: 'scores'}, entity.targets.map((target, place) => score(live, entity, target, place))));
    update(moments, table(entity));
    const times = entity.moments.map(moment => moment.eventTime / 1000);
    timeline.draw({times, entity});
  });
  let timer;
  const inquire = async () => {
    try {
      update(known, facts(await ask(`api/ask?kind=${kind}&id=${encodeURIComponent(id)}`)));
    } catch (error) {
      update(known, empty(error.status === 404 ? 'Nothing more is known' : 'It can’t be asked', error.message));
    }
    timer = setTimeout(inquire, 3000);
  };
  inquire();
  return () => {
    live.close();
    field.close();
    timeline.close();
    clearTimeout(timer);
  };
}

/** The last score of a target, the base rate beside it, and the newest reasons. */
function score(live, entity, target, place) {
  const scored = entity.moments.findLast(moment => moment.scores[place] !== null);
  const explained = entity.moments.findLast(moment => (moment.reasons[place] ?? []).length > 0);
  const rate = live.now(`quality.rate.${target.name}`);
  const value = scored?.scores[place] ?? null;
  const most = 1.1 * Math.max(0.05, ...(explained?.reasons[place] ?? []).map(reason => Math.abs(reason.contribution)));
  return h('section', {class: 'score', 'aria-label': target.name},
    h('div', {class: 'line'}, h('h3', {}, target.name, ' ', h('span', {class: 'muted'}, target.horizonMillis ? `within ${format.duration(target.horizonMillis)}` : '')),
      h('b', {}, format.score(value, target.sum))),
    target.sum ? null : s('svg', {class: 'meter', viewBox: '0 0 100 10', preserveAspectRatio: 'none', role: 'img', 'aria-label': `${format.percent(value)} %, usual are ${format.percent(rate)} %`},
      s('rect', {class: 'track', width: 100, height: 10}), s('rect', {class: 'fill', width: 100 * (value ?? 0), height: 10}),
      rate === null ? null : s('line', {class: 'rate', x1: 100 * rate, x2: 100 * rate, y1: 0, y2: 10, 'vector-effect': 'non-scaling-stroke'})),
    h('p', {class: 'muted small'}, rate === null ? 'how usual it is, is not known yet' : `${target.sum ? 'usual' : 'usual (line)'}: ${format.score(rate, target.sum)}`,
      explained ? ` · reasons of ${format.clock(explained.eventTime)}, when it was ${format.score(explained.scores[place], target.sum)}` : ''),
    explained ? h('ul', {class: 'reasons'}, explained.reasons[place].map(reason => h('li', {},
      h('span', {}, reason.words),
      s('svg', {viewBox: '0 0 86 10', 'aria-hidden': 'true'}, s('line', {class: 'zero', x1: 43, x2: 43, y1: 0, y2: 10}),
        s('rect', {class: reason.contribution > 0 ? 'up' : 'down', y: 1, height: 8, rx: 1.5, width: (42 * Math.abs(reason.contribution)) / most, x: reason.contribution > 0 ? 43 : 43 - (42 * Math.abs(reason.contribution)) / most})),
      h('span', {class: 'right nowrap'}, format.signed(reason.contribution), h('span', {class: 'hidden'}, reason.contribution > 0 ? ' raises it' : ' lowers it')))))
      : h('p', {class: 'muted small'}, 'No reasons were computed lately; score.explain says for which scores they are.'));
}

function table(entity) {
  return scrolled('Events and scores', h('table', {},
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Time'), h('th', {scope: 'col'}, 'Event'), h('th', {scope: 'col'}, 'Where'),
      entity.targets.map(target => h('th', {scope: 'col', class: 'number'}, target.sum ? target.name : `${target.name}, %`)), h('th', {scope: 'col', class: 'number'}, 'Model'))),
    h('tbody', {}, [...entity.moments].reverse().slice(0, 20).map(moment => h('tr', {},
      h('td', {class: 'nowrap'}, format.clock(moment.eventTime)), h('td', {}, h('span', {class: 'chip'}, moment.type)), h('td', {class: 'break'}, moment.context),
      entity.targets.map(({sum}, place) => h('td', {class: 'number nowrap'}, sum ? format.figure(moment.scores[place]) : format.percent(moment.scores[place]), outcome(moment.labels[place], sum))),
      h('td', {class: 'number'}, format.version(moment.version)))))));
}

function outcome(label, sum) {
  if (label === null || label === undefined) return null;
  return sum ? ` (${format.figure(label)})` : label === 1 ? h('span', {class: 'kgood', title: 'it came true'}, ' ●', h('span', {class: 'hidden'}, 'came true'))
    : h('span', {class: 'muted', title: 'it did not'}, ' ○', h('span', {class: 'hidden'}, 'did not'));
}

/** What the API of the streams app says. */
function facts(entity) {
  const known = entity.known ?? {};
  const time = text => (text ? format.date(Date.parse(text)) : '–');
  const features = (entity.features ?? []).filter(feature => feature.value !== 0).slice(0, 200);
  return [
    h('dl', {class: 'facts'},
      h('dt', {}, 'First seen'), h('dd', {}, time(known.first_event)), h('dt', {}, 'Last event'), h('dd', {}, time(known.last_event)),
      h('dt', {}, 'Events'), h('dd', {}, format.count(known.events)),
      known.session ? [h('dt', {}, 'Session'), h('dd', {}, `${format.count(known.session.events)} events since ${time(known.session.since)}; number ${format.count(known.session.sessions)}`)] : null,
      h('dt', {}, 'Open predictions'), h('dd', {}, format.count((entity.open_snapshots ?? []).length)),
      entity.source ? [h('dt', {}, 'Told by'), h('dd', {}, `${entity.source.instance}, ${entity.source.role}`)] : null),
    h('details', {}, h('summary', {}, `${format.count(features.length)} features that are not zero`),
      scrolled('Features', h('table', {}, h('tbody', {}, features.map(feature => h('tr', {}, h('td', {class: 'small'}, feature.words), h('td', {class: 'number'}, format.figure(feature.value)))))))),
  ];
}

/** A search field with suggestions: a combobox. */
function finder(app, kind, id) {
  const list = h('ul', {role: 'listbox', id: 'found', hidden: true, 'aria-label': 'Found'});
  const input = h('input', {type: 'search', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'found', 'aria-autocomplete': 'list', autocomplete: 'off', spellcheck: 'false',
    'aria-label': `Search a ${kind ?? 'viewer'} by id`, placeholder: `Search a ${kind ?? 'viewer'} by id`, value: id});
  const element = h('div', {class: 'search'}, input, list);
  let found = [], at = -1, asked = 0;
  const go = each => { if (each) location.hash = `#/someone/${kind}/${encodeURIComponent(each)}`; };
  const tell = () => {
    put(list, found.length === 0 ? h('li', {role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false', class: 'muted'}, 'Nobody who was active lately; Enter asks for exactly this id')
      : found.map((each, i) => h('li', {role: 'option', id: `found-${i}`, 'aria-selected': String(i === at), onmousedown: event => { event.preventDefault(); go(each); }}, each)));
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    at >= 0 ? input.setAttribute('aria-activedescendant', `found-${at}`) : input.removeAttribute('aria-activedescendant');
  };
  const close = () => { list.hidden = true; at = -1; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
  input.addEventListener('input', async () => {
    const turn = ++asked;
    if (!input.value) return close();
    try {
      const answer = await ask(`api/search?kind=${kind}&text=${encodeURIComponent(input.value)}`);
      if (turn === asked) { found = answer.ids; at = -1; tell(); }
    } catch { /* the header says that the console does not answer */ }
  });
  input.addEventListener('keydown', event => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (found.length > 0) { at = (at + (event.key === 'ArrowDown' ? 1 : -1) + found.length) % found.length; tell(); }
    } else if (event.key === 'Enter') go(at >= 0 ? found[at] : input.value);
    else if (event.key === 'Escape') close();
  });
  input.addEventListener('blur', close);
  return {element, close};
}

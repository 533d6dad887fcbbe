// The page Now: traffic, rooms with what is expected in them and why, who is likeliest, records that could not be used.
import {h, s, put, update, empty, loading, named, scrolled} from './dom.js';
import * as format from './format.js';
import {Live} from './live.js';
import {TimeChart, spark} from './chart.js';

const plural = {viewer: 'viewers', player: 'players'};

export function show(main, app, parts, query) {
  const kinds = app.kinds();
  const kind = kinds.includes(query.get('kind')) ? query.get('kind') : kinds[0];
  const targets = app.targets(kind).map(target => target.name);
  const by = targets.includes(query.get('by')) ? query.get('by') : targets[0];
  const link = (k, target) => `#/now?${new URLSearchParams({kind: k, ...(target ? {by: target} : {})})}`;

  const live = new Live(app, {series: 'rate.,latency.,lag.,dead.,version.active.,age.', rooms: kind, by, signals: true});
  const about = h('p', {class: 'about'});
  const tiles = h('section', {class: 'tiles', 'aria-label': 'Figures of this moment'});
  const rooms = h('div', {}, loading());
  const likeliest = h('div', {}, loading());
  const letters = h('div', {}, loading());
  const alerts = h('section', {class: 'card', hidden: true, 'aria-labelledby': 'alerts-title'});
  const context = app.state.kinds?.[kind];

  const chart = options => new TimeChart({sync: 'now', height: 190, ...options});
  const traffic = chart({title: 'Traffic', unit: 'per second', min: 0, figure: format.count, series: [
    {name: 'rate.events', label: 'events', k: 1, width: 2}, {name: 'rate.predictions', label: 'predictions', k: 4, width: 2}, {name: 'rate.labels', label: 'labels', k: 3, width: 1.5}]});
  const latency = chart({title: 'Latency', unit: 'ms from event to committed prediction', min: 0, series: [
    {name: 'latency.p99', label: '99th percentile', k: 5, width: 1.5}, {name: 'latency.p50', label: 'median', k: 1, width: 2}]});
  const lag = chart({title: 'Waiting', unit: 'records to be scored or learned', min: 0, series: [
    {name: 'lag.events', label: 'events', k: 1, fill: true}, ...kinds.map((each, i) => ({name: `lag.examples.${each}`, label: `${each} examples`, k: [4, 5][i]}))], figure: format.count});
  const dead = chart({title: 'Dead letters', unit: 'per second, by reason', min: 0, series: [],
    nothing: 'None came while the console was watching.'});

  put(main,
    h('div', {class: 'head'}, h('h1', {}, 'Now'), about,
      h('div', {class: 'end'}, kinds.length > 1 ? h('nav', {class: 'choice', 'aria-label': 'Whose rooms'},
        kinds.map(each => h('a', {href: link(each), 'aria-current': each === kind ? 'true' : null}, each === 'viewer' ? 'Viewers' : 'Players'))) : null)),
    tiles,
    h('div', {class: 'grid'},
      h('section', {class: 'card two-thirds', 'aria-labelledby': 'rooms-title'},
        h('header', {}, h('h2', {id: 'rooms-title'}, context ? `${capital(context.contexts)} by expected ${by}` : 'Rooms'),
          h('span', {class: 'unit', id: 'rooms-unit'})), rooms),
      h('section', {class: 'card third', 'aria-labelledby': 'likely-title'},
        h('header', {}, h('h2', {id: 'likely-title'}, `${isSum(app, kind, by) ? 'Highest' : 'Likeliest'}: ${by ?? ''}`), h('span', {class: 'unit'}, horizon(app, kind, by))), likeliest)),
    alerts,
    h('div', {class: 'grid'}, [traffic, latency, lag, dead].map(each => each.element),
      h('section', {class: 'card two-thirds', 'aria-label': 'The last records that could not be used'},
        h('header', {}, h('h2', {}, 'The last dead letters'), h('span', {class: 'unit'}, 'newest first')), letters)));
  [traffic, latency, lag, dead].forEach(each => each.element.classList.add('third'));

  live.on('row', () => {
    const t = (live.times.at(-1) ?? 0) * 1000;
    about.textContent = `namespace ${app.state.namespace} · figures of ${format.clock(t)} · kept since ${format.clock(app.state.startedAt)}, for 6 h at most`;
    update(tiles, figures(app, live));
    dead.lines(live.names('dead.').map((name, i) => ({name, label: name.slice(5), k: (i % 8) + 1, fill: true})));
    [traffic, latency, lag, dead].forEach(each => each.draw(live));
  });
  live.on('rooms', () => {
    document.getElementById('rooms-unit').textContent =
      `${format.count(live.rooms.present)} ${plural[kind] ?? ''} present in ${format.count(live.rooms.rooms)} ${app.state.kinds[kind].contexts}${live.rooms.outlook ? ', by the topic outlook' : `, seen in the last ${format.duration(live.rooms.presentForMillis)}`} · ${format.clock(live.rooms.at)}`;
    update(rooms, roomTable(app, kind, live.rooms, link));
    update(likeliest, likely(kind, live.rooms, isSum(app, kind, live.rooms.by)));
  });
  live.on('alerts', () => {
    alerts.hidden = live.alerts.last.length === 0 && app.state.troubles?.[`${app.state.namespace}.alerts`] !== undefined;
    update(alerts, alertTable(app, live.alerts));
  });
  live.on('dead-letters', () => update(letters, deadLetters(live['dead-letters'])));
  if (!kind) {
    update(rooms, empty('Nothing is predicted yet', 'Rooms appear with the first predictions.'));
    update(likeliest, empty('Nobody yet', 'Viewers and players appear with the first predictions.'));
  }
  return () => {
    live.close();
    [traffic, latency, lag, dead].forEach(each => each.close());
  };
}

const capital = word => word.charAt(0).toUpperCase() + word.slice(1);

const isSum = (app, kind, target) => Boolean(app.targets(kind).find(each => each.name === target)?.sum);

function horizon(app, kind, target) {
  const millis = app.targets(kind).find(each => each.name === target)?.horizonMillis;
  const what = isSum(app, kind, target) ? 'expected sum' : 'probability';
  return millis ? `${what}, within ${format.duration(millis)}` : what;
}

function tile(name, value, unit, note, column, tone) {
  return h('div', {class: `tile${tone ? ` ${tone}` : ''}`},
    h('div', {class: 'name'}, name),
    h('div', {class: 'value'}, value, unit ? h('span', {class: 'unit'}, unit) : null),
    h('div', {class: 'note', title: note}, note),
    column ? spark(column) : null);
}

function figures(app, live) {
  const letters = live.names('dead.');
  const recent = letters.map(name => [name.slice(5), live.column(name).slice(-300).reduce((sum, value) => sum + (value ?? 0), 0)]).sort((a, b) => b[1] - a[1]);
  const dead = recent.reduce((sum, [, count]) => sum + count, 0);
  const waiting = live.now('lag.events');
  const rate = live.now('rate.events') ?? live.now('rate.scored');
  return [
    tile('Events', format.count(rate), 'per second', `${format.count(live.now('rate.labels'))} labels per second`, live.column('rate.events')),
    tile('Predictions', format.count(live.now('rate.predictions')), 'per second', 'committed', live.column('rate.predictions')),
    tile('Latency', format.count(live.now('latency.p50')), 'ms median', `${format.count(live.now('latency.p99'))} ms for 99 of 100`, live.column('latency.p50')),
    tile('Waiting', format.count(waiting), 'events', rate > 0 && waiting !== null ? `${format.duration((1000 * waiting) / rate)} of work` : 'to be scored', live.column('lag.events'), waiting > 20 * (rate || Infinity) ? 'warn' : ''),
    tile('Dead letters', format.count(dead), 'in 5 min', dead ? recent.slice(0, 2).map(([reason, count]) => `${format.count(count)} ${reason}`).join(', ') : 'none', null, dead ? 'warn' : ''),
    ...app.kinds().map(kind => tile(`Model of ${plural[kind]}`, format.version(live.now(`version.active.${kind}`)), '',
      live.now(`version.active.${kind}`) ? `made ${format.ago(0, 1000 * (live.now(`age.model.${kind}`) ?? NaN))}` : 'until a model has learned', live.column(`version.active.${kind}`))),
  ];
}

function bar(value, most) {
  return s('svg', {'aria-hidden': 'true', preserveAspectRatio: 'none', viewBox: '0 0 100 10'}, s('rect', {width: most > 0 ? Math.max(0, (100 * value) / most) : 0, height: 10, rx: 0}));
}

function roomTable(app, kind, data, link) {
  if (data.list.length === 0) {
    return empty('Nobody is present', `${capital(plural[kind])} appear with their first prediction.`);
  }
  const targets = app.targets(kind);
  const most = targets.map((_, i) => Math.max(...data.list.map(room => room.expected[i] ?? 0)));
  const context = app.state.kinds[kind].context;
  return scrolled('Rooms', h('table', {},
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, capital(context)), h('th', {scope: 'col', class: 'number'}, 'present'),
      targets.map(target => h('th', {scope: 'col', class: 'number', 'aria-sort': target.name === data.by ? 'descending' : null},
        h('a', {href: link(kind, target.name), title: `Order by expected ${target.name}`}, target.name, target.name === data.by ? ' ↓' : ''))),
      data.outlook ? h('th', {scope: 'col', class: 'number', title: `Of the snapshots of the last minutes whose outcome is known: ${data.by} expected, and what came true`}, 'expected → true') : null,
      h('th', {scope: 'col'}, `Why ${data.by}, and of how many`))),
    h('tbody', {}, data.list.slice(0, 14).map(room => h('tr', {},
      h('td', {class: 'nowrap'}, room.context === '' ? h('span', {class: 'muted'}, `outside any ${context}`) : named(room.context)),
      h('td', {class: 'number'}, format.count(room.present)),
      targets.map((target, i) => h('td', {class: `number bar${target.name === data.by ? ' by' : ''}`}, bar(room.expected[i] ?? 0, most[i]),
        h('span', {title: target.sum ? null : `${format.percent((room.expected[i] ?? 0) / room.present)} % of those present`}, format.fixed(room.expected[i], 1)))),
      data.outlook ? h('td', {class: 'number nowrap'}, room.came ? h('span', {title: `of ${format.count(room.came.snapshots)} snapshots`}, `${format.fixed(room.came.expected, 1)} → ${format.fixed(room.came.happened, 0)}`) : h('span', {class: 'muted'}, '–')) : null,
      h('td', {class: 'why'}, room.why.length === 0 ? h('span', {class: 'muted small'}, 'no reasons computed') :
        room.why.slice(0, 2).map(because => h('div', {title: `${because.words}: speaks for it at ${because.entities} of ${room.present}`}, h('b', {}, format.count(because.entities)), ` ${because.words}`)))))),
  ), );
}

function likely(kind, data, sum) {
  if (data.likeliest.length === 0) return empty('Nobody yet', 'They appear with the first predictions.');
  return scrolled('Likeliest', h('table', {},
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, kind === 'player' ? 'Player' : 'Viewer'), h('th', {scope: 'col', class: 'number'}, 'Score'), h('th', {scope: 'col'}, 'Strongest reason'))),
    h('tbody', {}, data.likeliest.slice(0, 12).map(each => h('tr', {},
      h('td', {class: 'break who'}, h('a', {href: `#/someone/${kind}/${encodeURIComponent(each.id)}`}, named(each.id))),
      h('td', {class: 'number nowrap'}, format.score(each.score, sum)),
      h('td', {class: 'small muted'}, each.reasons.find(reason => reason.contribution > 0)?.words ?? '–'))))));
}

function deadLetters(data) {
  if (data.last.length === 0) return empty('None', 'None was read here. Records that can’t be used go to the topic dead-letters.');
  return scrolled('The last records that could not be used', h('table', {},
    h('thead', {}, h('tr', {}, ['When', 'Reason', 'Where', 'What'].map(name => h('th', {scope: 'col'}, name)))),
    h('tbody', {}, data.last.slice(0, 12).map(letter => h('tr', {}, h('td', {class: 'nowrap'}, format.clock(letter.at)),
      h('td', {}, h('span', {class: 'chip warn'}, letter.reason)), h('td', {class: 'small break'}, letter.where), h('td', {class: 'small break'}, letter.words))))));
}

function alertTable(app, data) {
  return [
    h('header', {}, h('h2', {id: 'alerts-title'}, 'Alerts'), h('span', {class: 'unit'}, `newest first, as they come · ${format.count(data.raised)} raised since they are read`)),
    data.last.length === 0 ? empty('No alert yet', 'One is raised when a score reaches its raise-at.') : scrolled('Alerts', h('table', {},
      h('thead', {}, h('tr', {}, ['When', 'Alert', '', 'Who', 'Where', 'Score', 'Why'].map(name => h('th', {scope: 'col', class: name.startsWith('Score') ? 'number' : null}, name || h('span', {class: 'hidden'}, 'State'))))),
      h('tbody', {}, data.last.slice(0, 8).map(alert => h('tr', {},
        h('td', {class: 'nowrap'}, format.clock(alert.eventTime)), h('td', {class: 'nowrap'}, alert.alert),
        h('td', {class: 'nowrap'}, h('span', {class: `chip ${alert.state === 'raised' ? 'warn' : 'good'}`}, alert.state), alert.withheld ? h('span', {class: 'chip', title: 'held out: not to be acted on'}, 'held out') : null),
        h('td', {class: 'break who'}, h('a', {href: `#/someone/${alert.kind}/${encodeURIComponent(alert.id)}`}, named(alert.id))), h('td', {class: 'break'}, named(alert.context)),
        h('td', {class: 'number nowrap'}, format.score(alert.score, isSum(app, alert.kind, alert.target))), h('td', {class: 'small muted'}, alert.reason ?? alert.cause))))))];
}

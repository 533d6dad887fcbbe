// The page Learning: how good what is served is, beside the base rate and the oracle; who learns; what happened meanwhile.
import {h, s, put, update, empty, loading} from './dom.js';
import * as format from './format.js';
import {Live} from './live.js';
import {TimeChart, spark} from './chart.js';

export const MARKS = {
  DRIFT: {k: 'bad', words: 'Drift'}, PINNED: {k: 'warn', words: 'Rolled back'}, PROMOTED: {k: 'good', words: 'Promoted'},
  REFUSED: {k: '5', words: 'Refused'}, CHAMPION: {k: '4', words: 'New champion'}, PROGRAM: {k: '2', words: 'Program'},
};

export function show(main, app, parts) {
  const all = app.kinds().flatMap(kind => app.targets(kind).map(target => ({kind, ...target})));
  const chosen = all.find(each => each.kind === parts[0] && each.name === parts[1]) ?? all[0];
  const live = new Live(app, {series: 'quality.,trainer.,version.', calibration: chosen?.name});
  const about = h('p', {class: 'about'});
  const targets = h('nav', {class: 'targets', 'aria-label': 'Targets'});
  const marks = () => live.happened.filter(each => each.kind === '' || each.kind === chosen?.kind).map(each => ({at: each.at, k: MARKS[each.what]?.k ?? '2'}));
  put(main, h('div', {class: 'head'}, h('h1', {}, 'Learning'), about), targets);
  if (!chosen) {
    put(targets, empty('Nothing is predicted yet', 'Targets appear when the streams app has announced them.'));
    return () => live.close();
  }
  const name = chosen.name;
  const chart = options => new TimeChart({sync: 'learning', marks, height: 200, ...options});
  const loss = chart({title: `${chosen.sum ? 'Squared error' : 'Log-loss'} of ${name}`, unit: `${chosen.sum ? 'mean' : 'nats per label'}, over the last 3,000 labels; lower is better`, height: 330, figure: value => format.fixed(value, 3), nothing: 'It begins with the first labels, one horizon after the first predictions.', series: [
    {name: `quality.base.${name}`, label: 'always saying the base rate', k: 2, dash: true}, {name: `quality.served.${name}`, label: 'served', k: 1, width: 2.4}, {name: `quality.oracle.${name}`, label: 'oracle', k: 3}]});
  const auc = chart({title: 'AUC', unit: 'area under the ROC curve; 0.5 is chance', figure: value => format.fixed(value, 3), series: [{name: `quality.auc.${name}`, label: 'served', k: 1}]});
  const calibration = chart({title: 'Calibration error', unit: 'mean distance between score and frequency', min: 0, figure: value => format.fixed(value, 3), series: [{name: `quality.calibration.${name}`, label: 'served', k: 1, fill: true}]});
  const rate = chart({title: 'Served against true', unit: chosen.sum ? 'mean of labels' : 'share of labels', min: 0, figure: value => format.fixed(value, 3), series: [{name: `quality.rate.${name}`, label: chosen.sum ? 'true' : 'came true', k: 3}, {name: `quality.mean.${name}`, label: 'mean score', k: 1}]});
  const learners = chart({title: 'Champion and challengers', unit: `${chosen.sum ? 'squared error' : 'log-loss, nats per label'}, over the trainer’s recent window`, height: 250, figure: value => format.fixed(value, 4), series: [], nothing: 'The trainer has told of no learner yet.'});
  const versions = chart({title: 'Versions', unit: `number of the version, ${chosen.kind}`, figure: value => format.count(value), series: [
    {name: `version.published.${chosen.kind}`, label: 'published', k: 2, step: true, dash: true}, {name: `version.served.${chosen.kind}`, label: 'served', k: 1, step: true, width: 2.4}]});
  const charts = [loss, auc, calibration, rate, learners, versions];
  const reliability = h('div', {}, loading());
  const happened = h('div', {}, loading());
  const key = h('p', {class: 'chips', 'aria-label': 'Marks in the charts'}, Object.values(MARKS).map(mark => h('span', {class: 'chip'}, h('span', {class: `k${mark.k}`, 'aria-hidden': 'true'}, '▼'), mark.words)));
  loss.element.classList.add('two-thirds');
  learners.element.classList.add('two-thirds');
  [auc, calibration, rate, versions].forEach(each => each.element.classList.add('half'));
  put(main, h('div', {class: 'head'}, h('h1', {}, 'Learning'), about), targets,
    h('div', {class: 'grid'}, loss.element,
      h('section', {class: 'card third'}, h('header', {}, h('h2', {}, 'Can the scores be believed?'), h('span', {class: 'unit'}, 'of the last labels')), reliability)),
    h('div', {class: 'grid'}, auc.element, calibration.element),
    h('div', {class: 'grid'}, learners.element,
      h('section', {class: 'card third'}, h('header', {}, h('h2', {}, 'What happened'), h('span', {class: 'unit'}, 'newest first')), key, happened)),
    h('div', {class: 'grid'}, versions.element, rate.element));

  live.on('row', () => {
    about.textContent = `figures of ${format.clock((live.times.at(-1) ?? 0) * 1000)} · losses and AUC are over the last 3,000 labels of each target`;
    update(targets, all.map(target => card(live, target, target.name === name)));
    const champion = app.state.champions?.[chosen.kind];
    learners.lines(scorers(live, chosen, champion));
    charts.forEach(each => each.draw(live));
  });
  live.on('calibration', () => update(reliability, diagram(live.calibration)));
  const tell = () => update(happened, list(live.happened));
  live.on('happened', tell);
  live.on('row', () => { if (live.happened.length === 0) tell(); });
  return () => {
    live.close();
    charts.forEach(each => each.close());
  };
}

function scorers(live, {kind, name}, champion) {
  const prefix = `trainer.loss.${kind}.${name}.`;
  const order = scorer => (scorer === champion ? 0 : scorer === 'served' ? 1 : scorer === 'base-rate' ? 8 : scorer === 'previous-outcome' ? 9 : 2);
  const found = live.names(prefix).map(each => each.slice(prefix.length)).sort((a, b) => order(a) - order(b) || a.localeCompare(b));
  let next = 5;
  const keys = {served: 1, 'base-rate': 2};
  return found.filter(scorer => scorer !== 'previous-outcome').map(scorer => ({
    name: prefix + scorer, label: scorer === champion ? `${scorer} (champion)` : scorer === 'base-rate' ? 'base rate' : scorer,
    k: scorer === champion ? 4 : keys[scorer] ?? Math.min(next++, 8), dash: scorer === 'base-rate', width: scorer === champion ? 2.4 : 1.6,
  }));
}

function card(live, {kind, name, horizonMillis, sum}, chosen) {
  const served = live.now(`quality.served.${name}`), base = live.now(`quality.base.${name}`), oracle = live.now(`quality.oracle.${name}`);
  const floor = oracle ?? 0;
  const closed = served === null || base === null || base <= floor ? null : Math.max(0, Math.min(1, (base - served) / (base - floor)));
  const words = closed === null ? 'no labels yet' : `${format.percent(closed)} % of the way from base rate to ${oracle === null ? 'certainty' : 'oracle'}`;
  return h('a', {class: 'target', href: `#/learning/${encodeURIComponent(kind)}/${encodeURIComponent(name)}`, 'aria-current': chosen ? 'true' : null},
    h('span', {class: 'name'}, name, h('span', {class: 'muted small'}, `${kind}${horizonMillis ? `, ${format.duration(horizonMillis)}` : ''}`)),
    h('span', {class: 'figures'},
      h('span', {}, h('b', {}, format.fixed(served, 3)), sum ? 'squared error' : 'log-loss'), h('span', {}, h('b', {}, format.fixed(base, 3)), 'base rate'),
      oracle === null ? h('span', {}, h('b', {}, format.fixed(live.now(`quality.calibration.${name}`), 3)), 'calibration') : h('span', {}, h('b', {}, format.fixed(oracle, 3)), 'oracle'),
      h('span', {}, h('b', {}, format.fixed(live.now(`quality.auc.${name}`), 2)), 'AUC')),
    spark(live.column(`quality.served.${name}`), live.column(`quality.base.${name}`)),
    s('svg', {class: 'gap', viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true'}, s('rect', {width: 100, height: 6}), s('rect', {class: 'closed', width: 100 * (closed ?? 0), height: 6})),
    h('span', {class: 'small muted'}, words));
}

/** Mean score against the share that came true, one mark for each tenth; the size says how many. */
function diagram(data) {
  if (!data.bins.length) return empty('No labels yet', data.binary === false ? 'This target is a sum, not a probability.' : 'They come one horizon after the first predictions.');
  const size = 300, left = 40, bottom = 34, top = 8, right = 10;
  const x = v => left + v * (size - left - right), y = v => size - bottom - v * (size - bottom - top);
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const most = Math.max(...data.bins.map(bin => bin.n));
  return [
    s('svg', {class: 'svg-chart', viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': `Calibration of ${data.target}: ${data.bins.map(bin => `of ${format.count(bin.n)} scores about ${format.percent(bin.score)} %, ${format.percent(bin.rate)} % came true`).join('; ')}`},
      ticks.map(tick => [
        s('line', {class: 'gridline', x1: x(0), x2: x(1), y1: y(tick), y2: y(tick)}), s('line', {class: 'gridline', x1: x(tick), x2: x(tick), y1: y(0), y2: y(1)}),
        s('text', {x: x(tick), y: size - bottom + 15, 'text-anchor': 'middle'}, String(100 * tick)), s('text', {x: left - 6, y: y(tick) + 4, 'text-anchor': 'end'}, String(100 * tick))]),
      s('line', {class: 'diagonal', x1: x(0), y1: y(0), x2: x(1), y2: y(1)}),
      s('text', {x: x(0.5), y: size - 3, 'text-anchor': 'middle'}, 'score, %'),
      s('text', {x: 11, y: y(0.5), 'text-anchor': 'middle', transform: `rotate(-90 11 ${y(0.5)})`}, 'came true, %'),
      data.bins.map(bin => s('circle', {class: 'mark', cx: x(bin.score), cy: y(bin.rate), r: 3 + 9 * Math.sqrt(bin.n / most)}, s('title', {}, `${format.count(bin.n)} scores about ${format.percent(bin.score)} %: ${format.percent(bin.rate)} % came true`)))),
    h('p', {class: 'muted small'}, `${format.count(data.labels)} labels until ${format.clock(data.at)}; marks on the dotted line are right on average, and larger marks stand for more scores.`),
  ];
}

export function list(happened) {
  if (happened.length === 0) return empty('Nothing out of the ordinary', 'Drifts, refusals, new champions, roll-backs and programs that stop appear here and as marks in the charts.');
  return h('ul', {class: 'happened', tabindex: 0, 'aria-label': 'What happened'}, [...happened].reverse().slice(0, 60).map(each => h('li', {},
    h('time', {datetime: new Date(each.at).toISOString()}, format.clock(each.at)), h('span', {class: `k${MARKS[each.what]?.k ?? 2}`, 'aria-hidden': 'true'}, '▼'),
    h('span', {}, each.kind ? `${each.kind}: ` : '', each.words))));
}

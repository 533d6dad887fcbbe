// The page Models: versions, where they come from, what one knows; rolling back and promoting.
import {h, s, put, update, empty, loading, scrolled, failed} from './dom.js';
import * as format from './format.js';
import {ask, Live} from './live.js';
import {TimeChart} from './chart.js';
import {MARKS} from './learning.js';

const SHOWN = 24;

export function show(main, app, parts) {
  const kinds = app.kinds().length ? app.kinds() : ['viewer', 'player'];
  const kind = kinds.includes(parts[0]) ? parts[0] : kinds[0];
  let chosen = Number(parts[1]) || null;
  const live = new Live(app, {series: 'version.', models: kind});
  const about = h('p', {class: 'about'});
  const status = h('section', {class: 'card third', 'aria-label': 'What is served'}, loading());
  const lineage = h('div', {class: 'lineage', role: 'region', tabindex: 0, 'aria-label': 'Lineage'}, loading());
  const table = h('div', {}, loading());
  const knows = h('div', {}, loading());
  const versions = new TimeChart({title: 'Version served', unit: 'number of the version', height: 190, figure: format.count,
    marks: () => live.happened.filter(each => each.kind === kind).map(each => ({at: each.at, k: MARKS[each.what]?.k ?? 2})),
    series: [{name: `version.published.${kind}`, label: 'published by the trainer', k: 2, step: true, dash: true}, {name: `version.served.${kind}`, label: 'scoring', k: 1, step: true, width: 2.4}]});
  versions.element.classList.add('two-thirds');
  put(main,
    h('div', {class: 'head'}, h('h1', {}, 'Models'), about, h('div', {class: 'end'}, h('nav', {class: 'choice', 'aria-label': 'Whose model'},
      kinds.map(each => h('a', {href: `#/models/${each}`, 'aria-current': each === kind ? 'true' : null}, each === 'viewer' ? 'Viewers' : 'Players'))))),
    h('div', {class: 'grid'}, status, versions.element),
    h('section', {class: 'card'}, h('header', {}, h('h2', {}, 'Lineage'), h('span', {class: 'unit'}, 'each version and the one it was trained on from; filled is served, dashed is retired')), lineage),
    h('div', {class: 'grid'},
      h('section', {class: 'card half'}, h('header', {}, h('h2', {}, 'Versions'), h('span', {class: 'unit', id: 'versions-unit'})), table),
      h('section', {class: 'card half'}, h('header', {}, h('h2', {}, 'What a version knows'), h('span', {class: 'unit', id: 'knows-unit'})), knows)));

  const buttons = h('div', {class: 'chips'});
  const words = h('div', {});
  put(status, h('header', {}, h('h2', {}, 'Served')), words, buttons);
  let shown = null;
  const look = async number => {
    chosen = number;
    if (live.models) redraw();
    try {
      const manifest = await ask(`api/model?kind=${kind}&version=${number}`);
      document.getElementById('knows-unit').textContent = `version ${number}, ${manifest.family}`;
      update(knows, known(manifest));
      shown = number;
    } catch (error) {
      document.getElementById('knows-unit').textContent = `version ${number}`;
      update(knows, error.status === 404 ? empty(`Version ${number} is retired`, 'What it knew is no longer in the topic.') : failed(error.message));
    }
  };
  const redraw = () => {
    const data = live.models;
    const served = data.versions.find(version => version.version === data.pointer?.version);
    about.textContent = `${format.count(data.versions.filter(version => version.kept).length)} versions kept, ${format.count(data.versionsSeen)} seen · ${format.clock(data.at)}`;
    update(words, served || data.pointer ? [
      h('p', {}, h('b', {class: 'kaccent'}, `Version ${data.pointer.version}`), ' ', data.pointer.pinned ? h('span', {class: 'chip warn'}, 'pinned: the trainer leaves it there') : h('span', {class: 'chip good'}, 'the newest is served')),
      h('dl', {class: 'facts'}, h('dt', {}, 'Pointed to'), h('dd', {}, format.date(Date.parse(data.pointer.issuedAt))),
        h('dt', {}, 'Scoring now'), h('dd', {}, format.version(data.scoring)),
        served ? [h('dt', {}, 'Made'), h('dd', {}, `${format.date(served.createdAt)} (${format.ago(served.createdAt, data.at)})`), h('dt', {}, 'Learned from'), h('dd', {}, `${format.count(served.examples)} examples`),
          h('dt', {}, 'Family'), h('dd', {}, served.family), h('dt', {}, 'Size'), h('dd', {}, format.bytes(served.bytes))] : null)]
      : empty('The prior is served', 'No model has been published yet.'));
    if (!buttons.hasChildNodes()) put(buttons,
      h('button', {type: 'button', id: 'rollback', onclick: () => confirm('rollback')}, 'Roll back …'),
      h('button', {type: 'button', id: 'promote', onclick: () => confirm('promote')}, 'Promote …'));
    buttons.firstChild.disabled = !app.state.operate || !data.pointer;
    buttons.lastChild.disabled = !app.state.operate || !data.pointer?.pinned;
    buttons.firstChild.title = app.state.operate ? 'Serve an earlier version and pin it' : 'Not offered here: operate is off, or no trainer is configured';
    buttons.lastChild.title = data.pointer?.pinned ? 'Serve the newest version again' : 'The newest is served already';
    const first = !lineage.querySelector('svg');
    update(lineage, tree(data, chosen, kind));
    if (first) lineage.scrollLeft = lineage.scrollWidth;
    document.getElementById('versions-unit').textContent = `the newest ${format.count(Math.min(SHOWN, data.versions.length))} and what is served`;
    update(table, list(data, chosen, kind));
    if (shown === null && chosen === null && data.pointer) look(data.pointer.version);
  };
  live.on('models', redraw);
  live.on('row', () => versions.draw(live));
  if (chosen) look(chosen);
  return () => {
    live.close();
    versions.close();
    document.querySelector('dialog')?.remove();
  };

  /** Asks before it is done, and says what came of it. */
  function confirm(operation) {
    const data = live.models;
    const earlier = data.versions.filter(version => version.kept && version.version !== data.pointer.version).map(version => version.version);
    const before = earlier.filter(version => version < data.pointer.version);
    const choose = h('select', {id: 'to'}, earlier.map(version => h('option', {value: version, selected: version === (chosen !== data.pointer.version && before.includes(chosen) ? chosen : before[0])}, `version ${version}`)));
    const result = h('div', {role: 'status'});
    const back = operation === 'rollback';
    const act = h('button', {type: 'button', class: back ? 'danger' : 'primary', onclick: async () => {
      act.disabled = true;
      put(result, h('p', {class: 'muted'}, 'Asking the trainer … it waits until the pointer stays where it is put.'));
      try {
        const pointer = await ask(`api/models/${kind}/${operation}`, {method: 'POST', headers: {'Content-Type': 'application/json', 'X-Console-Token': app.token ?? ''}, body: JSON.stringify(back ? {version: Number(choose.value)} : {})});
        put(result, h('p', {class: 'chip good'}, `Done: version ${pointer.version} is served${pointer.pinned ? ' and pinned' : ''}.`));
        act.hidden = true;
        cancel.textContent = 'Close';
        cancel.focus();
      } catch (error) {
        put(result, failed(error.message));
        act.disabled = false;
      }
    }}, back ? 'Roll back' : 'Promote');
    const cancel = h('button', {type: 'button', onclick: () => dialog.close()}, 'Cancel');
    const dialog = h('dialog', {'aria-labelledby': 'dialog-title'}, h('h2', {id: 'dialog-title'}, back ? `Roll back the model of ${kind}s?` : `Promote the newest model of ${kind}s?`),
      back ? [h('p', {}, `Version ${data.pointer.version} is served. From now on it is `, h('label', {for: 'to', class: 'hidden'}, 'Version to serve'), choose, ', pinned: the trainer goes on learning and publishing, but nothing newer is served until you promote.')]
        : [h('p', {}, `Version ${data.pointer.version} is pinned. The newest version that passed the trainer’s gate is served instead, and from then on the trainer moves the pointer again.`)],
      h('p', {class: 'muted small'}, 'Every instance of the streams app switches within a second or so, without a restart.'),
      result, h('div', {class: 'buttons'}, cancel, act));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    cancel.focus();
  }
}

function list(data, chosen, kind) {
  if (data.versions.length === 0) return empty('No version yet', 'The trainer publishes one when it has learned something.');
  const shown = data.versions.filter((version, i) => i < SHOWN || version.version === data.pointer?.version);
  return scrolled('Versions', h('table', {},
    h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Version'), h('th', {scope: 'col'}, 'Made'), h('th', {scope: 'col'}, 'Family'), h('th', {scope: 'col', class: 'number'}, 'Examples'), h('th', {scope: 'col', class: 'number'}, 'Parent'), h('th', {scope: 'col'}, h('span', {class: 'hidden'}, 'State')))),
    h('tbody', {}, shown.map(version => h('tr', {class: version.version === chosen ? 'chosen' : null},
      h('td', {}, version.kept ? h('a', {href: `#/models/${kind}/${version.version}`, 'aria-current': version.version === chosen ? 'true' : null}, `v${version.version}`) : h('span', {class: 'muted'}, `v${version.version}`)),
      h('td', {class: 'nowrap'}, format.clock(version.createdAt)), h('td', {}, version.family), h('td', {class: 'number'}, format.count(version.examples)),
      h('td', {class: 'number'}, version.parent ? `v${version.parent}` : '–'),
      h('td', {}, version.version === data.pointer?.version ? h('span', {class: 'chip accent'}, data.pointer.pinned ? 'served, pinned' : 'served') : version.kept ? '' : h('span', {class: 'chip'}, 'retired')))))));
}

/** The last versions, oldest left, each joined to its parent. */
function tree(data, chosen, kind) {
  const shown = data.versions.filter((version, i) => i < SHOWN || version.version === data.pointer?.version).reverse();
  if (shown.length === 0) return empty('No version yet', 'It begins with the first one that the trainer publishes.');
  const step = 52, height = 104, middle = 56;
  const place = new Map(shown.map((version, i) => [version.version, 30 + i * step]));
  const svg = s('svg', {width: 60 + shown.length * step, height, role: 'group', 'aria-label': `Lineage of the model of ${kind}s`});
  for (const version of shown) {
    const x = place.get(version.version), parent = place.get(version.parent);
    if (parent !== undefined) {
      const far = x - parent > step;
      svg.append(s('path', {class: 'edge', d: far ? `M${parent} ${middle - 9} C${parent + 20} ${middle - 46} ${x - 20} ${middle - 46} ${x} ${middle - 9}` : `M${parent + 9} ${middle} L${x - 9} ${middle}`}));
    } else if (version.parent) svg.append(s('path', {class: 'edge gone', d: `M${x - 24} ${middle} L${x - 9} ${middle}`}));
  }
  for (const version of shown) {
    const x = place.get(version.version), served = version.version === data.pointer?.version;
    const node = [s('circle', {class: `node${served ? ' served' : ''}${version.kept ? '' : ' gone'}${version.version === chosen ? ' chosen' : ''}`, cx: x, cy: middle, r: 9}), s('title', {}, `version ${version.version}, ${version.family}, ${format.count(version.examples)} examples, ${format.clock(version.createdAt)}`)];
    svg.append(version.kept ? s('a', {href: `#/models/${kind}/${version.version}`, 'aria-label': `Version ${version.version}${served ? ', served' : ''}`}, node) : s('g', {}, node));
    svg.append(s('text', {x, y: middle + 25, 'text-anchor': 'middle', class: served ? 'strong' : ''}, `v${version.version}`), s('text', {x, y: middle + 39, 'text-anchor': 'middle'}, format.minute(version.createdAt)));
  }
  return svg;
}

const METRICS = {log_loss: 'log-loss', served_log_loss: 'served', base_rate_log_loss: 'base rate', squared_error: 'squared error', auc: 'AUC', ece: 'calibration error', brier: 'Brier', n: 'labels'};

function known(manifest) {
  const places = Object.keys(METRICS);
  const metrics = [...new Set(manifest.targets.flatMap(target => Object.keys(target.metrics ?? {})))]
    .sort((a, b) => (places.indexOf(a) + 99) % 99 - (places.indexOf(b) + 99) % 99);
  const most = Math.max(0.0001, ...manifest.inputs.map(input => input.share ?? 0));
  return [
    h('dl', {class: 'facts'},
      h('dt', {}, 'Made'), h('dd', {}, `${format.date(Date.parse(manifest.createdAt))}, from version ${manifest.parent || '–'}`),
      h('dt', {}, 'Learned from'), h('dd', {}, `${format.count(manifest.examples)} examples, the newest of ${format.date(manifest.lastExampleEmittedAt || null)}`),
      h('dt', {}, 'Inputs'), h('dd', {}, [`${format.count(manifest.denseInputs)} numbers`, manifest.idInputs ? `${format.count(manifest.idInputs)} ids` : '', manifest.sequenceLength ? `the last ${format.count(manifest.sequenceLength)} events` : ''].filter(Boolean).join(', ')),
      h('dt', {}, 'Checked with'), h('dd', {}, `${format.count(manifest.goldenRows)} golden rows`),
      h('dt', {}, 'Size'), h('dd', {}, format.bytes(manifest.bytes)),
      h('dt', {}, 'SHA-256'), h('dd', {class: 'mono'}, manifest.sha256),
      h('dt', {}, 'Trainer'), h('dd', {class: 'mono'}, `commit ${manifest.gitCommit}, configuration ${manifest.configurationHash}`)),
    h('h3', {}, 'Targets, when it was made'),
    scrolled('Metrics by target', h('table', {}, h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Target'), metrics.map(name => h('th', {scope: 'col', class: 'number'}, METRICS[name] ?? name)))),
      h('tbody', {}, manifest.targets.map(target => h('tr', {}, h('th', {scope: 'row'}, target.name, target.learned ? '' : h('span', {class: 'chip warn'}, 'not learned yet')), metrics.map(name => h('td', {class: 'number'}, format.figure(target.metrics?.[name]))))))) ),
    manifest.inputs.length ? [h('h3', {}, 'Inputs with the most weight'), scrolled('Inputs with the most weight', h('table', {}, h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Input'), h('th', {scope: 'col', class: 'number'}, 'share of weight, %'), h('th', {scope: 'col', class: 'number'}, 'usual value'))),
      h('tbody', {}, manifest.inputs.slice(0, 12).map(input => h('tr', {}, h('td', {}, input.words), h('td', {class: 'number bar by'}, s('svg', {'aria-hidden': 'true', preserveAspectRatio: 'none', viewBox: '0 0 100 10'}, s('rect', {width: (100 * (input.share ?? 0)) / most, height: 10})), h('span', {}, format.percent(input.share))), h('td', {class: 'number'}, format.figure(input.mean)))))))] : null,
  ];
}

// Charts over time: uPlot, with a legend of buttons, units, and words and a table for those who don't see them.
import uPlot from './lib/uPlot.js';
import {h, s, put, update, scrolled} from './dom.js';
import * as format from './format.js';

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colour = key => css(/^\d/.test(String(key)) ? `--c${key}` : `--${key}`);
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const SHORTEST_SECONDS = 60;
const TABLE_ROWS = 15;

function timeLabels(_, splits, __, ___, step) {
  return splits.map(t => (step < 60 ? format.clock(t * 1000) : format.minute(t * 1000)));
}

/** Numbers of an axis, with as many places as its steps need. */
function evenly(splits) {
  const step = splits.length > 1 ? Math.abs(splits[1] - splits[0]) : 1;
  const places = Math.min(4, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return splits.map(value => (places === 0 ? format.count(value) : format.fixed(value, places)));
}

/** Probabilities as percentages. */
export const percentages = splits => evenly(splits.map(value => Math.round(value * 1e6) / 1e4));

/**
 * A chart over time.
 *
 * options: title, unit, about (one sentence), series: [{name, label, k: colour key, dash, step, points, fill}],
 * of: the line it is shown with, figure (value → text), labels (values of an axis → texts), min, max, height, marks: () => [{at: epoch millis, k, glyph, words}], sync: a key that charts with one
 * cursor share
 */
export class TimeChart {
  constructor(options) {
    this.options = {figure: format.figure, height: 200, marks: () => [], ...options};
    this.hidden = new Set();
    this.plot = h('div', {class: 'plot', role: 'img', 'aria-label': options.title});
    this.keys = h('div', {class: 'keys', role: 'group', 'aria-label': `Lines of ${options.title}`});
    this.rows = h('div', {hidden: true});
    this.asTable = h('button', {class: 'plain small', type: 'button', 'aria-expanded': 'false', onclick: () => this.#toggleTable()}, 'Table');
    this.element = h('section', {class: 'card chart', 'aria-label': options.title},
      h('header', {}, h('h2', {}, options.title), h('span', {class: 'unit'}, options.unit),
        h('span', {class: 'end'}, this.asTable)),
      options.about ? h('p', {class: 'muted small'}, options.about) : null,
      this.keys, this.plot, this.rows);
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.plot);
    this.#keys();
  }

  /** Other lines, as when another target is chosen. */
  lines(series) {
    const same = JSON.stringify(series) === JSON.stringify(this.options.series);
    if (same) return;
    this.options.series = series;
    this.u?.destroy();
    this.u = null;
    this.#keys();
  }

  #keys() {
    put(this.keys, this.options.series.filter(line => !line.of).map(line => h('button', {
      type: 'button', 'aria-pressed': this.hidden.has(line.name) ? 'false' : 'true', class: `k${line.k}`,
      onclick: event => {
        this.hidden.has(line.name) ? this.hidden.delete(line.name) : this.hidden.add(line.name);
        event.currentTarget.setAttribute('aria-pressed', this.hidden.has(line.name) ? 'false' : 'true');
        this.options.series.forEach((each, i) => this.u?.setSeries(i + 1, {show: this.#isShown(each)}));
      },
    }, h('span', {class: `swatch${line.dash ? ' dash' : ''}`, 'aria-hidden': 'true'}), h('span', {class: 'label'}, line.label), h('span', {class: 'now label'}, ''))));
    const values = [...this.keys.querySelectorAll('.now')];
    this.values = this.options.series.map(line => (line.of ? null : values.shift()));
  }

  /** A line that belongs to another (of) is shown with it. */
  #isShown(line) {
    return !this.hidden.has(line.of ?? line.name);
  }

  /** Draws what a live stream holds. */
  draw(live) {
    this.live = live;
    const data = [live.times, ...this.options.series.map(line => line.values ? line.values(live) : live.column(line.name))];
    this.data = data;
    const any = data.slice(1).some(column => column.some(value => value !== null));
    if (!any) {
      this.u?.destroy();
      this.u = null;
      if (!this.plot.querySelector('.empty')) {
        put(this.plot, h('p', {class: 'empty'}, h('strong', {}, 'Nothing yet'), this.options.nothing ?? 'It appears as soon as there is something to draw.'));
      }
      this.plot.setAttribute('aria-label', `${this.options.title}: nothing yet`);
      return;
    }
    if (!this.u) this.#make(data);
    else this.u.setData(data);
    this.#tell(this.u.cursor.idx);
    if (!this.rows.hidden) this.#table();
  }

  #make(data) {
    put(this.plot);
    const {series, height, min, max, sync} = this.options;
    const labels = this.options.labels ?? evenly;
    const axis = {stroke: css('--muted'), grid: {stroke: css('--grid'), width: 1}, ticks: {stroke: css('--line'), width: 1, size: 4}, font: FONT};
    this.u = new uPlot({
      width: Math.max(220, this.plot.clientWidth),
      height,
      legend: {show: false},
      cursor: {sync: sync ? {key: sync} : undefined, points: {size: 7}, drag: {x: false, y: false}, y: false},
      scales: {
        x: {time: true, range: () => this.#span()},
        y: {range: (_, low, high) => this.#range(low, high, min, max)},
      },
      axes: [
        {...axis, values: timeLabels, space: 74, size: 28},
        {...axis, values: (_, splits) => labels(splits), size: (_, labels) => 14 + 6.6 * Math.max(3, ...(labels ?? []).map(l => (l ?? '').length)), space: 34},
      ],
      series: [{}, ...series.map(line => ({
        label: line.label, stroke: colour(line.k), width: line.width ?? 2, dash: line.dash ? [2, 4] : undefined, show: this.#isShown(line),
        fill: line.fill ? `color-mix(in srgb, ${colour(line.k)} 12%, transparent)` : undefined,
        paths: line.step ? uPlot.paths.stepped({align: 1}) : line.scatter ? () => null : undefined,
        points: line.scatter ? {show: true, size: line.size ?? 8, fill: line.hollow ? css('--surface') : colour(line.k), stroke: colour(line.k), width: 2} : {show: Boolean(line.points), size: 5},
        spanGaps: Boolean(line.span),
      }))],
      hooks: {
        setCursor: [u => this.#tell(u.cursor.idx)],
        draw: [u => this.#marks(u)],
      },
    }, data, this.plot);
  }

  #span() {
    if (this.options.span) return this.options.span(this.live);
    const end = this.live.times.at(-1) ?? Date.now() / 1000;
    const begin = this.live.times[0] ?? end;
    return [Math.min(end - SHORTEST_SECONDS, Math.max(begin, end - this.live.seconds)), end];
  }

  #range(low, high, min, max) {
    if (low === null || high === null) return [min ?? 0, max ?? 1];
    const room = (high - low || Math.abs(high) || 1) * 0.08;
    return [min !== undefined ? Math.min(min, low) : low - room, max !== undefined ? max : high + room];
  }

  #marks(u) {
    const {ctx, bbox} = u;
    for (const mark of this.options.marks()) {
      const x = u.valToPos(mark.at / 1000, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.save();
      ctx.strokeStyle = ctx.fillStyle = colour(mark.k);
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(x - 5 * devicePixelRatio, bbox.top);
      ctx.lineTo(x + 5 * devicePixelRatio, bbox.top);
      ctx.lineTo(x, bbox.top + 7 * devicePixelRatio);
      ctx.fill();
      ctx.restore();
    }
  }

  /** The values under the cursor, or else the newest. */
  #tell(at) {
    const {series, figure} = this.options;
    series.forEach((line, i) => {
      const column = this.data[i + 1];
      const value = at === null || at === undefined ? newest(column) : column[at];
      if (this.values[i]) this.values[i].textContent = figure(value);
    });
    const second = Math.floor(performance.now() / 5000);
    if (second !== this.told) {
      this.told = second;
      const words = series.filter(line => !line.of && this.#isShown(line)).map(line => {
        const column = this.data[series.indexOf(line) + 1].filter(value => value !== null);
        return column.length === 0 ? `${line.label} nothing yet` : `${line.label} ${figure(column.at(-1))}, between ${figure(Math.min(...column))} and ${figure(Math.max(...column))}`;
      });
      this.plot.setAttribute('aria-label', `${this.options.title}, ${this.options.unit}, until ${format.clock((this.live.times.at(-1) ?? 0) * 1000)}: ${words.join('; ')}`);
    }
  }

  #toggleTable() {
    this.rows.hidden = !this.rows.hidden;
    this.asTable.setAttribute('aria-expanded', String(!this.rows.hidden));
    if (!this.rows.hidden) this.#table();
  }

  #table() {
    const {series, figure, title} = this.options;
    const times = this.data?.[0] ?? [];
    const every = Math.max(1, Math.floor(times.length / TABLE_ROWS));
    const rows = [];
    for (let i = times.length - 1; i >= 0 && rows.length < TABLE_ROWS; i -= every) rows.push(i);
    const shown = series.filter(line => this.#isShown(line));
    update(this.rows, scrolled(`${title} as a table`, h('table', {},
      h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, 'Time'), shown.map(line => h('th', {scope: 'col', class: 'number'}, line.label)))),
      h('tbody', {}, rows.map(i => h('tr', {}, h('td', {}, format.clock(times[i] * 1000)),
        shown.map(line => h('td', {class: 'number'}, figure(this.data[series.indexOf(line) + 1][i])))))))));
  }

  #resize() {
    if (this.u && this.plot.clientWidth > 0 && Math.abs(this.u.width - this.plot.clientWidth) > 1) {
      this.u.setSize({width: Math.max(220, this.plot.clientWidth), height: this.options.height});
    }
  }

  close() {
    this.observer.disconnect();
    this.u?.destroy();
    this.u = null;
  }
}

function newest(column) {
  for (let i = column.length - 1; i >= Math.max(0, column.length - 5); i--) if (column[i] !== null) return column[i];
  return null;
}

/** A small line without axes, beside a number that says what it is. */
export function spark(column, other) {
  const width = 100, height = 30;
  const values = [...column, ...(other ?? [])].filter(value => value !== null);
  const svg = s('svg', {class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true'});
  if (values.length < 2) return svg;
  const low = Math.min(...values), high = Math.max(...values);
  const y = value => height - 3 - (height - 6) * (high === low ? 0.5 : (value - low) / (high - low));
  const path = of => {
    let text = '', pen = false;
    const every = Math.max(1, Math.floor(of.length / 200));
    for (let i = 0; i < of.length; i += every) {
      if (of[i] === null) { pen = false; continue; }
      text += `${pen ? 'L' : 'M'}${((width * i) / Math.max(1, of.length - 1)).toFixed(2)} ${y(of[i]).toFixed(2)}`;
      pen = true;
    }
    return text;
  };
  if (other) svg.append(s('path', {class: 'base', d: path(other)}));
  svg.append(s('path', {d: path(column)}));
  return svg;
}

// The stream of what changes, and the series that charts draw. One at a time: that of the page that is shown.

/** Fetches JSON; an error carries what the server says of it. */
export async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, {cache: 'no-store', ...options});
  } catch {
    throw new Error('The console does not answer. Is it still running?');
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const error = new Error([body.title, body.detail].filter(Boolean).join(': ') || `The console answered ${answer.status}`);
    error.status = answer.status;
    throw error;
  }
  return body;
}

/** Longer than that without a row, and the page says that it is not up to date. */
const STALE_MILLIS = 6000;

export class Live extends EventTarget {
  /**
   * @param app has the state of the whole page
   * @param wanted what the server is asked for: {series: ['rate.', …], rooms: 'viewer', …}
   */
  constructor(app, wanted) {
    super();
    this.app = app;
    this.wanted = wanted;
    this.seconds = app.seconds;
    this.times = [];
    this.columns = {};
    this.happened = [];
    this.latest = {};
    this.closed = false;
    this.rowAt = performance.now();
    this.watch = setInterval(() => this.#look(), 1000);
    this.#open();
  }

  async #open() {
    await this.#history();
    if (this.closed) return;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(this.wanted)) {
      if (value !== undefined && value !== null && value !== false) query.set(name, value === true ? '' : String(value));
    }
    this.source = new EventSource(`api/stream?${query}`);
    this.source.onopen = () => {
      if (this.lost) this.#history();
      this.lost = false;
    };
    this.source.onerror = () => {
      this.lost = true;
      this.app.connection('lost');
    };
    const on = (name, take) => this.source.addEventListener(name, event => take(JSON.parse(event.data)));
    on('row', row => this.#row(row));
    on('state', state => this.app.taken(state));
    on('full', () => this.app.connection('full'));
    on('happened', list => {
      const known = new Set(this.happened.map(each => each.number));
      this.happened = [...this.happened, ...list.filter(each => !known.has(each.number))].sort((a, b) => a.at - b.at).slice(-500);
      this.#tell('happened');
    });
    for (const name of ['rooms', 'entity', 'models', 'calibration', 'alerts', 'dead-letters']) {
      on(name, data => {
        this[name] = data;
        this.#tell(name);
      });
    }
  }

  async #history() {
    try {
      const prefixes = encodeURIComponent(this.wanted.series ?? '');
      const rows = await ask(`api/series?seconds=${this.seconds}&series=${prefixes}`);
      this.times = rows.t;
      this.columns = rows.values;
      this.step = this.seconds > this.app.state.fineSeconds ? this.app.state.coarseStep : 1;
      this.#tell('row');
    } catch (error) {
      this.error = error;
      this.app.connection('lost');
    }
  }

  #row({t, values}) {
    this.rowAt = performance.now();
    this.app.connection('live', t);
    this.latest = values;
    const last = this.times.at(-1) ?? 0;
    if (t - last >= (this.step ?? 1)) {
      this.times.push(t);
      for (const name of new Set([...Object.keys(this.columns), ...Object.keys(values)])) {
        const column = (this.columns[name] ??= new Array(this.times.length - 1).fill(null));
        column.push(values[name] ?? null);
      }
      let old = 0;
      while (this.times[old] < t - this.seconds) old++;
      if (old > 0) {
        this.times.splice(0, old);
        for (const column of Object.values(this.columns)) column.splice(0, old);
      }
    }
    this.#tell('row');
  }

  #look() {
    if (performance.now() - this.rowAt > STALE_MILLIS) this.app.connection('lost');
  }

  #tell(name) {
    if (!this.closed) this.dispatchEvent(new Event(name));
  }

  /** Calls back whenever one of these comes. */
  on(names, take) {
    for (const name of names.split(' ')) this.addEventListener(name, take);
    return this;
  }

  /** The names of the series that begin so. */
  names(prefix) {
    return Object.keys(this.columns).filter(name => name.startsWith(prefix)).sort();
  }

  /** The values of a series; all null where there is no such series. */
  column(name) {
    return this.columns[name] ?? new Array(this.times.length).fill(null);
  }

  /** The newest value that is known of the last few seconds. */
  now(name) {
    const column = this.columns[name];
    if (!column) return this.latest[name] ?? null;
    for (let i = column.length - 1; i >= Math.max(0, column.length - 5); i--) if (column[i] !== null) return column[i];
    return null;
  }

  close() {
    this.closed = true;
    clearInterval(this.watch);
    this.source?.close();
  }
}

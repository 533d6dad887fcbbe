// Numbers and times for people. A number that is not known is a dash.

const NONE = '–';
const known = value => value !== null && value !== undefined && Number.isFinite(value);
const digits = places => new Intl.NumberFormat('en-GB', {minimumFractionDigits: places, maximumFractionDigits: places});
const WHOLE = digits(0);
const PLACES = [0, 1, 2, 3, 4].map(digits);
const CLOCK = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const MINUTE = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit'});
const DATE = new Intl.DateTimeFormat('en-GB', {dateStyle: 'medium', timeStyle: 'medium'});

/** A whole number. */
export const count = value => (known(value) ? WHOLE.format(value) : NONE);
/** A number with so many places. */
export const fixed = (value, places = 3) => (known(value) ? PLACES[places].format(value) : NONE);
/** About three digits: 1,234 · 56.7 · 0.123. */
export function figure(value) {
  if (!known(value)) return NONE;
  const size = Math.abs(value);
  return size >= 100 ? WHOLE.format(value) : PLACES[size >= 10 ? 1 : size >= 1 ? 2 : size === 0 ? 0 : 3].format(value);
}
/** A share as a percentage, without the sign. */
export const percent = value => (known(value) ? PLACES[value < 0.0995 ? 1 : 0].format(100 * value) : NONE);
/** A score: a probability as a percentage, or a sum as it is. */
export const score = (value, sum) => (sum ? figure(value) : `${percent(value)} %`);
/** Time of day of epoch milliseconds, in the time zone of the browser. */
export const clock = millis => (known(millis) ? CLOCK.format(millis) : NONE);
export const minute = millis => (known(millis) ? MINUTE.format(millis) : NONE);
/** Date and time. */
export const date = millis => (known(millis) ? DATE.format(millis) : NONE);
/** A duration: 250 ms, 12 s, 3 min, 2 h 5 min, 3 d. */
export function duration(millis) {
  if (!known(millis)) return NONE;
  const seconds = Math.round(millis / 1000);
  if (millis < 1000) return `${Math.round(millis)} ms`;
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 && seconds < 600 ? ` ${seconds % 60} s` : ''}`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h${seconds % 3600 >= 60 ? ` ${Math.floor((seconds % 3600) / 60)} min` : ''}`;
  return `${Math.floor(seconds / 86400)} d`;
}
/** How long ago that was. */
export const ago = (millis, now) => (known(millis) ? `${duration(Math.max(0, now - millis))} ago` : NONE);
export function bytes(value) {
  if (!known(value)) return NONE;
  if (value < 1000) return `${value} B`;
  return value < 1e6 ? `${figure(value / 1e3)} kB` : `${figure(value / 1e6)} MB`;
}
/** A signed contribution to a logit. */
export const signed = value => (known(value) ? `${value < 0 ? '−' : '+'}${PLACES[2].format(Math.abs(value))}` : NONE);
/** A version, or the prior. */
export const version = value => (!known(value) || value < 0 ? NONE : value === 0 ? 'prior' : `v${value}`);

// Elements. Whatever comes from outside becomes text or an attribute, never markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) element.append(child);
  }
  return element;
}

/** An HTML element: h('p', {class: 'muted'}, 'text', child, [children]). */
export const h = (name, properties, ...children) => fill(document.createElement(name), properties, children);

/** An SVG element. */
export const s = (name, properties, ...children) => fill(document.createElementNS(SVG, name), properties, children);

/** A name that somebody else chose: in its own direction of writing, and of no more than a line, however long. */
export const named = text => h('bdi', {class: 'named', title: text}, text);

/** Puts other children into an element. */
export function put(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter(child => child !== undefined && child !== null && child !== false));
  return element;
}

/**
 * Makes an element like another one, keeping its nodes where they fit: focus, selection and scrolling stay. Listeners of the new
 * nodes are lost where an old node is kept, so what is updated in this way has links and no listeners.
 */
export function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const {name} of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const {name, value} of [...fresh.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const kept = [...old.childNodes];
  const wanted = [...fresh.childNodes];
  wanted.forEach((child, i) => (i < kept.length ? morph(kept[i], child) : old.append(child)));
  kept.slice(wanted.length).forEach(child => child.remove());
}

/** Replaces an element's children, keeping nodes as {@link morph} does. */
export function update(element, ...children) {
  const fresh = element.cloneNode(false);
  put(fresh, ...children);
  morph(element, fresh);
}

/** What is shown where there is nothing to show: what is missing, and why or what to do. */
export const empty = (what, why) => h('p', {class: 'empty'}, h('strong', {}, what), why);

/** What is shown until the first data come. */
export const loading = (what = 'Loading …') => h('p', {class: 'loading', role: 'status'}, what);

/** A failure, with what to do. */
export const failed = text => h('p', {class: 'failed', role: 'alert'}, text);

/** A table that can be scrolled sideways, by keyboard too. */
export const scrolled = (label, ...children) =>
  h('div', {class: 'scroll', role: 'region', tabindex: 0, 'aria-label': label}, ...children);

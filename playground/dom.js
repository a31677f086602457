// Making elements. Text goes in as text nodes alone, so nothing that a server sends becomes markup.

export const byId = (id) => document.getElementById(id);

/** An element with attributes (false, null and undefined are left out) and children. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** One of the page's own symbols; words beside it say the same. */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** How to scroll: at once for those who want no motion. */
export const gently = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth');

/** Terms and descriptions; pairs whose description is null are left out. */
export function terms(pairs, className) {
  const rows = pairs
    .filter(([, description]) => description !== null && description !== undefined)
    .map(([term, description]) => el('div', {}, el('dt', {}, term), el('dd', {}, description)));
  return el('dl', { class: className }, rows);
}

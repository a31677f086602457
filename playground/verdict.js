// What the checks and the confidences come to, above the table.

import { el, icon } from './dom.js';
import { count, percent, place, words } from './format.js';
import { checkId, idOf, linkTo } from './marks.js';

/** In one line, for the status. */
export function verdictLine(marks) {
  const parts = [];
  const doubtful = marks.count('doubtful');
  const toCheck = marks.count('check');
  if (marks.failing.length) parts.push(`${count(marks.failing.length, 'check')} failed`);
  if (doubtful) parts.push(`${count(doubtful, 'value')} doubtful`);
  if (toCheck) parts.push(`${count(toCheck, 'value')} to check`);
  const missing = marks.countMissing();
  if (missing) parts.push(`${count(missing, 'value')} not printed`);
  if (parts.length) return `${parts.join(', ')}.`;
  return Object.keys(marks.fields).length ? 'Nothing stands out.' : '';
}

/** The failing checks in words, the passing ones as a count. `has` says whether a value is shown. */
export function verdict(marks, meta, has) {
  const blocks = [];
  if (marks.failing.length) {
    blocks.push(el('div', { class: 'failing' },
      el('h3', {}, icon('failed'), `${count(marks.failing.length, 'check')} failed`),
      el('ol', {}, marks.failing.map((check, index) => failing(check, index, has)))));
  }
  if (marks.passed.length) {
    blocks.push(el('details', { class: 'passed' },
      el('summary', {}, icon('passed'), `${count(marks.passed.length, 'check')} passed`),
      el('ul', {}, marks.passed.map((check) => el('li', {}, check.message || words(check.name))))));
  }
  if (typeof meta?.confidence === 'number') {
    blocks.push(el('p', { class: 'muted' }, `Least sure amount or date: ${percent(meta.confidence)}`));
  }
  return blocks;
}

function failing(check, index, has) {
  const links = (check.fields ?? [])
    .map((pointer) => (has(pointer) ? linkTo(idOf(pointer), place(pointer)) : place(pointer)))
    .flatMap((link, i) => (i ? [', ', link] : [link]));
  return el('li', { id: checkId(index) },
    check.message || words(check.name),
    links.length ? el('span', { class: 'where' }, 'Look at: ', links) : null);
}

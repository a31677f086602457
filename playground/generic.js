// Any JSON object, for schemas that have no table of their own: fields as terms, lists as tables.

import { el } from './dom.js';
import { below, money, words } from './format.js';
import { field, groupMarks } from './marks.js';

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isLeaf = (value) => value === null || typeof value !== 'object';
const MONEY = new Set('amount total subtotal price tax sum paid due balance cost fee discount change cash'.split(' '));
const NO_MONEY = new Set('rate percent count number date year id quantity'.split(' '));

/** Whether a key names an amount: `total_paid`, `unitPrice`, but not `tax_rate`. */
function isMoney(key) {
  const parts = key.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toLowerCase().split(/[^a-z]+/);
  return parts.some((part) => MONEY.has(part)) && !parts.some((part) => NO_MONEY.has(part));
}

/** Nodes for an object at a pointer. `schema` lends titles and the order; it may be absent. */
export function genericTable(data, view, schema = null, pointer = '') {
  const keys = keysInOrder(data, schema, view.growing);
  const leaves = [];
  const groups = [];
  for (const key of keys) {
    const value = data[key];
    const at = below(pointer, key);
    const title = propertyOf(schema, key)?.title ?? words(key);
    if (isLeaf(value) || (Array.isArray(value) && value.every(isLeaf))) {
      leaves.push(el('div', {}, el('dt', {}, title), el('dd', {}, leaf(value, key, view, at))));
    } else {
      groups.push(group(title, value, view, propertyOf(schema, key), at));
    }
  }
  return [leaves.length ? el('dl', { class: 'head generic' }, leaves) : null, ...groups].filter(Boolean);
}

function keysInOrder(data, schema, growing) {
  const expected = Object.keys(schema?.properties ?? {}).filter((key) => growing || key in data);
  return [...new Set([...expected, ...Object.keys(data)])];
}

const propertyOf = (schema, key) => schema?.properties?.[key] ?? null;

function leaf(value, key, view, at) {
  if (!Array.isArray(value)) return field(view, at, textOf(value, key));
  if (!value.length) return el('span', { class: 'absent' }, 'none');
  return el('ul', { class: 'plain' },
    value.map((each, i) => el('li', {}, field(view, below(at, i), textOf(each, key)))));
}

function textOf(value, key) {
  if (value === null || value === undefined) return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' && isMoney(key)) return money(value);
  return String(value);
}

function group(title, value, view, schema, at) {
  if (Array.isArray(value)) return listTable(title, value, view, schema?.items ?? null, at);
  return el('section', { class: 'group' },
    el('h3', {}, title, groupMarks(view, at)), genericTable(value, view, schema, at));
}

function listTable(title, list, view, schema, at) {
  const rows = list.map((row) => (isObject(row) ? row : { value: row }));
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isNumber = (key) => rows.every((row) => row[key] === null || row[key] === undefined || typeof row[key] === 'number');
  const header = keys.map((key) =>
    el('th', { role: 'columnheader', scope: 'col', class: isNumber(key) ? 'number' : null }, propertyOf(schema, key)?.title ?? words(key)));
  const body = rows.map((row, i) => el('tr', { role: 'row' }, keys.map((key) => {
    const pointer = isObject(list[i]) ? below(below(at, i), key) : below(at, i);
    return el('td', { role: 'cell', class: isNumber(key) ? 'number' : null, 'data-label': words(key) },
      cell(row[key], key, view, propertyOf(schema, key), pointer));
  })));
  return el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': title },
    el('table', { role: 'table', class: 'items generic' },
      el('caption', {}, title, groupMarks(view, at)),
      el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, header)),
      el('tbody', { role: 'rowgroup' }, body)));
}

function cell(value, key, view, schema, at) {
  if (isObject(value)) return genericTable(value, view, schema, at);
  if (Array.isArray(value) && !value.every(isLeaf)) return listTable(words(key), value, view, schema?.items ?? null, at);
  return leaf(value, key, view, at);
}

// The invoice as a table: head, items, sums.

import { el, terms } from './dom.js';
import { decimalsFor, money, words } from './format.js';
import { field, groupMarks } from './marks.js';

const AMOUNTS = ['subtotal', 'tax_amount', 'discount', 'total_due', 'prepaid', 'rounding'];

/** Whether an object is of the invoice's shape, so that a finished one fits this table. */
export const isInvoice = (data) => Array.isArray(data.items) && 'total_due' in data;

/** Nodes for an invoice, which may be still growing: keys that have not come yet show as dots. */
export function invoiceTable(data, view) {
  const items = Array.isArray(data.items) ? data.items.map((item) => item ?? {}) : [];
  const decimals = decimalsFor([
    ...AMOUNTS.map((key) => data[key]),
    ...items.flatMap((item) => [item.unit_price, item.total]),
  ]);
  const shown = { ...view, amount: (value) => (typeof value === 'number' ? money(value, decimals) : value) };
  return [head(data, shown), itemTable(data, items, shown), sums(data, items, shown)];
}

function head(data, view) {
  const text = (key) => field(view, `/${key}`, data[key]);
  return terms([
    ['Vendor', text('vendor_name')],
    ['Invoice number', text('invoice_number')],
    ['Invoice date', text('invoice_date')],
    ['Due date', text('due_date')],
  ], 'head');
}

// Roles are given because a narrow screen lays the table out as cards, which would take them away.
function itemTable(data, items, view) {
  const columns = ['Item', 'Quantity', 'Unit price', 'Total'];
  const header = el('tr', { role: 'row' },
    columns.map((name, i) => el('th', { role: 'columnheader', scope: 'col', class: i ? 'number' : null }, name)));
  const rows = items.map((item, i) => itemRow(item, `/items/${i}`, view));
  const none = data.items === undefined ? '…' : 'No items on the receipt';
  return el('table', { role: 'table', class: 'items' },
    el('caption', {}, 'Items', groupMarks(view, '/items')),
    el('thead', { role: 'rowgroup' }, header),
    el('tbody', { role: 'rowgroup' },
      rows.length ? rows : el('tr', { role: 'row' }, el('td', { role: 'cell', colspan: 4, class: 'absent' }, none))));
}

function itemRow(item, at, view) {
  const details = Array.isArray(item.details) ? item.details : [];
  const category = typeof item.category === 'string' ? words(item.category.toLowerCase()) : item.category;
  const number = (label, inside) => el('td', { role: 'cell', class: 'number', 'data-label': label }, inside);
  return el('tr', { role: 'row' },
    el('td', { role: 'cell', class: 'what' },
      field(view, `${at}/description`, item.description),
      groupMarks(view, at),
      details.map((line, i) => el('div', { class: 'detail' }, field(view, `${at}/details/${i}`, line))),
      el('div', { class: 'kind' },
        field(view, `${at}/category`, category), ' · ', field(view, `${at}/currency`, item.currency))),
    number('Quantity', field(view, `${at}/quantity`, textOf(item.quantity))),
    number('Unit price', field(view, `${at}/unit_price`, view.amount(item.unit_price))),
    number('Total', field(view, `${at}/total`, view.amount(item.total))));
}

function sums(data, items, view) {
  const amount = (key) => field(view, `/${key}`, view.amount(data[key]));
  const rate = data.tax_rate_percent;
  const currencies = new Set(items.map((item) => item.currency).filter(Boolean));
  const currency = currencies.size === 1 ? ` (${[...currencies][0]})` : '';
  const taxes = Array.isArray(data.taxes) ? data.taxes.map((tax) => tax ?? {}) : [];
  const breakdown = taxes.map((tax, i) => [
    `Tax of ${textOf(tax.rate_percent) ?? '…'}\u202f% of ${textOf(view.amount(tax.base)) ?? '…'}`,
    field(view, `/taxes/${i}/amount`, view.amount(tax.amount)),
  ]);
  // Most receipts have neither.
  const others = [['Prepaid', 'prepaid'], ['Rounding', 'rounding']].filter(([, key]) => data[key]);
  return terms([
    ['Subtotal', amount('subtotal')],
    ['Tax rate', field(view, '/tax_rate_percent', typeof rate === 'number' ? `${rate}\u202f%` : rate)],
    ['Tax', amount('tax_amount')],
    ['Discount', amount('discount')],
    ...others.map(([name, key]) => [name, amount(key)]),
    [`Total due${currency}`, amount('total_due')],
    ...breakdown,
  ], 'sums');
}

const textOf = (value) => (typeof value === 'number' ? String(value) : value);

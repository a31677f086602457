// The answer on show, growing or finished, as a table and as JSON.

import { schemaName, schemaOf } from './choices.js';
import { byId } from './dom.js';
import { details } from './details.js';
import { genericTable } from './generic.js';
import { invoiceTable, isInvoice } from './invoice.js';
import { highlighted } from './json.js';
import { idOf, Marks } from './marks.js';
import { clearPlaces, setPlaces } from './places.js';
import { verdict, verdictLine } from './verdict.js';

const table = byId('table');
const json = byId('json');
let shown = null;
let frame = 0;

/** Nothing on show. */
export function clearAnswer() {
  cancelAnimationFrame(frame);
  shown = null;
  clearPlaces();
  byId('answer').hidden = true;
  for (const id of ['table', 'json', 'verdict', 'details', 'copied']) byId(id).replaceChildren();
  byId('copy-by-hand').hidden = true;
  for (const id of ['all-label', 'with-meta-label']) byId(id).hidden = true;
}

/** A part of the answer; drawn once a frame at most. */
export function showPartial(data) {
  shown = { data, meta: null, growing: true };
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => draw(new Marks(null)));
}

/** The finished answer; returns what stands out, in a line. */
export function showAnswer({ invoice, meta }) {
  cancelAnimationFrame(frame);
  shown = { data: invoice, meta, growing: false };
  const marks = new Marks(meta);
  draw(marks);
  setPlaces(marks.places());
  byId('verdict').replaceChildren(...verdict(marks, meta, (pointer) => byId(idOf(pointer)) !== null));
  if (meta) byId('details').replaceChildren(details(meta));
  byId('all-label').hidden = !Object.keys(marks.fields).length;
  byId('with-meta-label').hidden = !meta;
  return verdictLine(marks);
}

/** Whether what is on show broke off. */
export const isUnfinished = () => shown?.growing === true;

/** The JSON as it is on show. */
export function shownJson() {
  if (!shown) return '';
  const whole = shown.meta && byId('with-meta').checked;
  return JSON.stringify(whole ? { invoice: shown.data, meta: shown.meta } : shown.data, null, 2);
}

function draw(marks) {
  const { data, meta, growing } = shown;
  const view = { marks, growing };
  const name = meta?.schema ?? schemaName();
  const asInvoice = name === 'invoice' && (growing || isInvoice(data));
  table.replaceChildren(...(asInvoice ? invoiceTable(data, view) : genericTable(data, view, schemaOf(name))));
  byId('answer').hidden = false;
  byId('answer').setAttribute('aria-busy', String(growing));
  drawJson();
}

function drawJson() {
  json.replaceChildren(...highlighted(shownJson()));
}

byId('with-meta').addEventListener('change', drawJson);
byId('all').addEventListener('change', (event) => table.classList.toggle('all', event.target.checked));

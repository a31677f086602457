// Where the values stand: a value that is pointed at or focused shows its place on the page, and a place that is
// clicked shows its value.

import { byId, el, gently } from './dom.js';
import { count, percent, place as named } from './format.js';
import { idOf } from './marks.js';
import { offerWords, onSheets, openPage, reveal } from './viewer.js';

const table = byId('table');
const viewer = byId('viewer');
const told = byId('place');

// Characters of what is printed; more would take more than two lines.
const LONGEST = 40;

// The places of each value, by its pointer.
let places = new Map();
let sheets = [];
// The value that was clicked, which stays marked, and the one that is marked now.
let pinned = null;
let marked = null;
let turn = 0;

/** Takes the places of an answer; `found` maps pointers to lists of places. */
export function setPlaces(found) {
  places = found;
  pinned = null;
  offerWords(places.size > 0);
  draw();
  mark(null);
}

/** There is no answer any more, or not to these pages. */
export const clearPlaces = () => setPlaces(new Map());

onSheets((shown) => {
  sheets = shown;
  draw();
});

function draw() {
  for (const { number, layer } of sheets) {
    const boxes = [...places].flatMap(([pointer, list]) =>
      list.map((place, rank) => (place.page === number ? boxOf(pointer, place, rank) : null)));
    // The places of a value beside the likeliest are seen with it alone.
    layer.replaceChildren(...boxes.filter(Boolean));
  }
  paint();
}

// The value's own button, which the keyboard reaches, does the same.
function boxOf(pointer, place, rank) {
  const label = `${named(pointer)}: ${place.text}`;
  const box = el('button', { type: 'button', class: rank ? 'box other' : 'box', tabindex: '-1', 'aria-label': label, 'data-place': pointer });
  const [left, top, width, height] = place.box.map((share) => `${share * 100}%`);
  Object.assign(box.style, { left, top, width, height });
  return box;
}

const placed = (node) => node?.closest?.('[data-place]')?.dataset.place ?? null;

function paint() {
  for (const node of document.querySelectorAll('[data-place]')) {
    node.classList.toggle('is-on', node.dataset.place === marked);
  }
}

/** Marks a value and its places; null marks none. `asked` if it was clicked. */
async function mark(pointer, asked = false) {
  const mine = ++turn;
  marked = places.has(pointer) ? pointer : null;
  paint();
  told.textContent = marked ? sentence(places.get(marked)) : '';
  if (!marked) return;
  let isOpen = false;
  try {
    isOpen = await openPage(places.get(marked)[0].page, asked);
  } catch (error) {
    if (mine === turn) told.append(` The page cannot be drawn: ${error.message}`);
  }
  if (mine !== turn || !isOpen) return;
  paint();
  const box = viewer.querySelector('.box.is-on:not(.other)');
  if (box) reveal(box);
}

function sentence([first, ...others]) {
  const source = first.source === 'pdf' ? 'the PDF says so' : first.source === 'code' ? 'a code says so' : `read from the picture, ${percent(first.confidence)} sure`;
  const more = others.length ? `, and in ${count(others.length, 'other place')}` : '';
  const text = first.text.length > LONGEST ? `${first.text.slice(0, LONGEST)}…` : first.text;
  return `Page ${first.page} has “${text}” here (${source})${more}.`;
}

/** Marks what has the focus or was clicked, now that nothing is pointed at. */
function restore() {
  const focused = placed(table.contains(document.activeElement) ? document.activeElement : null);
  const next = focused ?? pinned;
  if (next !== marked) mark(next);
}

for (const area of [table, viewer]) {
  area.addEventListener('pointerover', (event) => {
    // A finger points by its tap.
    if (event.pointerType === 'touch') return;
    const pointer = placed(event.target);
    if (pointer !== null && pointer !== marked) mark(pointer);
  });
  area.addEventListener('pointerout', (event) => {
    if (event.pointerType !== 'touch' && placed(event.target) !== null && placed(event.relatedTarget) === null) restore();
  });
}
table.addEventListener('focusin', (event) => {
  const pointer = placed(event.target);
  if (pointer !== null && pointer !== marked) mark(pointer);
});
table.addEventListener('focusout', (event) => {
  if (placed(event.relatedTarget) === null) restore();
});

table.addEventListener('click', async (event) => {
  if (!event.target.closest('.placed')) return;
  pinned = placed(event.target);
  await mark(pinned, true);
  // On a narrow screen the picture is out of sight.
  if (pinned !== null) viewer.scrollIntoView({ block: 'nearest', behavior: gently() });
});

viewer.addEventListener('click', (event) => {
  const pointer = placed(event.target);
  if (pointer === null) return;
  // Several values may stand in one place: each click goes to the next.
  const here = [...places].filter(([, list]) => isSame(list[0], places.get(pointer)[0])).map(([each]) => each);
  pinned = here[(here.indexOf(pinned) + 1) % here.length];
  mark(pinned, true);
  byId('tab-table').click();
  const value = byId(idOf(pinned));
  value?.querySelector('.placed')?.focus({ preventScroll: true });
  value?.scrollIntoView({ block: 'center', behavior: gently() });
});

const isSame = (one, other) => one.page === other.page && one.box.every((edge, i) => edge === other.box[i]);

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || pinned === null) return;
  pinned = null;
  restore();
});

// Which values deserve a second look, and how that is shown: in words and a symbol, then in colour.

import { el, icon } from './dom.js';
import { percent } from './format.js';

const DOUBTFUL = 0.5;
const CHECK = 0.8;
// The check that names the values without a place.
const IS_PRINTED = 'is_printed';

/** Looks up the confidence and the failing checks of a value by its JSON pointer. */
export class Marks {
  constructor(meta) {
    this.fields = meta?.fields ?? {};
    this.failing = (meta?.checks ?? []).filter((check) => check.passed === false);
    this.passed = (meta?.checks ?? []).filter((check) => check.passed === true);
  }

  /** `{confidence, level, failing}`; level is doubtful, check, sure or null where nothing is known. */
  at(pointer) {
    const confidence = this.fields[pointer]?.confidence ?? null;
    const failing = [];
    this.failing.forEach((check, i) => {
      if (check.fields?.includes(pointer)) failing.push(i);
    });
    return { confidence, level: levelOf(confidence), failing };
  }

  /** Whether a value is printed: printed, derived, missing, exempt, unknown, or null from an older gateway. */
  standing(pointer) {
    return this.fields[pointer]?.printed ?? null;
  }

  /** Where each value is printed that is, by its pointer. */
  places() {
    const found = Object.entries(this.fields).map(([pointer, field]) => [pointer, (field.evidence ?? []).filter(isPlace)]);
    return new Map(found.filter(([, list]) => list.length));
  }

  /** Whether a value is printed in a place that is known. */
  isPlaced(pointer) {
    return (this.fields[pointer]?.evidence ?? []).some(isPlace);
  }

  /** How many values are not printed. */
  countMissing() {
    return Object.values(this.fields).filter((field) => field.printed === 'missing').length;
  }

  /** How many values are of that level. */
  count(level) {
    return Object.values(this.fields).filter((field) => levelOf(field.confidence) === level).length;
  }
}

function isPlace(place) {
  return Number.isInteger(place?.page) && place.box?.length === 4 && place.box.every(Number.isFinite);
}

function levelOf(confidence) {
  if (typeof confidence !== 'number') return null;
  if (confidence < DOUBTFUL) return 'doubtful';
  return confidence < CHECK ? 'check' : 'sure';
}

/** A link to the element with that id, whatever is in it. */
export const linkTo = (id, text) => el('a', { href: `#${encodeURIComponent(id)}` }, text);

/** The id of the element that shows the value. */
export const idOf = (pointer) => `value:${pointer}`;
export const checkId = (index) => `check:${index + 1}`;

/** One value with its marks. `text` is null for a value that is not on the receipt. */
export function field(view, pointer, text) {
  const { confidence, level, failing } = view.marks.at(pointer);
  const marks = [];
  if (level === 'doubtful') marks.push(mark('doubtful', `doubtful ${percent(confidence)}`));
  if (level === 'check') marks.push(mark('check', `check ${percent(confidence)}`));
  if (level === 'sure') marks.push(el('span', { class: 'mark sure' }, percent(confidence)));
  const standing = view.marks.standing(pointer);
  if (standing === 'missing') marks.push(notPrinted(view, failing));
  if (standing === 'derived') marks.push(el('span', { class: 'mark derived' }, 'calculated'));
  for (const index of failing) {
    if (standing === 'missing' && view.marks.failing[index].name === IS_PRINTED) continue;
    marks.push(el('span', { class: 'mark failed' }, icon('failed'), linkTo(checkId(index), `fails check ${index + 1}`)));
  }
  const worst = failing.length ? 'failed' : level;
  const inside = text === undefined
    ? el('span', { class: 'waiting' }, '…')
    : text === null ? el('span', { class: 'absent' }, 'not on the receipt') : text;
  const spaced = marks.flatMap((each) => [' ', each]);
  const isPlaced = text !== null && text !== undefined && view.marks.isPlaced(pointer);
  const value = isPlaced
    ? el('button', { type: 'button', class: 'value placed', title: 'Show where it is printed' }, inside)
    : el('span', { class: 'value' }, inside);
  return el('span', { class: 'field', id: idOf(pointer), 'data-level': worst, 'data-place': isPlaced ? pointer : null }, value, spaced);
}

function notPrinted(view, failing) {
  const index = failing.find((each) => view.marks.failing[each].name === IS_PRINTED);
  const words = 'not printed';
  return el('span', { class: 'mark unprinted' }, icon('unprinted'), index === undefined ? words : linkTo(checkId(index), words));
}

/** The failing checks of a whole list or row, where a check names that and not a value in it. */
export function groupMarks(view, pointer) {
  const { failing } = view.marks.at(pointer);
  if (!failing.length) return null;
  return el('span', { class: 'field', id: idOf(pointer), 'data-level': 'failed' },
    failing.flatMap((index) => [' ', el('span', { class: 'mark failed' }, icon('failed'), linkTo(checkId(index), `fails check ${index + 1}`))]));
}

function mark(level, text) {
  return el('span', { class: `mark ${level}` }, icon(level), text);
}

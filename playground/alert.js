// Faults, in plain words, with what can be done about them.

import { Fault } from './api.js';
import { byId, el } from './dom.js';
import { count } from './format.js';

// A fault of a reading shows where the answer would be, any other at the top.
const places = [byId('alert'), byId('reading-alert')];
const retry = byId('retry');
const note = byId('retry-note');
let timer = 0;

/** Takes the fault away. */
export function clearAlert() {
  clearTimeout(timer);
  for (const each of places) each.replaceChildren();
  note.replaceChildren();
  retry.hidden = true;
}

/** Shows a fault; of a reading or of something else. */
export function showAlert(error, ofReading) {
  clearAlert();
  const alert = places[Number(ofReading)];
  const fault = error instanceof Fault ? error : new Fault({ message: `The page stumbled: ${error.message}` });
  const label = [fault.status || null, fault.code || null].filter(Boolean).join(' ');
  alert.append(el('div', { class: 'fault' },
    el('h2', {}, fault.title),
    el('p', {}, fault.message),
    fault.retryAfter ? el('p', {}, `Try again in ${count(fault.retryAfter, 'second')}.`) : null,
    label ? el('p', { class: 'code' }, label) : null));
  // Without the key that is asked for, the same request would fail the same way.
  retry.hidden = fault.status === 401;
  alert.after(retry);
  (retry.hidden ? alert : retry).scrollIntoView({ block: 'nearest' });
  if (fault.retryAfter) {
    timer = setTimeout(() => note.replaceChildren('You can try again now.'), fault.retryAfter * 1000);
  }
}

/** Calls back when the user wants to try again. */
export function onRetry(callback) {
  byId('retry-button').addEventListener('click', callback);
}

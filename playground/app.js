// The page's course of things: files come in, a reading starts, its events are shown, it ends.

import { extract, Fault, hasKey, setKey } from './api.js';
import { clearAlert, onRetry, showAlert } from './alert.js';
import { clearAnswer, isUnfinished, showAnswer, showPartial, shownJson } from './answer.js';
import { chosen, loadChoices, onChoice, refreshStates } from './choices.js';
import { copy, curlCommand } from './copy.js';
import { byId, gently } from './dom.js';
import { count, duration } from './format.js';
import { onFiles } from './intake.js';
import { clearPlaces } from './places.js';
import { tabs } from './tabs.js';
import { showFiles, shownPage } from './viewer.js';

let files = [];
// The reading that runs, if one does.
let running = null;
// What the last answer was an answer to: the same again means reading anew.
let answered = '';
let retry = load;

const question = () => JSON.stringify([chosen(), files.map((file) => [file.name, file.size, file.lastModified])]);

const STAGES = {
  sending: () => 'Sending it to the gateway',
  queued: () => 'Waiting in line',
  reading: ({ pages = files.length }) => (pages > 1 ? `Looking at ${pages} pages` : 'Looking at the receipt'),
  generating: () => 'Writing down what it says',
  checking: () => 'Checking sums and dates',
};

function stage(name, text) {
  byId('status').dataset.stage = name;
  // Said once a stage: a live region that is set again is read out again.
  if (byId('stage').textContent !== text) byId('stage').textContent = text;
}

function buttons() {
  const [cancel, read] = [byId('cancel'), byId('read')];
  const hadFocus = [cancel, read].includes(document.activeElement) || document.activeElement === document.body;
  cancel.hidden = !running;
  read.hidden = Boolean(running) || !files.length;
  const again = question() === answered;
  read.textContent = again ? 'Read again' : 'Read';
  read.classList.toggle('primary', !again && byId('retry').hidden);
  const shown = running ? cancel : read;
  if (hadFocus && !shown.hidden) shown.focus({ preventScroll: true });
}

async function read() {
  running?.abort();
  const own = new AbortController();
  running = own;
  const asked = question();
  const fresh = asked === answered;
  const began = performance.now();
  const elapsed = () => duration(performance.now() - began);
  retry = read;
  clearAlert();
  clearAnswer();
  stage('sending', STAGES.sending());
  buttons();
  toResult();
  const clock = setInterval(() => {
    byId('elapsed').textContent = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  }, 100);
  // The first to ask for a model has it loaded.
  const states = setInterval(refreshStates, 2000);
  try {
    for await (const { event, data } of extract({ files, ...chosen(), fresh, signal: own.signal })) {
      if (running !== own) return;
      if (event === 'done') {
        answered = asked;
        const standsOut = showAnswer(withInvoice(data));
        const kept = data.meta?.cache === 'hit' ? 'From the cache' : 'Read';
        stage('done', `${kept} in ${elapsed()}. ${standsOut}`.trim());
      } else if (STAGES[event]) {
        stage(event, STAGES[event](data));
        if (data.partial) showPartial(data.partial);
      }
    }
  } catch (error) {
    if (running !== own) return;
    if (error.name === 'AbortError') {
      stage('stopped', `Cancelled after ${elapsed()}.${unfinished()}`);
    } else {
      stage('stopped', `Not read.${unfinished()}`);
      fail(error, true);
    }
  } finally {
    clearInterval(clock);
    clearInterval(states);
    refreshStates();
    if (running === own) {
      running = null;
      byId('elapsed').textContent = '';
      buttons();
    }
  }
}

const unfinished = () => (isUnfinished() ? ' What is below is unfinished.' : '');

// An older gateway answers with the bare object.
const withInvoice = (data) => (data.meta && data.invoice ? data : { invoice: data, meta: null });

function toResult() {
  const narrow = matchMedia('(max-width: 55rem)').matches;
  if (narrow) byId('result').scrollIntoView({ block: 'start', behavior: gently() });
}

function fail(error, ofReading = false) {
  const wantsKey = error instanceof Fault && error.status === 401;
  // Being asked for a key the first time is no fault.
  if (wantsKey && !hasKey()) clearAlert();
  else showAlert(error, ofReading && !wantsKey);
  if (wantsKey) askForKey();
}

function askForKey() {
  byId('key-form').hidden = false;
  byId('key').focus();
}

function take(more, isPage) {
  files = isPage ? [...files, ...more] : more;
  // What had the focus goes away: Cancel is to have it.
  if (byId('start').contains(document.activeElement)) document.activeElement.blur();
  byId('start').hidden = true;
  byId('work').hidden = false;
  showFiles(files, isPage ? files.length - 1 : 0);
  read();
}

/** Back to the first screen. */
function startOver() {
  running?.abort();
  files = [];
  clearAlert();
  clearAnswer();
  byId('work').hidden = true;
  byId('start').hidden = false;
  byId('choose').focus();
}

async function load() {
  retry = load;
  try {
    await loadChoices();
    clearAlert();
    buttons();
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

onFiles(take, fail);
onChoice(buttons);
onRetry(() => retry());
tabs(document.querySelector('[role=tablist]'));
byId('another').addEventListener('click', startOver);
byId('read').addEventListener('click', read);
byId('cancel').addEventListener('click', () => running?.abort());
byId('remove-page').addEventListener('click', () => {
  const at = shownPage();
  files = files.filter((_, i) => i !== at);
  // What was read counts the pages as they were.
  clearPlaces();
  showFiles(files, Math.max(0, at - 1));
  running?.abort();
  buttons();
});
byId('copy-json').addEventListener('click', () => copy(shownJson(), 'JSON'));
byId('copy-curl').addEventListener('click', () => {
  const names = files.map((file) => file.name);
  copy(curlCommand({ names, ...chosen(), withKey: hasKey() }), 'The curl command was');
});
byId('key-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  setKey(byId('key').value.trim());
  if (!(await load())) return;
  byId('key-form').hidden = true;
  if (files.length) read();
});
load();

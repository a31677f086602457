// The receipt on show: a picture that zooms, a PDF in the browser's own viewer, or the words of its pages in their
// places, which boxes can be drawn on.

import { byId, el } from './dom.js';
import { count } from './format.js';
import { firstOf, isPdf, isXml, spotOf, textOf } from './pages.js';
import { pageOfWords } from './words.js';

const viewer = byId('viewer');
const thumbnails = byId('thumbnails');
const toggle = byId('words');
// Around a picture that fits, on each side.
const MARGIN = 12;
// Characters of an XML file that are shown.
const MOST_XML = 200_000;

let files = [];
let current = 0;
// Counts what was put on show, so that what comes late is told from what is on show.
let turn = 0;
let sheets = [];
let tell = () => {};

/** Shows these files, that one of them first. */
export function showFiles(given, at = 0) {
  for (const { url } of files) URL.revokeObjectURL(url);
  files = given.map((file) => {
    const pdf = isPdf(file);
    const xml = isXml(file);
    // Typed here, so that a frame can only ever hold a PDF.
    const blob = pdf ? new Blob([file], { type: 'application/pdf' }) : file;
    return { file, pdf, xml, url: URL.createObjectURL(blob), words: false, refused: false, unseen: pdf };
  });
  thumbnails.hidden = files.length < 2;
  byId('remove-page').hidden = files.length < 2;
  thumbnails.replaceChildren(...files.map(thumbnail));
  show(at);
}

/** Which file is on show. */
export const shownPage = () => current;

/** Calls back with the sheets on show, `{number, layer}`, whenever there are others. */
export function onSheets(callback) {
  tell = callback;
}

/** Whether there are places to show on the words of a file that has no picture. */
export function offerWords(on) {
  toggle.dataset.on = String(on);
  offer();
}

/**
 * Puts the page of that number on show, counted over all files. A file that the browser draws no picture of shows its
 * words, unless the user has closed them: then only if `asked`. Returns whether the page is on show.
 */
export async function openPage(number, asked) {
  const began = turn;
  const spot = await spotOf(files.map(({ file }) => file), number);
  // Another file was put on show, or another receipt.
  if (!spot || began !== turn) return false;
  const entry = files[spot.at];
  const wantsWords = entry.unseen && !entry.words && (asked || !entry.refused);
  if (wantsWords) entry.words = true;
  if (wantsWords || spot.at !== current) await show(spot.at);
  return sheets.some((sheet) => sheet.number === number);
}

/** Scrolls what is on show, and nothing else, until `node` can be seen. */
export function reveal(node) {
  const [frame, box] = [viewer.getBoundingClientRect(), node.getBoundingClientRect()];
  const isIn = box.top >= frame.top && box.bottom <= frame.bottom && box.left >= frame.left && box.right <= frame.right;
  if (isIn) return;
  viewer.scrollTop += box.top + box.height / 2 - frame.top - frame.height / 2;
  viewer.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
}

function thumbnail(entry, index) {
  const inside = entry.pdf || entry.xml ? el('span', {}, entry.pdf ? 'PDF' : 'XML') : el('img', { src: entry.url, alt: '' });
  const button = el('button', { type: 'button', 'aria-label': `Page ${index + 1}` }, inside, el('span', {}, String(index + 1)));
  button.addEventListener('click', () => show(index));
  return button;
}

async function show(index) {
  current = Math.min(index, files.length - 1);
  const mine = ++turn;
  const entry = files[current];
  setSheets([]);
  caption(entry);
  if (entry.words) {
    await showWords(entry, mine);
  } else if (entry.pdf) {
    viewer.replaceChildren(el('iframe', { src: entry.url, title: `The PDF ${entry.file.name}` }));
  } else if (entry.xml) {
    await showXml(entry, mine);
  } else {
    await showPicture(entry, mine);
  }
}

function caption(entry) {
  [...thumbnails.children].forEach((button, i) => button.setAttribute('aria-pressed', String(i === current)));
  const name = byId('source-name');
  name.replaceChildren(entry.file.name);
  if (files.length > 1) name.append(`, page ${current + 1}. ${count(files.length, 'page')}, read as one receipt.`);
  if (entry.pdf) name.append(' ', el('a', { href: entry.url, target: '_blank' }, 'Open the PDF'));
  offer();
}

function offer() {
  const entry = files[current];
  toggle.hidden = !entry?.unseen || (toggle.dataset.on !== 'true' && !entry.words);
  if (!entry) return;
  const back = entry.pdf ? 'Show the PDF' : 'Close the words';
  toggle.textContent = entry.words ? back : 'Show where the values stand';
}

toggle.addEventListener('click', () => {
  const entry = files[current];
  entry.words = !entry.words;
  entry.refused = !entry.words;
  show(current).catch(() => {});
});

function setSheets(shown) {
  sheets = shown;
  tell(sheets);
}

/** A sheet of paper with what is drawn on it, and a layer for boxes. */
function sheetOf(number, ...drawn) {
  const layer = el('div', { class: 'boxes' });
  return { number, layer, node: el('div', { class: 'sheet' }, drawn, layer) };
}

async function showWords(entry, mine) {
  viewer.replaceChildren(el('p', { class: 'muted no-picture' }, 'Looking for the words'));
  let pages;
  let first;
  try {
    [pages, first] = await Promise.all([textOf(entry.file), firstOf(files.map(({ file }) => file), current)]);
  } catch (error) {
    if (mine !== turn) return;
    entry.words = false;
    entry.refused = true;
    await show(current);
    throw error;
  }
  if (mine !== turn) return;
  const shown = pages.map((page, i) => sheetOf(first + i, pageOfWords(page, `The words of page ${i + 1} of ${entry.file.name}`)));
  // It scrolls, so the keyboard has to reach it.
  const label = `The words of ${entry.file.name}`;
  viewer.replaceChildren(el('div', { class: 'sheets', tabindex: '0', role: 'group', 'aria-label': label }, shown.map(({ node }) => node)));
  viewer.scrollTop = 0;
  setSheets(shown);
}

// As text, so that nothing in it is drawn or run.
async function showXml(entry, mine) {
  const text = await entry.file.slice(0, MOST_XML).text();
  if (mine !== turn) return;
  const label = `The XML of ${entry.file.name}`;
  viewer.replaceChildren(el('pre', { class: 'xml', tabindex: '0', role: 'group', 'aria-label': label }, text));
  viewer.scrollTop = 0;
}

async function showPicture(entry, mine) {
  const picture = el('img', { src: entry.url, alt: `The receipt, ${entry.file.name}` });
  const label = 'Zoom in or out';
  const button = el('button', { type: 'button', class: 'zoom', 'aria-pressed': 'false', 'aria-label': label, title: label });
  const sheet = sheetOf(0, picture, button);
  viewer.replaceChildren(el('div', { class: 'sheets' }, sheet.node));
  const fits = () => {
    if (mine === turn && button.getAttribute('aria-pressed') !== 'true') fit(sheet.node, picture);
  };
  picture.addEventListener('load', fits);
  refit = fits;
  button.addEventListener('click', (event) => zoom(button, sheet.node, picture, event));
  picture.addEventListener('error', () => {
    if (mine !== turn) return;
    entry.unseen = true;
    setSheets([]);
    viewer.replaceChildren(
      el('p', { class: 'muted no-picture' }, 'This browser cannot show the file. The gateway may still read it.'),
    );
    offer();
  });
  try {
    sheet.number = await firstOf(files.map(({ file }) => file), current);
  } catch {
    // Without the number of pages before it, no place belongs to this one.
    return;
  }
  if (mine === turn && !entry.unseen) setSheets([sheet]);
}

let refit = () => {};
new ResizeObserver(() => refit()).observe(viewer);

/** Makes the sheet as large as there is room for, and no larger than the picture. */
function fit(node, picture) {
  const [width, height] = [picture.naturalWidth, picture.naturalHeight];
  const room = [viewer.clientWidth - 2 * MARGIN, viewer.clientHeight - 2 * MARGIN];
  node.style.width = `${width * Math.min(1, room[0] / width, room[1] / height)}px`;
}

function zoom(button, node, picture, event) {
  const before = node.getBoundingClientRect();
  const on = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(on));
  if (!on) {
    fit(node, picture);
    return;
  }
  // Actual size, or half as large again where that is no larger than what fits.
  node.style.width = `${Math.max(picture.naturalWidth, Math.round(before.width * 1.5))}px`;
  const byMouse = event.detail > 0;
  const x = byMouse ? (event.clientX - before.left) / before.width : 0.5;
  const y = byMouse ? (event.clientY - before.top) / before.height : 0;
  viewer.scrollLeft = node.clientWidth * x - viewer.clientWidth / 2;
  viewer.scrollTop = node.clientHeight * y - viewer.clientHeight / 2;
}

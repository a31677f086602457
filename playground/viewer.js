// The receipt on show: a picture that zooms, or a PDF in the browser's own viewer, page by page.

import { byId, el } from './dom.js';
import { count } from './format.js';

const viewer = byId('viewer');
const thumbnails = byId('thumbnails');
const isPdf = (file) => file.type === 'application/pdf' || /\.pdf$/i.test(file.name);

let pages = [];
let current = 0;

/** Shows these files, that page of them first. */
export function showFiles(files, at = 0) {
  for (const page of pages) URL.revokeObjectURL(page.url);
  pages = files.map((file) => {
    const pdf = isPdf(file);
    // Typed here, so that a frame can only ever hold a PDF.
    const blob = pdf ? new Blob([file], { type: 'application/pdf' }) : file;
    return { file, pdf, url: URL.createObjectURL(blob) };
  });
  thumbnails.hidden = pages.length < 2;
  byId('remove-page').hidden = pages.length < 2;
  thumbnails.replaceChildren(...pages.map(thumbnail));
  show(at);
}

/** Which page is on show. */
export const shownPage = () => current;

function thumbnail(page, index) {
  const inside = page.pdf ? el('span', {}, 'PDF') : el('img', { src: page.url, alt: '' });
  const button = el('button', { type: 'button', 'aria-label': `Page ${index + 1}` }, inside, el('span', {}, String(index + 1)));
  button.addEventListener('click', () => show(index));
  return button;
}

function show(index) {
  current = Math.min(index, pages.length - 1);
  const page = pages[current];
  viewer.replaceChildren(page.pdf ? pdfView(page) : pictureView(page));
  [...thumbnails.children].forEach((button, i) => button.setAttribute('aria-pressed', String(i === current)));
  const name = byId('source-name');
  name.replaceChildren(page.file.name);
  if (pages.length > 1) name.append(`, page ${current + 1}. ${count(pages.length, 'page')}, read as one receipt.`);
  if (page.pdf) name.append(' ', el('a', { href: page.url, target: '_blank' }, 'Open the PDF'));
}

function pdfView(page) {
  return el('iframe', { src: page.url, title: `The PDF ${page.file.name}` });
}

function pictureView(page) {
  const picture = el('img', { src: page.url, alt: `The receipt, ${page.file.name}` });
  const button = el('button', { type: 'button', class: 'zoom', 'aria-pressed': 'false', title: 'Zoom in or out' }, picture);
  button.addEventListener('click', (event) => zoom(button, picture, event));
  picture.addEventListener('error', () => {
    viewer.replaceChildren(
      el('p', { class: 'muted no-picture' }, 'This browser cannot show the file. The gateway may still read it.'),
    );
  });
  return button;
}

function zoom(button, picture, event) {
  const before = picture.getBoundingClientRect();
  const on = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(on));
  if (!on) {
    picture.removeAttribute('width');
    return;
  }
  // Actual size, or half as large again where that is no larger than what fits.
  picture.width = Math.max(picture.naturalWidth, Math.round(before.width * 1.5));
  const byMouse = event.detail > 0;
  const x = byMouse ? (event.clientX - before.left) / before.width : 0.5;
  const y = byMouse ? (event.clientY - before.top) / before.height : 0;
  viewer.scrollLeft = picture.clientWidth * x - viewer.clientWidth / 2;
  viewer.scrollTop = picture.clientHeight * y - viewer.clientHeight / 2;
}

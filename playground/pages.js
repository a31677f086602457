// The pages of the files, counted from 1 over all of them, as an answer counts them.

import { readText } from './api.js';

// Files of these kinds have one page; of others the gateway knows.
const ONE_PAGE = /^image\/(png|jpeg|webp|gif|bmp|x-ms-bmp)$/;
const texts = new WeakMap();

export const isXml = (file) => /^(application|text)\/xml$/.test(file.type) || /\.xml$/i.test(file.name);

export const isPdf = (file) => file.type === 'application/pdf' || /\.pdf$/i.test(file.name);

/** The text of a file's pages; asked for once. */
export function textOf(file) {
  if (!texts.has(file)) {
    const asked = readText(file);
    texts.set(file, asked);
    asked.catch(() => texts.delete(file));
  }
  return texts.get(file);
}

const pagesIn = async (file) => (ONE_PAGE.test(file.type) || isXml(file) ? 1 : (await textOf(file)).length);

/** The number of the first page of the file at that index. */
export async function firstOf(files, at) {
  const counts = await Promise.all(files.slice(0, at).map(pagesIn));
  return counts.reduce((sum, pages) => sum + pages, 1);
}

/** The index of the file with the page of that number; null if there is none. */
export async function spotOf(files, number) {
  let before = 0;
  for (const [at, file] of files.entries()) {
    // The last file has what the others have not.
    const pages = at === files.length - 1 ? Infinity : await pagesIn(file);
    if (number <= before + pages) return { at };
    before += pages;
  }
  return null;
}

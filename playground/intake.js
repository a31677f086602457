// Ways by which files come in: dropped, pasted, chosen, photographed, or the sample.

import { getFile } from './api.js';
import { byId } from './dom.js';

const files = byId('files');
const photo = byId('photo');

/** Calls `take(files, isPage)`; with `isPage` they are further pages of the receipt on show. */
export function onFiles(take, fail) {
  let isPage = false;
  const open = (input, page) => {
    isPage = page;
    input.value = '';
    input.click();
  };
  const give = (list, page) => {
    // Cameras and scanners number their files: pages that come together go by name.
    const sorted = [...list].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    if (sorted.length) take(sorted, page);
  };
  for (const input of [files, photo]) {
    input.addEventListener('change', () => give(input.files, isPage));
  }
  byId('choose').addEventListener('click', () => open(files, false));
  byId('add-page').addEventListener('click', () => open(files, true));
  byId('take-photo').addEventListener('click', () => open(photo, false));
  byId('sample').addEventListener('click', async () => {
    try {
      give([await getFile('/playground/sample.png', 'sample.png')], false);
    } catch (error) {
      fail(error);
    }
  });
  document.addEventListener('paste', (event) => {
    const pasted = event.clipboardData?.files ?? [];
    if (!pasted.length) return;
    event.preventDefault();
    give(pasted, false);
  });
  dropAnywhere((list) => give(list, false));
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) byId('paste-keys').textContent = '⌘ V';
}

function dropAnywhere(give) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes('Files');
  const show = (on) => document.body.classList.toggle('is-dropping', on);
  document.addEventListener('dragover', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    show(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) show(false);
  });
  document.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    show(false);
    give(event.dataTransfer.files);
  });
}

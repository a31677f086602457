// Copying, and the same request as a curl command.

import { extractPath } from './api.js';
import { byId } from './dom.js';

/** Copies a text and says so; where the browser will not, shows it ready to be copied by hand. */
export async function copy(text, what) {
  const said = byId('copied');
  const area = byId('copy-by-hand');
  area.hidden = true;
  const done = (await byClipboard(text)) || bySelection(area, text);
  said.textContent = done ? `${what} copied.` : 'This browser does not let a page copy. Here is the text:';
  clearTimeout(copy.timer);
  if (done) copy.timer = setTimeout(() => said.replaceChildren(), 4000);
}

async function byClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Absent where the page came by plain http from another machine.
    return false;
  }
}

function bySelection(area, text) {
  const before = document.activeElement;
  area.value = text;
  area.hidden = false;
  area.select();
  if (!document.execCommand('copy')) return false;
  area.hidden = true;
  before?.focus();
  return true;
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The form field of a file; curl takes `;` and `,` in a name for its own unless it is quoted. */
function part(name) {
  const plain = !/[;,"\\]/.test(name);
  return quoted(plain ? `image=@${name}` : `image=@"${name.replaceAll(/["\\]/g, '\\$&')}"`);
}

/** The command line of a reading. */
export function curlCommand({ names, model, schema, withKey }) {
  const lines = ['curl -sS', ...names.map((name) => `-F ${part(name)}`)];
  if (withKey) lines.push('-H "Authorization: Bearer $API_KEY"');
  lines.push(quoted(location.origin + extractPath({ model, schema })));
  return lines.join(' \\\n  ');
}

// JSON as text with quiet colours.

import { el } from './dom.js';

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Nodes that spell out the text. */
export function highlighted(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    nodes.push(text.slice(end, match.index));
    const [token, string, colon] = match;
    if (string && colon) nodes.push(el('span', { class: 'j-key' }, string), colon);
    else nodes.push(el('span', { class: string ? 'j-text' : 'j-other' }, token));
    end = match.index + token.length;
  }
  return [...nodes, text.slice(end)];
}

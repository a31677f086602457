// How the answer came about: model, cache, attempts, tokens, times.

import { el, terms } from './dom.js';
import { count, duration, percent, words } from './format.js';

const CACHE = {
  hit: 'hit: read before, taken from the cache',
  'hit-shared': 'from the cache that gateways share',
  miss: 'miss: read by the model just now',
  coalesced: 'coalesced: shared with another request for the same picture',
  bypass: 'bypass: read anew, as asked',
};

const TIMES = {
  queued_ms: 'Waiting in line',
  prepare_ms: 'Preparing the picture',
  first_token_ms: 'Until the first token',
  generate_ms: 'Writing the answer',
  weigh_ms: 'Weighing it against others',
  total_ms: 'In all',
};

/** A closed section with all of it. */
export function details(meta) {
  const usage = meta.usage ?? {};
  const times = Object.entries(meta.timings ?? {})
    .filter(([, ms]) => typeof ms === 'number')
    .map(([name, ms]) => [TIMES[name] ?? words(name.replace(/_ms$/, '')), duration(ms)]);
  return el('details', { class: 'meta' },
    el('summary', {}, 'How it was read'),
    terms([
      ['Source', source(meta)],
      ['Model', meta.model === 'none' ? null : meta.model],
      ['Codes', codes(meta.codes ?? [])],
      ['Schema', meta.schema],
      ['Cache', CACHE[meta.cache] ?? meta.cache],
      ['Pages', text(meta.pages)],
      ['Page text', pageText(meta.text ?? [])],
      ['Answers weighed', weighed(meta.weighed ?? [])],
      ['Tokens', tokens(usage)],
      ...times,
    ], 'facts'),
    attempts(meta.attempts ?? []));
}

function source({ source: kind, e_invoice: file, xml_passed_over: passed }) {
  if (file) return [kind, file.profile, file.file].filter(Boolean).join(', ');
  return passed ? `the pages; the XML of the PDF was not used: ${passed}` : null;
}

function codes(list) {
  if (!list.length) return null;
  return list.map(({ kind, page, fields }) => `${words(kind)} on page ${page}: ${Object.entries(fields).map(([name, value]) => `${words(name).toLowerCase()} ${value}`).join(', ')}`).join('; ');
}

const text = (value) => (value === undefined || value === null ? null : String(value));

const SOURCES = { pdf: 'the PDF\u2019s own text', reader: 'read from the picture' };

function pageText(pages) {
  if (!pages.length) return null;
  const facts = pages.map(({ page, lines, source, unread }) => {
    if (unread) return `page ${page}: not read`;
    const number = Array.isArray(lines) ? lines.length : lines;
    return `page ${page}: ${count(number, 'line')}, ${SOURCES[source] ?? source}`;
  });
  return facts.join('; ');
}

function weighed(answers) {
  const chosen = answers.find((answer) => answer.chosen);
  if (!chosen) return null;
  const [written] = answers;
  if (chosen === written) return `${answers.length}, the model\u2019s own was kept`;
  const changes = Object.entries(chosen.values)
    .map(([field, value]) => `${field.slice(1)} ${value} instead of ${written.values[field]}`);
  return `${answers.length}, with ${changes.join(', ')}`;
}

function tokens(usage) {
  if (usage.total_tokens === undefined) return null;
  return `${usage.total_tokens}: ${usage.prompt_tokens} read, ${usage.completion_tokens} written`;
}

function attempts(list) {
  if (!list.length) return null;
  return el('div', { class: 'attempts' },
    el('h3', {}, count(list.length, 'attempt')),
    el('ol', {}, list.map((attempt) => el('li', {},
      el('strong', {}, attempt.model), attempt.reason ? ` (${words(attempt.reason).toLowerCase()})` : '',
      ': ', facts(attempt).join(', ')))));
}

function facts(attempt) {
  const parts = [];
  if (typeof attempt.seconds === 'number') parts.push(duration(attempt.seconds * 1000));
  if (typeof attempt.image_tokens === 'number') parts.push(count(attempt.image_tokens, 'picture token'));
  if (typeof attempt.confidence === 'number') parts.push(`confidence ${percent(attempt.confidence)}`);
  if (attempt.failed_checks?.length) parts.push(`failed ${attempt.failed_checks.map((name) => words(name).toLowerCase()).join(' and ')}`);
  if (attempt.error) parts.push(String(attempt.error));
  return parts;
}

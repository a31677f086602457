// What the page asks of the gateway, and every way in which that can fail.

import { events } from './stream.js';

// In memory alone; it is gone with the page.
let key = '';

export const hasKey = () => key !== '';
export function setKey(text) {
  key = text;
}

/** A refusal or failure, for people. */
export class Fault extends Error {
  constructor({ status = 0, code = '', message, retryAfter = null }) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** What happened, in a few words. */
  get title() {
    return TITLES[this.code] ?? TITLES[this.status] ?? (this.status >= 500 ? 'The gateway failed' : 'That did not work');
  }
}

const TITLES = {
  unreachable: 'The gateway cannot be reached',
  broken_off: 'The answer broke off',
  model_not_loaded: 'The model is not ready',
  deadline_exceeded: 'It took too long',
  400: 'The request was refused',
  401: 'The key is missing or wrong',
  404: 'Not found',
  408: 'It took too long',
  413: 'The file is too large',
  415: 'This kind of file cannot be read',
  422: 'The picture cannot be read',
  429: 'The gateway is busy',
  502: 'The model gave no usable answer',
  503: 'The gateway is not ready',
  504: 'It took too long',
};

const unreachable = () =>
  new Fault({ code: 'unreachable', message: 'No answer came. Is it running, and is this machine connected to it?' });

async function request(path, options = {}) {
  const headers = { ...options.headers };
  if (key) headers.Authorization = `Bearer ${key}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    throw error.name === 'AbortError' ? error : unreachable();
  }
  if (!response.ok) throw await faultOf(response);
  return response;
}

async function faultOf(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // A proxy in between may answer with a page of its own.
  }
  // The OpenAI routes nest the text, the others do not.
  const nested = typeof body?.error === 'object' ? body.error : null;
  return new Fault({
    status: response.status,
    code: String(nested?.code ?? body?.code ?? ''),
    message: String(nested?.message ?? body?.error ?? `The answer was ${response.status} with no text.`),
    retryAfter: secondsUntil(response.headers.get('retry-after')),
  });
}

function secondsUntil(header) {
  if (!header) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const ms = Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, Math.ceil(ms / 1000));
}

/** A JSON document of the gateway. */
export async function get(path) {
  return (await request(path)).json();
}

/** A file that the gateway serves. */
export async function getFile(path, name) {
  const blob = await (await request(path)).blob();
  return new File([blob], name, { type: blob.type });
}

/** The text of a file's pages, with lines, words and places. */
export async function readText(file) {
  const headers = { 'Content-Type': file.type || 'application/octet-stream' };
  return (await (await request('/v1/ocr', { method: 'POST', body: file, headers })).json()).pages;
}

/** Path and query of an extraction; `model` and `schema` are null where the default will do. */
export function extractPath({ model, schema }) {
  const query = new URLSearchParams({ include: 'meta' });
  if (model) query.set('model', model);
  if (schema) query.set('schema', schema);
  return `/extract?${query}`;
}

/** Reads a receipt: yields `{event, data}` with parsed data; the last is `done`, or it throws. */
export async function* extract({ files, model, schema, fresh, signal }) {
  const body = new FormData();
  for (const file of files) body.append('image', file, file.name);
  const headers = { Accept: 'text/event-stream' };
  if (fresh) headers['Cache-Control'] = 'no-cache';
  const response = await request(extractPath({ model, schema }), { method: 'POST', body, headers, signal });
  if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    yield { event: 'done', data: await response.json() };
    return;
  }
  try {
    for await (const { event, data } of events(response.body)) {
      const parsed = JSON.parse(data);
      if (event === 'error') {
        throw new Fault({ status: parsed.status, code: parsed.code, message: parsed.error, retryAfter: parsed.retry_after });
      }
      yield { event, data: parsed };
      if (event === 'done') return;
    }
  } catch (error) {
    if (error instanceof Fault || error.name === 'AbortError') throw error;
    throw new Fault({ code: 'broken_off', message: 'The connection was lost, or what came was not an answer.' });
  }
  throw new Fault({ code: 'broken_off', message: 'The connection ended before the answer did.' });
}

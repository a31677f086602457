// The choice of model and schema, as the gateway lists them.

import { Fault, get } from './api.js';
import { byId, el } from './dom.js';

const model = byId('model');
const schema = byId('schema');
let defaults = { model: null, schema: null };
let documents = new Map();

/** What was chosen; null where it is the default. */
export function chosen() {
  const other = (select, usual) => (select.value && select.value !== usual ? select.value : null);
  return { model: other(model, defaults.model), schema: other(schema, defaults.schema) };
}

/** The name of the schema that a reading now would have. */
export const schemaName = () => schema.value || defaults.schema || 'invoice';

/** A schema's document, or null where it is not known. */
export const schemaOf = (name) => documents.get(name) ?? null;

/** Calls back when a choice changes. */
export function onChoice(callback) {
  model.addEventListener('change', callback);
  schema.addEventListener('change', callback);
}

model.addEventListener('focus', () => refreshStates());

const STATES = {
  unloaded: 'loaded when asked',
  downloading: 'downloading',
  loading: 'loading',
  draining: 'leaving memory',
  failed: 'cannot be loaded',
};

const labelled = ({ id, state }) => {
  const words = state === 'ready' ? null : STATES[state];
  return { name: id, title: words ? `${id} (${words})` : id };
};

/** Tells the models' states anew. Where they cannot be had the old ones stand: whoever asks is told. */
export async function refreshStates() {
  const listed = await get('/v1/models').catch(() => null);
  if (!listed) return;
  const titles = new Map(listed.data.map((each) => [each.id, labelled(each).title]));
  for (const option of model.options) option.textContent = titles.get(option.value) ?? option.value;
}

/** Asks the gateway what there is. */
export async function loadChoices() {
  const [health, models, schemas] = await Promise.all([get('/health'), get('/v1/models'), schemaList()]);
  defaults = { model: health.model, schema: schemas.default };
  const readers = models.data.filter(readsPictures);
  const names = readers.map((each) => each.id);
  fill(model, readers.map(labelled), health.model);
  byId('model-choice').hidden = names.length < 2;
  byId('only-model').hidden = names.length !== 1;
  byId('only-model').querySelector('strong').textContent = names[0] ?? '';
  documents = new Map(schemas.schemas.map((each) => [each.name, each.schema]));
  fill(schema, schemas.schemas, schemas.default);
  byId('schema-choice').hidden = schemas.schemas.length < 2;
}

// Absent where a gateway does not say.
const readsPictures = (each) => each.architecture?.input_modalities?.includes('image') ?? true;

async function schemaList() {
  try {
    return await get('/schemas');
  } catch (error) {
    if (error instanceof Fault && error.status === 404) return { default: null, schemas: [] };
    throw error;
  }
}

function fill(select, options, usual) {
  const before = select.value;
  select.replaceChildren(
    ...options.map(({ name, title }) => el('option', { value: name }, title ?? name)),
  );
  const names = options.map(({ name }) => name);
  select.value = [before, usual, names[0]].find((name) => names.includes(name)) ?? '';
}

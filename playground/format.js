// How names, numbers and times are written. No locale has a say in it.

const NARROW_SPACE = '\u202f';

/** `invoice_date` as "Invoice date". */
export function words(name) {
  const text = String(name).replaceAll(/[_-]+/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `/items/0/unit_price` as "Item 1, unit price". */
export function place(pointer) {
  const keys = keysOf(pointer);
  if (!keys.length) return 'Everything';
  const parts = [];
  for (let i = 0; i < keys.length; i += 1) {
    const next = keys[i + 1];
    if (next !== undefined && /^\d+$/.test(next)) {
      const one = keys[i].replace(/s$/, '');
      parts.push(`${words(one)} ${Number(next) + 1}`);
      i += 1;
    } else {
      parts.push(words(keys[i]));
    }
  }
  return [parts[0], ...parts.slice(1).map((part) => part.toLowerCase())].join(', ');
}

/** The keys of a JSON pointer. */
export function keysOf(pointer) {
  return pointer.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON pointer of a key below another pointer. */
export function below(pointer, key) {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const decimalsOf = (number) => (String(number).split('.')[1] ?? '').length;

/** As many decimals as the amounts need to line up: none where all are whole, else two. */
export function decimalsFor(amounts) {
  return amounts.some((amount) => typeof amount === 'number' && decimalsOf(amount) > 0) ? 2 : 0;
}

/** 12500 as "12 500", 12500.5 with two decimals as "12 500.50". */
export function money(number, decimals = decimalsFor([number])) {
  const format = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: Math.min(20, Math.max(decimals, decimalsOf(number))),
  });
  return format.format(number).replaceAll(',', NARROW_SPACE).replace('-', '\u2212');
}

/** 0.617 as "61 %": rounded down, so that what is under a threshold never reads as on it. */
export function percent(share) {
  return `${Math.floor(share * 100 + 1e-9)}${NARROW_SPACE}%`;
}

/** Milliseconds as "412 ms" or "4.1 s". */
export function duration(ms) {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** "1 page", "3 pages". */
export function count(number, one, several = `${one}s`) {
  return `${number} ${number === 1 ? one : several}`;
}

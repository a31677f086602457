// What the gateway answers to the receipts of these tests: the sample receipt, on page 1 or another.

import { readFileSync } from 'node:fs';

const WIDTH = 420;
const HEIGHT = 739;
export const invoice = JSON.parse(readFileSync(new URL('../fixtures/receipt-01-shop.json', import.meta.url)));

// Pointer, text and place in pixels of what is printed.
const PRINTED = [
  ['/vendor_name', 'TOKO SUMBER REJEKI', 91, 27, 238, 22],
  ['/invoice_number', 'TSR-004512', 293, 129, 104, 17],
  ['/invoice_date', '15/01/2024', 232, 153, 104, 17],
  ['/items/0/description', 'Beras Pandan 5kg', 24, 225, 164, 17],
  ['/items/0/unit_price', '74.500', 81, 249, 61, 17],
  ['/items/0/total', '74.500', 335, 249, 61, 17],
  ['/items/1/description', 'Minyak Goreng 2L', 24, 273, 164, 17],
  ['/items/1/total', '73.800', 335, 297, 61, 17],
  ['/items/2/description', 'Telur Ayam 1kg', 24, 321, 143, 17],
  ['/items/2/quantity', '1,5', 40, 345, 31, 17],
  ['/items/3/description', 'Sabun Mandi', 24, 369, 112, 17],
  ['/items/3/details/0', 'Aroma melati', 40, 393, 108, 15],
  ['/subtotal', '203.800', 324, 463, 72, 17],
  ['/discount', '-5.000', 335, 487, 61, 17],
  ['/total_due', '198.800', 308, 513, 88, 19],
];

const share = (pixels, side) => Math.round((pixels / side) * 1e4) / 1e4;
const boxOf = (x, y, w, h) => [share(x, WIDTH), share(y, HEIGHT), share(w, WIDTH), share(h, HEIGHT)];

/** An answer of `/extract` whose values stand on that page; without places, one of an older gateway. */
export function reading(page, places = true) {
  const fields = Object.fromEntries(PRINTED.map(([pointer, text, ...box]) => {
    const evidence = [{ page, box: boxOf(...box), text, source: 'reader', confidence: 0.98 }];
    return [pointer, { confidence: 0.97, logprob: -0.03, ...(places ? { printed: 'printed', evidence } : {}) }];
  }));
  const checks = [{ name: 'total_adds_up', passed: true, fields: ['/total_due'], message: null }];
  if (places) {
    // Stands twice, beside the unit price of the same figure.
    fields['/items/0/total'].evidence.push(fields['/items/0/unit_price'].evidence[0]);
    // One place for two values.
    fields['/items/3/total'] = { ...fields['/items/3/details/0'] };
    const bare = (printed) => ({ confidence: 0.6, logprob: -0.5, printed, evidence: [] });
    fields['/items/1/unit_price'] = bare('missing');
    fields['/items/2/total'] = bare('derived');
    fields['/tax_amount'] = bare('exempt');
    checks.push({ name: 'is_printed', passed: false, fields: ['/items/1/unit_price'], message: 'The unit price 36900 is not on the receipt.' });
  }
  const meta = {
    schema: 'invoice', model: 'receipt-nano', cache: 'miss', confidence: 0.6, fields, checks, pages: page, blank_pages: [],
    attempts: [], usage: {}, timings: {},
    text: places ? [{ page, lines: 21, source: 'reader', confidence: 0.9, unread: null }] : undefined,
  };
  return { invoice, meta };
}

/** An answer of `/v1/ocr` for a document of so many pages, with those words on the last. */
export function text(pages) {
  const page = (index) => {
    const words = index === pages - 1 ? PRINTED : [];
    const lines = words.map(([, word, ...box]) => ({
      text: word, box: boxOf(...box), confidence: 0.98, source: 'pdf', words: [{ text: word, box: boxOf(...box), confidence: 0.98 }],
    }));
    return { index, markdown: '', images: [], dimensions: { dpi: 200, height: HEIGHT * 2, width: WIDTH * 2 }, lines };
  };
  return {
    pages: Array.from({ length: pages }, (_, index) => page(index)),
    model: 'page-reader', document_annotation: null, usage_info: { pages_processed: pages, doc_size_bytes: 1 },
  };
}

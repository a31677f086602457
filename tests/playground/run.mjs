// Uses the playground in Chromium, by mouse, keyboard and finger, and has axe look at it.
//
//   node run.mjs [--pictures FOLDER]
//
// CHROMIUM names the browser; FOLDER gets a picture of each state.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import axe from 'axe-core';
import { chromium } from 'playwright-core';

import { reading, text } from './answers.mjs';
import { serve } from './serve.mjs';

const pictures = process.argv.includes('--pictures') ? process.argv[process.argv.indexOf('--pictures') + 1] : null;
const fixture = (name) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const RECEIPT = fixture('receipt-01-shop.png');
const OTHER = fixture('receipt-03-restaurant.png');
const PDF = fixture('two-pages.pdf');
const asFile = (path, name, mimeType) => ({ name, mimeType, buffer: readFileSync(path) });
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };

const answers = {};
const gateway = await serve(answers);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

/** A page with the answer to these files on show. */
async function shown(files, answer, { viewport = WIDE, ...options } = {}) {
  answers.extract = answer;
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(gateway.url);
  await page.setInputFiles('#files', files);
  await page.waitForSelector('#status[data-stage=done]');
  return { page, faults, close: () => context.close() };
}

async function looksRight({ page, faults }, name) {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` });
  await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const found = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: values }), tags);
  const told = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  assert.deepEqual(told, [], name);
  assert.deepEqual(faults, [], name);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${name} is ${overflow} pixels too wide`);
}

const value = (page, pointer) => page.locator(`[id="value:${pointer}"] .placed`);
const on = (page) => page.locator('.box.is-on:not(.other)');
const pointerOf = (locator) => locator.getAttribute('data-place');
const told = (page) => page.locator('#place').textContent();

/** Where a box is on the picture under it, in shares of the picture. */
const shares = (page, selector) => page.evaluate((chosen) => {
  const box = document.querySelector(chosen).getBoundingClientRect();
  const sheet = document.querySelector(chosen).closest('.sheet').querySelector('img, svg').getBoundingClientRect();
  return [(box.left + 3 - sheet.left) / sheet.width, (box.top + 3 - sheet.top) / sheet.height,
    (box.width - 6) / sheet.width, (box.height - 6) / sheet.height];
}, selector);

function near(found, expected) {
  found.forEach((edge, i) => assert.ok(Math.abs(edge - expected[i]) < 0.01, `${found} is not ${expected}`));
}

const inSight = (page, selector) => page.evaluate((chosen) => {
  const [box, frame] = [chosen, '#viewer'].map((each) => document.querySelector(each).getBoundingClientRect());
  return box.top >= frame.top - 8 && box.bottom <= frame.bottom + 8 && box.top >= 0 && box.bottom <= innerHeight;
}, selector);

const TOTAL = '.box[data-place="/total_due"]';
const totalBox = reading(1).meta.fields['/total_due'].evidence[0].box;

const CASES = {
  async 'a value that is pointed at shows its place'() {
    const scene = await shown([RECEIPT], reading(1));
    const { page } = scene;
    assert.equal(await on(page).count(), 0);
    await value(page, '/total_due').hover();
    assert.equal(await pointerOf(on(page)), '/total_due');
    near(await shares(page, TOTAL), totalBox);
    assert.match(await told(page), /Page 1 has “198\.800” here \(read from the picture, 98.% sure\)/);
    await looksRight(scene, 'wide');
    await page.locator('h1').hover();
    assert.equal(await on(page).count(), 0);
    assert.equal(await told(page), '');
    // A value that is printed twice shows its other place too.
    await value(page, '/items/0/total').hover();
    assert.equal(await page.locator('.box.is-on').count(), 2);
    return scene;
  },

  async 'the keyboard shows places too'() {
    const scene = await shown([RECEIPT], reading(1));
    const { page } = scene;
    await value(page, '/vendor_name').focus();
    assert.equal(await pointerOf(on(page)), '/vendor_name');
    await page.keyboard.press('Tab');
    assert.equal(await pointerOf(on(page)), '/invoice_number');
    await page.keyboard.press('Enter');
    await page.locator('#copy-json').focus();
    assert.equal(await pointerOf(on(page)), '/invoice_number', 'it stays once it was chosen');
    await page.keyboard.press('Escape');
    assert.equal(await on(page).count(), 0);
    return scene;
  },

  async 'a place that is clicked shows its value'() {
    const scene = await shown([RECEIPT], reading(1));
    const { page } = scene;
    await page.locator('#tab-json').click();
    await page.locator('.box[data-place="/subtotal"]').click();
    assert.equal(await page.evaluate(() => document.activeElement.parentElement.id), 'value:/subtotal');
    assert.ok(await value(page, '/subtotal').isVisible());
    // The same place again: the other value that stands there.
    const shared = page.locator('.box[data-place="/items/3/total"]');
    const focused = [];
    for (let click = 0; click < 2; click += 1) {
      await shared.click({ force: true });
      focused.push(await page.evaluate(() => document.activeElement.parentElement.id));
    }
    assert.deepEqual(focused.toSorted(), ['value:/items/3/details/0', 'value:/items/3/total']);
    return scene;
  },

  async 'values without a place are marked in words'() {
    const scene = await shown([RECEIPT], reading(1));
    const { page } = scene;
    const field = (pointer) => page.locator(`[id="value:${pointer}"]`);
    assert.match(await field('/items/1/unit_price').textContent(), /not printed/);
    assert.equal(await field('/items/1/unit_price').locator('.placed').count(), 0);
    assert.equal(await field('/items/1/unit_price').locator('a').getAttribute('href'), '#check%3A1');
    assert.match(await field('/items/2/total').textContent(), /calculated/);
    assert.doesNotMatch(await field('/tax_amount').textContent(), /printed|calculated/);
    assert.match(await page.locator('#stage').textContent(), /1 value not printed/);
    return scene;
  },

  async 'boxes stay in their places when the picture is zoomed'() {
    const scene = await shown([RECEIPT], reading(1));
    const { page } = scene;
    await page.locator('.zoom').focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.zoom').getAttribute('aria-pressed'), 'true');
    near(await shares(page, TOTAL), totalBox);
    await value(page, '/total_due').hover();
    assert.ok(await inSight(page, TOTAL));
    await value(page, '/vendor_name').hover();
    assert.ok(await inSight(page, '.box[data-place="/vendor_name"]'));
    await page.locator('.zoom').focus();
    await page.keyboard.press('Enter');
    near(await shares(page, TOTAL), totalBox);
    return scene;
  },

  async 'the page with the place comes on show'() {
    const scene = await shown([asFile(OTHER, '1.png', 'image/png'), asFile(RECEIPT, '2.png', 'image/png')], reading(2));
    const { page } = scene;
    const at = () => page.locator('.thumbnails [aria-pressed=true]').textContent();
    assert.equal(await at(), '1');
    assert.equal(await page.locator('.box').count(), 0);
    await value(page, '/total_due').hover();
    await on(page).waitFor();
    assert.equal(await at(), '2');
    await looksRight(scene, 'pages');
    await page.locator('#remove-page').click();
    assert.equal(await page.locator('.box').count(), 0, 'pages are counted anew');
    return scene;
  },

  async 'a narrow screen scrolls to the place and back'() {
    const scene = await shown([RECEIPT], reading(1), { viewport: NARROW, hasTouch: true, isMobile: true });
    const { page } = scene;
    await value(page, '/total_due').tap();
    assert.ok(await inSight(page, TOTAL));
    await looksRight(scene, 'narrow');
    await page.locator(TOTAL).tap();
    assert.ok(await page.evaluate(() => {
      const box = document.activeElement.getBoundingClientRect();
      return box.top >= 0 && box.bottom <= innerHeight;
    }));
    assert.equal(await page.evaluate(() => document.activeElement.parentElement.id), 'value:/total_due');
    return scene;
  },

  async 'a PDF shows its words in their places, or itself'() {
    answers.ocr = text(2);
    const scene = await shown([PDF], reading(2));
    const { page } = scene;
    assert.equal(await page.locator('iframe').count(), 1);
    await value(page, '/total_due').hover();
    await on(page).waitFor();
    assert.equal(await page.locator('svg.words').count(), 2);
    near(await shares(page, TOTAL), totalBox);
    assert.ok(await inSight(page, TOTAL));
    await looksRight(scene, 'pdf');
    await page.locator('#words').click();
    assert.equal(await page.locator('iframe').count(), 1);
    await value(page, '/subtotal').hover();
    assert.match(await told(page), /Page 2 has “203\.800”/);
    assert.equal(await page.locator('iframe').count(), 1, 'the user wants to see the PDF');
    await value(page, '/subtotal').click();
    await on(page).waitFor();
    assert.equal(await pointerOf(on(page)), '/subtotal');
    assert.equal(gateway.asked.filter((path) => path === '/v1/ocr').length, 1, 'it is asked for once');
    return scene;
  },

  async 'pages behind a PDF are counted'() {
    answers.ocr = text(2);
    const scene = await shown([asFile(PDF, 'a.pdf', 'application/pdf'), asFile(RECEIPT, 'b.png', 'image/png')], reading(3));
    const { page } = scene;
    await value(page, '/total_due').hover();
    await on(page).waitFor();
    assert.equal(await page.locator('.thumbnails [aria-pressed=true] span').last().textContent(), '2');
    near(await shares(page, TOTAL), totalBox);
    return scene;
  },

  async 'a PDF whose words cannot be had stays on show'() {
    answers.ocr = { status: 501, body: { error: { message: 'The page reader is off.', code: 'page_reader_off' } } };
    const scene = await shown([PDF], reading(1));
    const { page } = scene;
    await value(page, '/total_due').hover();
    await page.waitForFunction(() => document.querySelector('#place').textContent.includes('off'));
    assert.match(await told(page), /Page 1 has “198\.800” here.* The page cannot be drawn: The page reader is off\./);
    assert.equal(await page.locator('iframe').count(), 1);
    // The refusal itself is in the browser's console.
    scene.faults.length = 0;
    return scene;
  },

  async 'a picture that the browser cannot show has its words shown'() {
    answers.ocr = text(1);
    const scene = await shown([{ name: 'scan.tif', mimeType: 'image/tiff', buffer: Buffer.from('II*') }], reading(1));
    const { page } = scene;
    await page.getByText('This browser cannot show the file').waitFor();
    await page.locator('#words').click();
    await page.locator(TOTAL).waitFor();
    near(await shares(page, TOTAL), totalBox);
    await page.locator('#words').click();
    await page.getByText('This browser cannot show the file').waitFor();
    return scene;
  },

  async 'an e-invoice is shown as text, with where its values come from'() {
    const answer = reading(1, false);
    Object.assign(answer.meta, {
      model: 'none', source: 'ubl', e_invoice: { profile: 'en16931', file: null }, xml_passed_over: null,
      codes: [{ kind: 'epc', page: 1, box: [0, 0, 0.1, 0.1], fields: { amount: '198.80' } }],
    });
    const xml = '<Invoice><Note>&lt;b&gt; bold</Note></Invoice>';
    const scene = await shown([{ name: 're.xml', mimeType: 'text/xml', buffer: Buffer.from(xml) }], answer);
    const { page } = scene;
    assert.equal(await page.locator('pre.xml').textContent(), xml);
    await page.getByText('How it was read').click();
    const facts = await page.locator('.facts').first().textContent();
    assert.match(facts, /ubl, en16931/);
    assert.match(facts, /Epc on page 1: amount 198\.80/);
    assert.doesNotMatch(facts, /Model/);
    await looksRight(scene, 'xml');
    return scene;
  },

  async 'an older gateway has no places'() {
    const scene = await shown([RECEIPT], reading(1, false));
    const { page } = scene;
    assert.equal(await page.locator('.placed, .box').count(), 0);
    assert.ok(await page.locator('#words').isHidden());
    await looksRight(scene, 'old');
    return scene;
  },

  async 'dark colours are readable'() {
    const scene = await shown([RECEIPT], reading(1), { colorScheme: 'dark' });
    await value(scene.page, '/total_due').hover();
    await looksRight(scene, 'dark');
    return scene;
  },
};

let failed = 0;
for (const [name, run] of Object.entries(CASES)) {
  gateway.asked.length = 0;
  try {
    const scene = await run();
    assert.deepEqual(scene.faults, []);
    await scene.close();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}
await browser.close();
gateway.close();
process.exitCode = failed ? 1 : 0;

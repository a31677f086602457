// A page drawn from its words, each in its place, for files that a page of the web cannot draw on.

const SPACE = 'http://www.w3.org/2000/svg';
// The part of a word's height above its baseline.
const ASCENT = 0.8;

function svg(name, attributes) {
  const node = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}

/** The page as a picture; `page` is one of an answer of `/v1/ocr`. */
export function pageOfWords(page, label) {
  const { width, height } = page.dimensions;
  const sheet = svg('svg', { class: 'words', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label });
  for (const word of page.lines.flatMap((line) => line.words)) {
    const [x, y, wide, high] = word.box;
    const text = svg('text', {
      x: x * width,
      y: (y + high * ASCENT) * height,
      'font-size': Math.max(1, high * height * ASCENT),
      textLength: Math.max(1, wide * width),
      lengthAdjust: 'spacingAndGlyphs',
    });
    text.textContent = word.text;
    sheet.append(text);
  }
  return sheet;
}

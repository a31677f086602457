// A gateway that has the playground and gives fixed answers.

import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';

const ROOT = new URL('../../', import.meta.url);
const KINDS = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.png': 'image/png' };

/** The policy that the gateway sends with the page. */
function policy() {
  const source = readFileSync(new URL('src/http/playground.rs', ROOT), 'utf8');
  return /const POLICY: &str = "([^"]*)"/.exec(source)[1].replaceAll(/\\\n\s*/g, '');
}

/** Starts it; `answers` has what `/extract` and `/v1/ocr` answer, and may be changed between requests. */
export async function serve(answers) {
  const asked = [];
  const json = { '/health': { model: 'receipt-nano' }, '/v1/models': { data: [{ id: 'receipt-nano' }] },
    '/schemas': { default: 'invoice', schemas: [] } };
  const server = createServer((request, response) => {
    const path = request.url.split('?')[0];
    asked.push(path);
    request.resume();
    request.on('end', () => {
      const send = (status, kind, body) => {
        response.writeHead(status, { 'content-type': kind, 'content-security-policy': policy() });
        response.end(body);
      };
      const answer = { '/extract': answers.extract, '/v1/ocr': answers.ocr }[path] ?? json[path];
      if (answer) {
        const status = answer.status ?? 200;
        send(status, 'application/json', JSON.stringify(answer.body ?? answer));
        return;
      }
      const name = path === '/' ? 'index.html' : path.replace('/playground/', '');
      const file = name === 'sample.png' ? 'tests/fixtures/receipt-01-shop.png' : `playground/${name}`;
      try {
        send(200, KINDS[extname(file)] ?? 'application/octet-stream', readFileSync(new URL(file, ROOT)));
      } catch {
        send(404, 'text/plain', 'nothing');
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, asked, close: () => server.close() };
}

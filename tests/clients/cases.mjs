// Runs the cases of a JavaScript client and prints a line of JSON for each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const { GATEWAY, PICTURE_URL, PICTURE } = process.env;
export const PDF_NAME = "receipt-05-invoice.pdf";
export const PDF_URL = new URL(PDF_NAME, PICTURE_URL).href;
export const PDF = readFileSync(join(dirname(PICTURE), PDF_NAME));
export const PDF_URI = `data:application/pdf;base64,${PDF.toString("base64")}`;
export const CSV = Buffer.from("item;price\nTea;2.50\n".repeat(10));
export const CSV_URI = `data:text/csv;base64,${CSV.toString("base64")}`;
export const DATA_URI = `data:image/png;base64,${readFileSync(PICTURE).toString("base64")}`;

export async function run(client, version, cases) {
  console.log(JSON.stringify({ client, version }));
  for (const [name, body] of Object.entries(cases)) {
    let fault = null;
    try {
      await body();
    } catch (error) {
      fault = error?.stack ?? String(error);
    }
    console.log(JSON.stringify({ case: name, fault }));
  }
  // A client may keep connections, and with them the process, open.
  process.exit(0);
}

// Calls `body` while a model has no place for anybody else.
export async function occupied(model, body) {
  const leave = new AbortController();
  const answer = await fetch(`${GATEWAY}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model,
      messages: [{ role: "user", content: "On and on" }],
      max_tokens: 100_000,
      stream: true,
    }),
    signal: leave.signal,
  });
  assert.equal(answer.status, 200);
  try {
    await body();
  } finally {
    leave.abort();
  }
}

// The error that `call` ends in.
export async function fails(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "it did not fail" });
}

// What comes of `call` once the gateway has noticed that somebody left.
export async function soon(call) {
  for (let tries = 0; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
}

export function installed(name) {
  const file = new URL(`node_modules/${name}/package.json`, `file://${process.cwd()}/`);
  return JSON.parse(readFileSync(file, "utf8")).version;
}

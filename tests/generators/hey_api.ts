// What hey-api makes, with its own client over fetch.

import assert from "node:assert/strict";
import { DATA_URI, GATEWAY, INVOICE, PAID, isPaid, picture, run, text } from "./cases";
import { client } from "./generated/hey-api/client.gen";
import {
  createChatCompletion,
  extractReceipt,
  extractReceiptFromFile,
  extractReceiptFromUrl,
  extractReceipts,
  listModels,
  retrieveModel,
} from "./generated/hey-api/sdk.gen";
import type { ExtractAnswer, Invoice } from "./generated/hey-api/types.gen";

// It states no preference by itself, and a batch is lines of JSON where none is stated.
client.setConfig({ baseUrl: GATEWAY, headers: { accept: "application/json" } });

function read(answer: ExtractAnswer | null | undefined): Invoice {
  assert.ok(answer && "total_due" in answer);
  return answer as Invoice;
}

void run("hey-api", "@hey-api/openapi-ts", {
  async "a picture by upload"() {
    const { data } = await extractReceipt({ body: { image: [picture()] } });
    assert.equal(read(data).total_due, INVOICE.total_due);
  },
  async "two pages by upload"() {
    const body = { image: [picture(), picture()], model: "receipt-nano" };
    const { data } = await extractReceipt({ body, query: { include: "meta" } });
    assert.ok(data && "meta" in data);
    assert.equal((data.meta as { pages: number }).pages, 2);
  },
  async "a picture by address"() {
    const { data } = await extractReceiptFromUrl({ body: { image_url: DATA_URI } });
    assert.equal(read(data).total_due, INVOICE.total_due);
  },
  async "a schema of my own"() {
    const { data } = await extractReceiptFromUrl({ body: { image_url: DATA_URI, schema: PAID } });
    isPaid(data ?? {});
  },
  async "a picture as the body"() {
    const { data } = await extractReceiptFromFile({ body: picture() });
    assert.equal(read(data).total_due, INVOICE.total_due);
  },
  async "a batch"() {
    const { data } = await extractReceipts({ body: { image: [picture(), text()] } });
    assert.equal(read(data?.[0]?.invoice).total_due, INVOICE.total_due);
    assert.equal(data?.[1]?.status, 415);
  },
  async "a chat with a picture"() {
    const { data } = await createChatCompletion({
      body: {
        model: "receipt",
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "Read it." },
              { type: "image_url", image_url: { url: DATA_URI } },
            ],
          },
        ],
      },
    });
    assert.deepEqual(JSON.parse(data?.choices[0]?.message.content ?? ""), INVOICE);
  },
  async "a chat"() {
    const { data } = await createChatCompletion({
      body: { model: "org/tiny", messages: [{ role: "user", content: "Hello" }], max_tokens: 4 },
    });
    assert.equal(data?.usage.completion_tokens, 4);
  },
  async "models listed and found"() {
    const { data } = await listModels();
    assert.ok(data?.data.some((model) => model.id === "receipt-nano"));
    const found = await retrieveModel({ path: { id: "org/tiny" } });
    assert.equal(found.data?.id, "org/tiny");
  },
  async "a refusal"() {
    const { error } = await extractReceipt({ body: { image: [picture()], model: "nobody" } });
    assert.equal(error?.code, "model_not_found");
  },
});

// What orval makes, with axios as it does by itself.

import assert from "node:assert/strict";
import axios from "axios";
import { DATA_URI, GATEWAY, INVOICE, PAID, isPaid, picture, run, text } from "./cases";
import {
  createChatCompletion,
  extractReceipt,
  extractReceiptFromFile,
  extractReceiptFromUrl,
  extractReceipts,
  listModels,
  retrieveModel,
} from "./generated/orval/api";
import type { ChatRequest, Invoice } from "./generated/orval/api";

axios.defaults.baseURL = GATEWAY;

function read(answer: unknown): Invoice {
  assert.ok(answer && typeof answer === "object" && "total_due" in answer);
  return answer as Invoice;
}

async function ask(request: ChatRequest) {
  const { data } = await createChatCompletion(request);
  // It may be a stream.
  assert.ok("choices" in data);
  return data;
}

void run("orval", "orval", {
  async "a picture by upload"() {
    const { data } = await extractReceipt({ image: [picture()] });
    assert.equal(read(data).total_due, INVOICE.total_due);
  },
  async "two pages by upload"() {
    const pages = { image: [picture(), picture()], model: "receipt-nano" };
    const { data } = await extractReceipt(pages, { include: "meta" });
    assert.ok("meta" in data);
    assert.equal((data.meta as { pages: number }).pages, 2);
  },
  async "a picture by address"() {
    const { data } = await extractReceiptFromUrl({ image_url: DATA_URI });
    assert.equal(read(data).total_due, INVOICE.total_due);
  },
  async "a schema of my own"() {
    const { data } = await extractReceiptFromUrl({ image_url: DATA_URI, schema: PAID });
    isPaid(data);
  },
  async "a picture as the body"() {
    const { data } = await extractReceiptFromFile(picture());
    assert.equal(read(data).total_due, INVOICE.total_due);
  },
  async "a batch"() {
    const { data } = await extractReceipts({ image: [picture(), text()] });
    assert.ok(typeof data !== "string");
    assert.equal(read(data[0]?.invoice).total_due, INVOICE.total_due);
    assert.equal(data[1]?.status, 415);
  },
  async "a chat with a picture"() {
    const { choices } = await ask({
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
    });
    assert.deepEqual(JSON.parse(choices[0]?.message.content ?? ""), INVOICE);
  },
  async "a chat"() {
    const messages: ChatRequest["messages"] = [{ role: "user", content: "Hello" }];
    const { usage } = await ask({ model: "org/tiny", messages, max_tokens: 4 });
    assert.equal(usage.completion_tokens, 4);
  },
  async "models listed and found"() {
    const { data } = await listModels();
    assert.ok(data.data.some((model) => model.id === "receipt-nano"));
    assert.equal((await retrieveModel("org/tiny")).data.id, "org/tiny");
  },
  async "a refusal"() {
    const refused = extractReceipt({ image: [picture()], model: "nobody" });
    await assert.rejects(refused, (error) => {
      assert.ok(axios.isAxiosError(error));
      assert.equal(error.response?.data.code, "model_not_found");
      return true;
    });
  },
});

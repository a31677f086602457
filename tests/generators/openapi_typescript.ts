// The types that openapi-typescript makes, with openapi-fetch, which is made for them.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import { DATA_URI, GATEWAY, INVOICE, PAID, isPaid, picture, run, text } from "./cases";
import type { components, paths } from "./generated/openapi-typescript/api";

type Invoice = components["schemas"]["Invoice"];
type Answer = components["schemas"]["ExtractAnswer"];

// A route may answer in several media types: the second parameter says of which the answers are.
const client = createClient<paths, "application/json">({
  baseUrl: GATEWAY,
  headers: { accept: "application/json" },
});

function read(answer: Answer | null | undefined): Invoice {
  assert.ok(answer && "total_due" in answer);
  return answer as Invoice;
}

// The types call a file a string, since what carries it is for the one who sends it to say.
const file = (file: File) => file as unknown as string;

function form(body: { image: string[]; model?: string }): FormData {
  const form = new FormData();
  body.image.forEach((page) => form.append("image", page));
  if (body.model) form.append("model", body.model);
  return form;
}

void run("openapi-typescript", "openapi-typescript", {
  async "a picture by upload"() {
    const { data } = await client.POST("/extract", {
      body: { image: [file(picture())] },
      bodySerializer: form,
    });
    assert.equal(read(data).total_due, INVOICE.total_due);
  },
  async "two pages by upload"() {
    const { data } = await client.POST("/extract", {
      body: { image: [file(picture()), file(picture())], model: "receipt-nano" },
      params: { query: { include: "meta" } },
      bodySerializer: form,
    });
    assert.ok(data && "meta" in data && data.meta && typeof data.meta === "object");
    const { pages }: { pages?: number } = data.meta;
    assert.equal(pages, 2);
  },
  async "a picture by address"() {
    const { data } = await client.POST("/extract/url", { body: { image_url: DATA_URI } });
    assert.equal(read(data).total_due, INVOICE.total_due);
  },
  async "a schema of my own"() {
    const body = { image_url: DATA_URI, schema: PAID };
    const { data } = await client.POST("/extract/url", { body });
    isPaid(data ?? {});
  },
  async "a picture as the body"() {
    const { data } = await client.POST("/extract/file", {
      body: file(picture()),
      bodySerializer: (body) => body,
      headers: { "content-type": "application/octet-stream" },
    });
    assert.equal(read(data).total_due, INVOICE.total_due);
  },
  async "a batch"() {
    const { data } = await client.POST("/extract/batch", {
      body: { image: [file(picture()), file(text())] },
      bodySerializer: form,
    });
    assert.ok(Array.isArray(data));
    assert.equal(read(data[0]?.invoice).total_due, INVOICE.total_due);
    assert.equal(data[1]?.status, 415);
  },
  async "a chat with a picture"() {
    const { data } = await client.POST("/v1/chat/completions", {
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
    const { data } = await client.POST("/v1/chat/completions", {
      body: { model: "org/tiny", messages: [{ role: "user", content: "Hello" }], max_tokens: 4 },
    });
    assert.equal(data?.usage.completion_tokens, 4);
  },
  async "models listed and found"() {
    const { data } = await client.GET("/v1/models");
    assert.ok(data?.data.some((model) => model.id === "receipt-nano"));
    const path = { id: "org/tiny" };
    const found = await client.GET("/v1/models/{id}", { params: { path } });
    assert.equal(found.data?.id, "org/tiny");
  },
  async "a refusal"() {
    const { error } = await client.POST("/extract/url", {
      body: { image_url: DATA_URI, model: "nobody" },
    });
    assert.equal(error?.code, "model_not_found");
  },
});

// OpenRouter's TypeScript SDK.

import assert from "node:assert/strict";
import {
  CSV_URI,
  DATA_URI,
  GATEWAY,
  PDF_NAME,
  PDF_URI,
  PDF_URL,
  PICTURE_URL,
  fails,
  installed,
  occupied,
  run,
  soon,
} from "./cases.mjs";

// snippet
import { OpenRouter } from "@openrouter/sdk";

const client = new OpenRouter({ serverURL: `${GATEWAY}/api/v1`, apiKey: "any" });
const answer = await client.chat.send({
  chatRequest: {
    model: "receipt",
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "Read this receipt as JSON." },
          { type: "image_url", imageUrl: { url: DATA_URI } },
        ],
      },
    ],
  },
});
const invoice = JSON.parse(answer.choices[0].message.content);
// end

const HELLO = [{ role: "user", content: "Hello" }];
const ask = (more = {}, options = { retries: { strategy: "none" } }) =>
  client.chat.send(
    { chatRequest: { model: "org/tiny", messages: HELLO, maxTokens: 8, ...more } },
    options,
  );
const showing = (url) => [{ role: "user", content: [{ type: "image_url", imageUrl: { url } }] }];

const handing = (file) => [{ role: "user", content: [{ type: "file", file }] }];

await run("@openrouter/sdk", installed("@openrouter/sdk"), {
  "receipt by preset"() {
    assert.ok("total_due" in invoice && Array.isArray(invoice.items));
    assert.equal(answer.model, "receipt");
  },
  async chat() {
    const { choices, usage, systemFingerprint } = await ask();
    assert.equal(choices[0].finishReason, "length");
    assert.equal(usage.completionTokens, 8);
    assert.equal(typeof systemFingerprint, "string");
  },
  async "picture by data URI"() {
    assert.ok((await ask({ messages: showing(DATA_URI) })).usage.promptTokens > 100);
  },
  async "picture by URL"() {
    assert.ok((await ask({ messages: showing(PICTURE_URL) })).usage.promptTokens > 100);
  },
  async PDF() {
    const sent = await ask({ messages: handing({ filename: PDF_NAME, fileData: PDF_URI }) });
    const fetched = await ask({ messages: handing({ filename: PDF_NAME, fileData: PDF_URL }) });
    assert.ok(sent.usage.promptTokens > 100);
    assert.equal(fetched.usage.promptTokens, sent.usage.promptTokens);
  },
  async "PDF by preset"() {
    const asked = {
      model: "receipt",
      messages: handing({ filename: PDF_NAME, fileData: PDF_URI }),
      plugins: [{ id: "file-parser", pdf: { engine: "mistral-ocr" } }, { id: "response-healing" }],
    };
    const read = (await ask(asked)).choices[0].message.content;
    assert.deepEqual(Object.keys(JSON.parse(read)), Object.keys(invoice));
    let streamed = "";
    for await (const chunk of await ask({ ...asked, stream: true }))
      streamed += chunk.choices[0]?.delta.content ?? "";
    assert.equal(streamed, read);
  },
  async "text file"() {
    const messages = handing({ filename: "a.csv", fileData: CSV_URI });
    assert.ok((await ask({ messages })).usage.promptTokens > 100);
  },
  async "response to a file"() {
    const told = async (part) => {
      const content = [{ type: "input_file", filename: PDF_NAME, ...part }];
      const { usage } = await client.responses.send({
        responsesRequest: {
          model: "org/tiny",
          input: [{ type: "message", role: "user", content }],
          plugins: [{ id: "file-parser", pdf: { engine: "cloudflare-ai" } }],
          maxOutputTokens: 16,
        },
      });
      return usage.inputTokens;
    };
    assert.ok((await told({ fileData: PDF_URI })) > 100);
    assert.equal(await told({ fileUrl: PDF_URL }), await told({ fileData: PDF_URI }));
  },
  async "file that is stored"() {
    const error = await fails(() => ask({ messages: handing({ fileId: "file-1" }) }));
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /No files are stored/);
  },
  async "plugin that is not there"() {
    const error = await fails(() => ask({ plugins: [{ id: "web" }] }));
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /does not search the web/);
  },
  async "stream with usage"() {
    const chunks = [];
    for await (const chunk of await ask({ stream: true, streamOptions: { includeUsage: true } }))
      chunks.push(chunk);
    assert.equal(chunks[0].choices[0].delta.role, "assistant");
    assert.equal(chunks.at(-2).choices[0].finishReason, "length");
    assert.equal(chunks.at(-1).usage.completionTokens, 8);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    assert.equal(text, (await ask()).choices[0].message.content);
  },
  async "structured output"() {
    const schema = {
      type: "object",
      properties: { mood: { enum: ["calm", "stormy"] } },
      required: ["mood"],
      additionalProperties: false,
    };
    const said = await ask({
      maxTokens: 50,
      responseFormat: { type: "json_schema", jsonSchema: { name: "verdict", schema } },
    });
    assert.ok(["calm", "stormy"].includes(JSON.parse(said.choices[0].message.content).mood));
  },
  async tools() {
    const parameters = {
      type: "object",
      properties: { sky: { enum: ["blue", "grey"] } },
      required: ["sky"],
      additionalProperties: false,
    };
    const asked = {
      maxTokens: 400,
      tools: [{ type: "function", function: { name: "weather", parameters } }],
      toolChoice: "required",
      parallelToolCalls: false,
    };
    const { message, finishReason } = (await ask(asked)).choices[0];
    assert.equal(finishReason, "tool_calls");
    const [call] = message.toolCalls;
    assert.ok(["blue", "grey"].includes(JSON.parse(call.function.arguments).sky));
    let streamed = "";
    for await (const chunk of await ask({ ...asked, stream: true }))
      for (const { function: part } of chunk.choices[0]?.delta.toolCalls ?? [])
        streamed += part.arguments;
    assert.equal(streamed, call.function.arguments);
  },
  async "log-probabilities"() {
    const { content } = (await ask({ logprobs: true, topLogprobs: 3 })).choices[0].logprobs;
    assert.equal(content.length, 8);
    assert.equal(content[0].topLogprobs.length, 3);
  },
  async stop() {
    const whole = (await ask()).choices[0].message.content;
    const cut = (await ask({ stop: [whole[3]] })).choices[0];
    assert.equal(cut.finishReason, "stop");
    assert.equal(cut.message.content, whole.slice(0, whole.indexOf(whole[3])));
  },
  async models() {
    const ids = [];
    for await (const page of await client.models.list())
      ids.push(...page.result.data.map((model) => model.id));
    assert.ok(ids.includes("org/tiny"));
    const { data } = await client.models.get({ author: "org", slug: "tiny" });
    assert.equal(data.id, "org/tiny");
    const { data: count } = await client.models.count();
    assert.equal(count.count, ids.length);
    const paged = [];
    for await (const page of await client.models.listForUser({ bearer: "any" }, { limit: 2 }))
      paged.push(...page.result.data.map((model) => model.id));
    assert.deepEqual(paged, ids);
  },
  async endpoints() {
    const { data } = await client.endpoints.list({ author: "org", slug: "tiny" });
    assert.equal(data.id, "org/tiny");
    const [endpoint] = data.endpoints;
    assert.equal(endpoint.providerName, "receipt-gateway");
    assert.ok(endpoint.contextLength > 0);
    assert.equal(endpoint.pricing.prompt, "0");
    // A name without an author is found under its provider.
    const found = await client.endpoints.list({ author: "receipt-gateway", slug: "receipt-nano" });
    assert.equal(found.data.id, "receipt-nano");
  },
  async "generation, whole and streamed"() {
    const whole = await ask();
    assert.equal(whole.usage.cost, 0);
    const { data } = await client.generations.getGeneration({ id: whole.id });
    assert.equal(data.model, "org/tiny");
    assert.equal(data.tokensCompletion, 8);
    assert.equal(data.totalCost, 0);
    assert.equal(data.streamed, false);
    let id;
    for await (const chunk of await ask({ stream: true })) id = chunk.id;
    const streamed = await client.generations.getGeneration({ id });
    assert.equal(streamed.data.streamed, true);
    assert.equal(streamed.data.cancelled, false);
    const error = await fails(() => client.generations.getGeneration({ id: "none" }));
    assert.equal(error.statusCode, 404);
  },
  async "key and credits"() {
    const { data: key } = await client.apiKeys.getCurrentKeyMetadata();
    assert.equal(key.label, "no key");
    assert.equal(key.usage, 0);
    assert.equal(key.limit, null);
    const { data: credits } = await client.credits.getCredits();
    assert.equal(credits.totalUsage, 0);
  },
  async providers() {
    const { data } = await client.providers.list();
    assert.deepEqual(data.map((provider) => provider.slug), ["receipt-gateway"]);
  },
  async "unknown model"() {
    const error = await fails(() => ask({ model: "nobody" }));
    assert.equal(error.statusCode, 404);
    assert.equal(error.error.code, 404);
  },
  async "bad request"() {
    const error = await fails(() => ask({ temperature: 3 }));
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /temperature/);
  },
  async overload() {
    await occupied("org/busy", async () => {
      const error = await fails(() => ask({ model: "org/busy" }));
      assert.equal(error.statusCode, 429);
    });
  },
  async "fault in mid-stream"() {
    // This SDK hands the fault on as a chunk.
    let fault;
    for await (const chunk of await ask({ model: "org/slow", maxTokens: 100_000, stream: true }))
      fault = chunk.error;
    assert.equal(fault.code, 504);
    assert.equal(typeof fault.message, "string");
  },
  async "model too slow"() {
    const error = await fails(() => ask({ model: "org/slow", maxTokens: 100_000 }));
    assert.equal(error.statusCode, 504);
  },
  async "cancelled stream"() {
    const stream = await ask({ model: "org/busy", maxTokens: 100_000, stream: true });
    for await (const _ of stream) break;
    await soon(() => ask({ model: "org/busy", maxTokens: 1 }));
  },
  async timeout() {
    const options = { timeoutMs: 200, retries: { strategy: "none" } };
    const error = await fails(() => ask({ maxTokens: 100_000 }, options));
    assert.equal(error.name, "RequestTimeoutError");
  },
});

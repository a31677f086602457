// Anthropic's own JavaScript client.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";
import { DATA_URI, GATEWAY, PICTURE, PICTURE_URL, fails, installed, occupied, run, soon } from "./cases.mjs";

const PICTURE_BASE64 = DATA_URI.split(",")[1];

// snippet
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: `${GATEWAY}`, apiKey: "any", maxRetries: 0 });
const source = { type: "base64", media_type: "image/png", data: PICTURE_BASE64 };
const answer = await client.messages.create({
  model: "receipt",
  max_tokens: 4096,
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "Read this receipt as JSON." },
        { type: "image", source },
      ],
    },
  ],
});
const invoice = JSON.parse(answer.content[0].text);
// end

const HELLO = [{ role: "user", content: "Hello" }];
const asking = (more) => ({ model: "org/tiny", messages: HELLO, max_tokens: 8, ...more });
const ask = (more = {}, options) => client.messages.create(asking(more), options);
const showing = (block) => [{ role: "user", content: [{ type: "text", text: "What is this?" }, block] }];
const input = (usage) => usage.input_tokens + usage.cache_read_input_tokens;
const SKY = {
  name: "weather",
  input_schema: {
    type: "object",
    properties: { sky: { enum: ["blue", "grey"] } },
    required: ["sky"],
    additionalProperties: false,
  },
};
const CALLING = {
  tools: [SKY],
  tool_choice: { type: "tool", name: "weather" },
  max_tokens: 400,
};
const Verdict = z.object({ mood: z.enum(["calm", "stormy"]), certain: z.boolean() });

await run("anthropic-node", installed("@anthropic-ai/sdk"), {
  "receipt by preset"() {
    assert.ok("total_due" in invoice && Array.isArray(invoice.items));
    assert.equal(answer.model, "receipt");
    assert.ok(answer._request_id);
  },
  async "receipt as PDF"() {
    const data = readFileSync(PICTURE.replace("receipt-01-shop.png", "receipt-05-invoice.pdf")).toString("base64");
    const pdf = { type: "document", source: { type: "base64", media_type: "application/pdf", data } };
    const { content } = await ask({ model: "receipt", messages: showing(pdf) });
    assert.ok("total_due" in JSON.parse(content[0].text));
  },
  async chat() {
    const { usage, stop_reason, type } = await ask({ system: [{ type: "text", text: "Be brief." }] });
    assert.deepEqual([type, stop_reason, usage.output_tokens], ["message", "max_tokens", 8]);
  },
  async "picture in base64"() {
    assert.ok(input((await ask({ messages: showing({ type: "image", source }) })).usage) > 100);
  },
  async "picture by URL"() {
    const picture = { type: "image", source: { type: "url", url: PICTURE_URL } };
    assert.ok(input((await ask({ messages: showing(picture) })).usage) > 100);
  },
  async "tokens are counted"() {
    const counted = await client.messages.countTokens({ model: "org/tiny", messages: HELLO });
    assert.equal(counted.input_tokens, input((await ask()).usage));
  },
  async "stream with usage"() {
    const events = [];
    for await (const event of await ask({ stream: true })) events.push(event);
    assert.equal(events[0].type, "message_start");
    assert.equal(events.at(-2).usage.output_tokens, 8);
    assert.equal(events.at(-1).type, "message_stop");
    const text = events.map((event) => event.delta?.text ?? "").join("");
    assert.equal(text, (await ask()).content[0].text);
  },
  async "stream helper"() {
    const stream = client.messages.stream(asking());
    const final = await stream.finalMessage();
    assert.deepEqual(final.content, (await ask()).content);
    assert.equal(final.stop_reason, "max_tokens");
    assert.ok(stream.request_id);
  },
  async "structured output by parse"() {
    const format = zodOutputFormat(Verdict);
    const parsed = await client.messages.parse(asking({ max_tokens: 400, output_config: { format } }));
    Verdict.parse(parsed.parsed_output);
  },
  async stop() {
    const whole = (await ask()).content[0].text;
    const cut = await ask({ stop_sequences: [whole[3]] });
    assert.deepEqual([cut.stop_reason, cut.stop_sequence], ["stop_sequence", whole[3]]);
    assert.equal(cut.content[0].text, whole.slice(0, whole.indexOf(whole[3])));
  },
  async models() {
    const ids = [];
    for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);
    assert.ok(ids.includes("org/tiny") && ids.includes("receipt"));
    assert.equal((await client.models.retrieve("org/tiny")).display_name, "org/tiny");
  },
  async "unknown model"() {
    const error = await fails(() => ask({ model: "nobody" }));
    assert.ok(error instanceof Anthropic.NotFoundError);
    assert.equal(error.type, "not_found_error");
    assert.equal(error.error.request_id, error.requestID);
  },
  async "bad request"() {
    const error = await fails(() => ask({ temperature: 3 }));
    assert.ok(error instanceof Anthropic.BadRequestError);
    assert.match(error.error.error.message, /temperature/);
  },
  async overload() {
    await occupied("org/busy", async () => {
      const error = await fails(() => ask({ model: "org/busy" }));
      assert.ok(error instanceof Anthropic.InternalServerError);
      assert.deepEqual([error.status, error.type], [529, "overloaded_error"]);
      assert.ok(Number(error.headers.get("retry-after")) >= 1);
    });
  },
  async "fault in mid-stream"() {
    const stream = await ask({ model: "org/slow", max_tokens: 100_000, stream: true });
    const error = await fails(async () => {
      for await (const event of stream) assert.ok(event.type);
    });
    assert.ok(error instanceof Anthropic.APIError, String(error));
    assert.equal(error.type, "timeout_error");
  },
  async "model too slow"() {
    const call = () => ask({ model: "org/slow", max_tokens: 100_000 }, { timeout: 60_000 });
    const error = await fails(call);
    assert.deepEqual([error.status, error.type], [504, "timeout_error"]);
  },
  async "cancelled stream"() {
    const stream = await ask({ model: "org/busy", max_tokens: 100_000, stream: true });
    for await (const _ of stream) break;
    await soon(() => ask({ model: "org/busy", max_tokens: 1 }));
  },
  async "tools, whole and streamed"() {
    const { content, stop_reason } = await ask(CALLING);
    assert.equal(stop_reason, "tool_use");
    const [call] = content;
    assert.ok(["blue", "grey"].includes(call.input.sky));
    const [again] = (await client.messages.stream(asking(CALLING)).finalMessage()).content;
    assert.deepEqual(again.input, call.input);
    const result = { type: "tool_result", tool_use_id: call.id, content: "31 degrees" };
    const messages = [...HELLO, { role: "assistant", content }, { role: "user", content: [result] }];
    assert.ok((await ask({ messages, tools: [SKY] })).content.length);
  },
  async timeout() {
    const error = await fails(() => ask({ max_tokens: 100_000 }, { timeout: 200 }));
    assert.ok(error instanceof Anthropic.APIConnectionTimeoutError);
  },
});

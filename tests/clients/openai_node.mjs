// OpenAI's own JavaScript client.

import assert from "node:assert/strict";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
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
import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${GATEWAY}/v1`, apiKey: "any", maxRetries: 0 });
const answer = await client.chat.completions.create({
  model: "receipt",
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "Read this receipt as JSON." },
        { type: "image_url", image_url: { url: DATA_URI } },
      ],
    },
  ],
});
const invoice = JSON.parse(answer.choices[0].message.content);
// end

const HELLO = [{ role: "user", content: "Hello" }];
const ask = (more = {}, options) =>
  client.chat.completions.create(
    { model: "org/tiny", messages: HELLO, max_tokens: 8, ...more },
    options,
  );
const showing = (url) => [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }];
const handing = (file) => [{ role: "user", content: [{ type: "file", file }] }];
const SKY = {
  type: "function",
  function: {
    name: "weather",
    parameters: {
      type: "object",
      properties: { sky: { enum: ["blue", "grey"] } },
      required: ["sky"],
      additionalProperties: false,
    },
  },
};
const Verdict = z.object({
  mood: z.enum(["calm", "stormy"]),
  degrees: z.number().int().min(-40).max(40),
  certain: z.boolean(),
});

await run("openai-node", installed("openai"), {
  "receipt by preset"() {
    assert.ok("total_due" in invoice && Array.isArray(invoice.items));
    assert.equal(answer.model, "receipt");
  },
  async chat() {
    const { choices, usage, object } = await ask();
    assert.equal(object, "chat.completion");
    assert.equal(choices[0].finish_reason, "length");
    assert.equal(usage.completion_tokens, 8);
  },
  async "picture by data URI"() {
    assert.ok((await ask({ messages: showing(DATA_URI) })).usage.prompt_tokens > 100);
  },
  async "picture by URL"() {
    assert.ok((await ask({ messages: showing(PICTURE_URL) })).usage.prompt_tokens > 100);
  },
  async PDF() {
    const tokens = [];
    for (const file_data of [PDF_URI, PDF_URI.split(",")[1], PDF_URL]) {
      const asked = { messages: handing({ filename: PDF_NAME, file_data }) };
      tokens.push((await ask(asked)).usage.prompt_tokens);
    }
    assert.ok(tokens[0] > 100);
    assert.deepEqual(new Set(tokens).size, 1);
  },
  async "PDF by preset"() {
    const messages = handing({ filename: PDF_NAME, file_data: PDF_URI });
    const { choices } = await ask({ model: "receipt", messages });
    assert.deepEqual(Object.keys(JSON.parse(choices[0].message.content)), Object.keys(invoice));
    let streamed = "";
    for await (const chunk of await ask({ model: "receipt", messages, stream: true }))
      streamed += chunk.choices[0]?.delta.content ?? "";
    assert.equal(streamed, choices[0].message.content);
  },
  async "text file"() {
    const { usage } = await ask({ messages: handing({ filename: "a.csv", file_data: CSV_URI }) });
    assert.ok(usage.prompt_tokens > 100);
  },
  async "file that is stored"() {
    const error = await fails(() => ask({ messages: handing({ file_id: "file-1" }) }));
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "messages[0].content[0].file.file_id");
  },
  async "stream with usage"() {
    const chunks = [];
    for await (const chunk of await ask({ stream: true, stream_options: { include_usage: true } }))
      chunks.push(chunk);
    assert.equal(chunks[0].choices[0].delta.role, "assistant");
    assert.equal(chunks.at(-2).choices[0].finish_reason, "length");
    assert.equal(chunks.at(-1).usage.completion_tokens, 8);
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    assert.equal(text, (await ask()).choices[0].message.content);
  },
  async "structured output by parse"() {
    const parsed = await client.chat.completions.parse({
      model: "org/tiny",
      messages: HELLO,
      response_format: zodResponseFormat(Verdict, "verdict"),
    });
    Verdict.parse(parsed.choices[0].message.parsed);
  },
  async "log-probabilities"() {
    const { content } = (await ask({ logprobs: true, top_logprobs: 3 })).choices[0].logprobs;
    assert.equal(content.length, 8);
    assert.ok(content.every((token) => token.logprob <= 0 && token.top_logprobs.length === 3));
  },
  async stop() {
    const whole = (await ask()).choices[0].message.content;
    const cut = (await ask({ stop: [whole[3]] })).choices[0];
    assert.equal(cut.finish_reason, "stop");
    assert.equal(cut.message.content, whole.slice(0, whole.indexOf(whole[3])));
  },
  async "several choices"() {
    const { choices } = await ask({ n: 3, temperature: 1, seed: 7 });
    assert.deepEqual(
      choices.map((choice) => choice.index),
      [0, 1, 2],
    );
  },
  async models() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.ok(ids.includes("org/tiny"));
    assert.equal((await client.models.retrieve("org/tiny")).id, "org/tiny");
  },
  async "unknown model"() {
    const error = await fails(() => ask({ model: "nobody" }));
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, "model_not_found");
  },
  async "bad request"() {
    const error = await fails(() => ask({ temperature: 3 }));
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "temperature");
  },
  async overload() {
    await occupied("org/busy", async () => {
      const error = await fails(() => ask({ model: "org/busy" }));
      assert.ok(error instanceof OpenAI.RateLimitError);
      assert.ok(Number(error.headers.get("retry-after")) >= 1);
    });
  },
  async "fault in mid-stream"() {
    const stream = await ask({ model: "org/slow", max_tokens: 100_000, stream: true });
    const error = await fails(async () => {
      for await (const chunk of stream) assert.ok(chunk.id);
    });
    assert.ok(error instanceof OpenAI.APIError, String(error));
  },
  async "model too slow"() {
    const error = await fails(() => ask({ model: "org/slow", max_tokens: 100_000 }));
    assert.ok(error instanceof OpenAI.InternalServerError);
    assert.equal(error.status, 504);
  },
  async "cancelled stream"() {
    const stream = await ask({ model: "org/busy", max_tokens: 100_000, stream: true });
    for await (const _ of stream) break;
    await soon(() => ask({ model: "org/busy", max_tokens: 1 }));
  },
  async "tools, whole and streamed"() {
    const asked = { max_tokens: 400, tools: [SKY], tool_choice: "required", parallel_tool_calls: false };
    const { message, finish_reason } = (await ask(asked)).choices[0];
    assert.equal(finish_reason, "tool_calls");
    const [call] = message.tool_calls;
    assert.ok(["blue", "grey"].includes(JSON.parse(call.function.arguments).sky));
    const streamed = client.chat.completions.stream({ model: "org/tiny", messages: HELLO, ...asked });
    const [again] = (await streamed.finalChatCompletion()).choices[0].message.tool_calls;
    assert.deepEqual(again.function.arguments, call.function.arguments);
    const result = { role: "tool", tool_call_id: call.id, content: "31 degrees" };
    assert.ok((await ask({ messages: [...HELLO, message, result] })).choices[0].message.content);
  },
  async "text completion"() {
    const answer = await client.completions.create({ model: "org/tiny", prompt: "Once", max_tokens: 8 });
    assert.equal(answer.usage.completion_tokens, 8);
    assert.ok(answer.choices[0].text);
  },
  async response() {
    const asked = { model: "org/tiny", input: "Hello", max_output_tokens: 16 };
    const answer = await client.responses.create(asked);
    assert.equal(answer.status, "incomplete");
    let text = "";
    for await (const event of await client.responses.create({ ...asked, stream: true }))
      if (event.type === "response.output_text.delta") text += event.delta;
    assert.equal(text, answer.output_text);
    const parsed = await client.responses.parse({
      model: "org/tiny",
      input: "Hello",
      text: { format: zodTextFormat(Verdict, "verdict") },
    });
    Verdict.parse(parsed.output_parsed);
  },
  async "response to files"() {
    const told = async (model, part) =>
      await client.responses.create({
        model,
        input: [{ role: "user", content: [{ type: "input_file", ...part }] }],
        max_output_tokens: 16,
      });
    const whole = await told("org/tiny", { filename: PDF_NAME, file_data: PDF_URI });
    const fetched = await told("org/tiny", { file_url: PDF_URL });
    assert.ok(whole.usage.input_tokens > 100);
    assert.equal(fetched.usage.input_tokens, whole.usage.input_tokens);
    const read = await told("receipt", { filename: PDF_NAME, file_data: PDF_URI });
    assert.deepEqual(Object.keys(JSON.parse(read.output_text)), Object.keys(invoice));
  },
  async timeout() {
    const error = await fails(() => ask({ max_tokens: 100_000 }, { timeout: 200 }));
    assert.ok(error instanceof OpenAI.APIConnectionTimeoutError);
  },
});

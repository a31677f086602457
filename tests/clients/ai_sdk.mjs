// Vercel's AI SDK with OpenRouter's provider.

import assert from "node:assert/strict";
import { Output, streamText, tool } from "ai";
import { z } from "zod";
import {
  CSV,
  DATA_URI,
  GATEWAY,
  PDF,
  PDF_NAME,
  PDF_URL,
  PICTURE_URL,
  fails,
  installed,
  occupied,
  run,
  soon,
} from "./cases.mjs";

// snippet
import { createOpenRouter } from "@openrouter/ai-sdk-provider";
import { generateText } from "ai";

const gateway = createOpenRouter({ baseURL: `${GATEWAY}/api/v1`, apiKey: "any" });
const { text } = await generateText({
  model: gateway.chat("receipt"),
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "Read this receipt as JSON." },
        { type: "image", image: DATA_URI },
      ],
    },
  ],
});
const invoice = JSON.parse(text);
// end

const request = (more = {}, model = "org/tiny", settings = {}) => ({
  model: gateway.chat(model, settings),
  prompt: "Hello",
  maxOutputTokens: 8,
  maxRetries: 0,
  ...more,
});
const ask = (...of) => generateText(request(...of));
const showing = (image) => ({
  prompt: undefined,
  messages: [{ role: "user", content: [{ type: "image", image }] }],
});

const handing = (data, mediaType, filename) => ({
  prompt: undefined,
  messages: [{ role: "user", content: [{ type: "file", data, mediaType, filename }] }],
});

await run("@openrouter/ai-sdk-provider", installed("@openrouter/ai-sdk-provider"), {
  "receipt by preset"() {
    assert.ok("total_due" in invoice && Array.isArray(invoice.items));
  },
  async chat() {
    const { finishReason, usage } = await ask();
    assert.equal(finishReason, "length");
    assert.equal(usage.outputTokens, 8);
  },
  async "picture by data URI"() {
    assert.ok((await ask(showing(DATA_URI))).usage.inputTokens > 100);
  },
  async "picture by URL"() {
    assert.ok((await ask(showing(new URL(PICTURE_URL)))).usage.inputTokens > 100);
  },
  async PDF() {
    const sent = await ask(handing(PDF, "application/pdf", PDF_NAME));
    const fetched = await ask(handing(new URL(PDF_URL), "application/pdf", PDF_NAME));
    assert.ok(sent.usage.inputTokens > 100);
    assert.equal(fetched.usage.inputTokens, sent.usage.inputTokens);
  },
  async "PDF by preset"() {
    const plugins = [{ id: "file-parser", pdf: { engine: "native" } }, { id: "response-healing" }];
    const asked = handing(PDF, "application/pdf", PDF_NAME);
    const read = await ask(asked, "receipt", { plugins });
    assert.deepEqual(Object.keys(JSON.parse(read.text)), Object.keys(invoice));
    let streamed = "";
    for await (const piece of streamText(request(asked, "receipt", { plugins })).textStream)
      streamed += piece;
    assert.equal(streamed, read.text);
  },
  async "text file"() {
    assert.ok((await ask(handing(CSV, "text/csv", "a.csv"))).usage.inputTokens > 100);
  },
  async "plugin that is not there"() {
    const error = await fails(() => ask({}, "org/tiny", { plugins: [{ id: "web" }] }));
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /does not search the web/);
  },
  async "stream with usage"() {
    const streamed = streamText(request());
    let whole = "";
    for await (const piece of streamed.textStream) whole += piece;
    assert.equal(whole, (await ask()).text);
    assert.equal((await streamed.usage).outputTokens, 8);
    assert.equal(await streamed.finishReason, "length");
  },
  async "structured output"() {
    const Verdict = z.object({
      mood: z.enum(["calm", "stormy"]),
      degrees: z.number().int().min(-40).max(40),
    });
    const { output } = await ask({
      maxOutputTokens: 100,
      output: Output.object({ schema: Verdict }),
    });
    Verdict.parse(output);
  },
  async tools() {
    const weather = tool({ inputSchema: z.object({ sky: z.enum(["blue", "grey"]) }) });
    const asked = { maxOutputTokens: 400, tools: { weather }, toolChoice: "required" };
    // It has no way to ask for one call alone, so one that is cut off may follow the first.
    const { toolCalls } = await ask(asked);
    assert.equal(toolCalls[0].toolName, "weather");
    assert.ok(["blue", "grey"].includes(toolCalls[0].input.sky));
  },
  async stop() {
    const whole = (await ask()).text;
    const cut = await ask({ stopSequences: [whole[3]] });
    assert.equal(cut.text, whole.slice(0, whole.indexOf(whole[3])));
    assert.equal(cut.finishReason, "stop");
  },
  async "unknown model"() {
    assert.equal((await fails(() => ask({}, "nobody"))).statusCode, 404);
  },
  async "bad request"() {
    const error = await fails(() => ask({ temperature: 3 }));
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /temperature/);
  },
  async overload() {
    await occupied("org/busy", async () => {
      const error = await fails(() => ask({}, "org/busy"));
      assert.equal(error.statusCode, 429);
    });
  },
  async "fault in mid-stream"() {
    const faults = [];
    const streamed = streamText({
      ...request({ maxOutputTokens: 100_000 }, "org/slow"),
      onError: ({ error }) => faults.push(error),
    });
    for await (const part of streamed.fullStream) if (part.type === "error") break;
    assert.equal(faults.length, 1);
  },
  async "model too slow"() {
    const error = await fails(() => ask({ maxOutputTokens: 100_000 }, "org/slow"));
    assert.equal(error.statusCode, 504);
  },
  async "cancelled stream"() {
    const leave = new AbortController();
    const streamed = streamText({
      ...request({ maxOutputTokens: 100_000, abortSignal: leave.signal }, "org/busy"),
      onError() {},
    });
    for await (const _ of streamed.textStream) break;
    leave.abort();
    await soon(() => ask({ maxOutputTokens: 1 }, "org/busy"));
  },
  async timeout() {
    const abortSignal = AbortSignal.timeout(200);
    const error = await fails(() => ask({ maxOutputTokens: 100_000, abortSignal }));
    assert.equal(error.name, "TimeoutError");
  },
});

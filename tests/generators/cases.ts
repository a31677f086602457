// Runs the cases of a generated TypeScript client and prints a line of JSON for each.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

export function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

export const GATEWAY = setting("GATEWAY");
export const INVOICE = JSON.parse(setting("INVOICE"));
const bytes = readFileSync(setting("PICTURE"));
export const DATA_URI = `data:image/png;base64,${bytes.toString("base64")}`;
export const picture = () => new File([bytes], "receipt.png", { type: "image/png" });
export const text = () => new File(["none"], "b.txt", { type: "text/plain" });

export const PAID = {
  type: "object",
  properties: { paid: { type: "boolean" } },
  required: ["paid"],
  additionalProperties: false,
};

export function isPaid(answer: object): void {
  assert.deepEqual(Object.keys(answer), ["paid"]);
}

export async function run(
  client: string,
  packageName: string,
  cases: Record<string, () => Promise<void>>,
): Promise<void> {
  const manifest = readFileSync(`node_modules/${packageName}/package.json`, "utf8");
  console.log(JSON.stringify({ client, version: JSON.parse(manifest).version }));
  for (const [name, body] of Object.entries(cases)) {
    let fault: string | null = null;
    try {
      await body();
    } catch (error) {
      fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    console.log(JSON.stringify({ case: name, fault }));
  }
}

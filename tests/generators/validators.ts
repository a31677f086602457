// ajv, given the schemas that are published.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020";
import { GATEWAY, INVOICE, run, setting } from "./cases";

// Doubles that are no multiples of 0.01 to whoever divides doubles.
const AMOUNTS = [80.91, 0.07, 1.1, 16777217, 203800.45, 12345678.91, 0];

function accepts(schema: object, instances: object[]): void {
  const ajv = new Ajv2020({ strict: false, formats: { double: true, int64: true, binary: true } });
  const validate = ajv.compile(schema);
  for (const instance of instances) {
    assert.ok(validate(instance), JSON.stringify([instance, validate.errors]));
  }
}

async function listed(name: string): Promise<object> {
  const answer = await fetch(`${GATEWAY}/schemas`);
  const { schemas } = (await answer.json()) as { schemas: { name: string; schema: object }[] };
  const found = schemas.find((schema) => schema.name === name);
  assert.ok(found);
  return found.schema;
}

const invoices = AMOUNTS.map((amount) => ({ ...INVOICE, total_due: amount, tax_amount: amount }));

void run("ajv", "ajv", {
  async "invoices by the listed schema"() {
    accepts(await listed("invoice"), [INVOICE, ...invoices]);
  },
  async "invoices by the document"() {
    const { components } = JSON.parse(readFileSync(setting("DOCUMENT"), "utf8"));
    accepts({ $ref: "#/components/schemas/ExtractAnswer", components }, invoices);
  },
  async "receipts in brief"() {
    const briefs = AMOUNTS.map((total) => ({
      merchant: "Toko",
      date: "2024-02-29",
      total,
      currency: "IDR",
    }));
    accepts(await listed("receipt-brief"), briefs);
  },
});

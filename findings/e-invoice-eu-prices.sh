#!/bin/sh
# @e-invoice-eu/core 2.3.4 (npm), factur-x 7.8 (PyPI): the first refuses a net price of more than two decimals, which
# EN 16931 allows (its rules limit the decimals of amounts, not of BT-146), and leaves prices out of Factur-X BASIC,
# where they are mandatory. The second then finds no XML in that PDF: get_xml_from_pdf checks the schema by default and
# returns (False, False) for a file that does not match, as it does where nothing is attached, and raises nothing.
# Expected: a price in every line, and an error for XML that does not match. Seen, of a line with the given price:
#   UBL, price 12.50                 12.50
#   UBL, price 0.0825                refused: must match pattern "^[-+]?(0|[1-9][0-9]*)(.[0-9]{1,2})?$"
#   Factur-X EN 16931, price 12.50   factur-x.xml, price 12.50
#   Factur-X BASIC, price 12.50      False; without the check: factur-x.xml, price None
# In the gateway: XML is read without a schema, by the elements that it needs, and a price that is not stated is null.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check factur-x==7.8 lxml==6.1.3 reportlab==5.1.0
npm install --silent --no-audit --no-fund --ignore-scripts @e-invoice-eu/core@2.3.4
venv/bin/python -c 'import reportlab.pdfgen.canvas as c; p = c.Canvas("page.pdf"); p.drawString(50, 800, "Invoice 1"); p.save()'
cat >run.mjs <<'JS'
import { readFileSync, writeFileSync } from "node:fs";
import { InvoiceService } from "@e-invoice-eu/core";

const VAT = { "cac:TaxScheme": { "cbc:ID": "VAT" } };
const money = (names, amount) =>
  Object.fromEntries(
    names.flatMap((name) => [[`cbc:${name}`, amount], [`cbc:${name}@currencyID`, "EUR"]]),
  );
const party = (name) => ({
  "cac:Party": {
    "cbc:EndpointID": `${name}@example.com`,
    "cbc:EndpointID@schemeID": "EM",
    "cac:PostalAddress": { "cac:Country": { "cbc:IdentificationCode": "DE" } },
    "cac:PartyLegalEntity": { "cbc:RegistrationName": name },
  },
});
const invoice = (price, quantity) => ({
  "ubl:Invoice": {
    "cbc:ID": "1",
    "cbc:IssueDate": "2026-03-05",
    "cbc:DueDate": "2026-04-04",
    "cbc:InvoiceTypeCode": "380",
    "cbc:DocumentCurrencyCode": "EUR",
    "cac:AccountingSupplierParty": party("seller"),
    "cac:AccountingCustomerParty": party("buyer"),
    "cac:Delivery": { "cbc:ActualDeliveryDate": "2026-03-05" },
    "cac:TaxTotal": [
      {
        ...money(["TaxAmount"], "0.00"),
        "cac:TaxSubtotal": [
          {
            ...money(["TaxableAmount"], "25.00"),
            ...money(["TaxAmount"], "0.00"),
            "cac:TaxCategory": { "cbc:ID": "Z", "cbc:Percent": "0", ...VAT },
          },
        ],
      },
    ],
    "cac:LegalMonetaryTotal": money(
      ["LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount"],
      "25.00",
    ),
    "cac:InvoiceLine": [
      {
        "cbc:ID": "1",
        "cbc:InvoicedQuantity": quantity,
        "cbc:InvoicedQuantity@unitCode": "C62",
        ...money(["LineExtensionAmount"], "25.00"),
        "cac:Item": {
          "cbc:Name": "Shelf",
          "cac:ClassifiedTaxCategory": { "cbc:ID": "Z", "cbc:Percent": "0", ...VAT },
        },
        "cac:Price": money(["PriceAmount"], price),
      },
    ],
  },
});

const quiet = { log() {}, warn() {}, error() {}, info() {}, debug() {} };
const service = new InvoiceService(quiet);
const seen = [];
for (const [price, quantity] of [["12.50", "2"], ["0.0825", "303.030303"]]) {
  let found;
  try {
    const xml = String(await service.generate(invoice(price, quantity), { format: "UBL", lang: "en" }));
    found = /<cbc:PriceAmount[^>]*>([^<]*)</.exec(xml)[1];
  } catch (error) {
    const of = error.errors.find(({ instancePath }) => instancePath.endsWith("cbc:PriceAmount"));
    found = `refused: ${of.message}`;
  }
  seen.push(found);
  console.log(`UBL, price ${price}: ${found}`);
}
for (const profile of ["EN16931", "Basic"]) {
  const pdf = { buffer: readFileSync("page.pdf"), filename: "page.pdf", mimetype: "application/pdf" };
  const options = { format: `Factur-X-${profile}`, lang: "en", pdf };
  writeFileSync(`${profile}.pdf`, await service.generate(invoice("12.50", "2"), options));
}
if (seen[0] !== "12.50" || !seen[1].startsWith("refused: must match pattern")) {
  console.error("this has changed");
  process.exit(1);
}
JS
node run.mjs
cat >run.py <<'PY'
import logging

import facturx
from lxml import etree

logging.disable(logging.CRITICAL)
PRICE = ".//{*}NetPriceProductTradePrice/{*}ChargeAmount"
seen = []
for profile in ("EN16931", "Basic"):
    with open(f"{profile}.pdf", "rb") as file:
        pdf = file.read()
    name, _ = facturx.get_xml_from_pdf(pdf)
    unchecked, xml = facturx.get_xml_from_pdf(pdf, check_xsd=False)
    price = etree.fromstring(xml).findtext(PRICE)
    seen.append((name, unchecked, price and price.strip()))
    print(f"Factur-X {profile}, price 12.50: {name}; without the check: {unchecked}, price {seen[-1][2]}")
same = seen == [("factur-x.xml", "factur-x.xml", "12.50"), (False, "factur-x.xml", None)]
raise SystemExit(0 if same else "this has changed")
PY
venv/bin/python run.py

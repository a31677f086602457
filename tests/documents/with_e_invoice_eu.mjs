// Writes invoices with @e-invoice-eu/core, as UBL, as CII, and as Factur-X in every profile inside a given PDF.
// The wanted files come as one JSON document on standard input: [{ invoice, customization, format, pdf, out }].
import { readFileSync, writeFileSync } from "node:fs";
import { InvoiceService } from "@e-invoice-eu/core";

const TAX = { "cac:TaxScheme": { "cbc:ID": "VAT" } };

const party = (of, more) => ({
  "cbc:EndpointID": of.endpoint[1],
  "cbc:EndpointID@schemeID": of.endpoint[0],
  ...(of.trading_name ? { "cac:PartyName": { "cbc:Name": of.trading_name } } : {}),
  "cac:PostalAddress": {
    "cbc:StreetName": of.street,
    "cbc:CityName": of.city,
    "cbc:PostalZone": of.postcode,
    "cac:Country": { "cbc:IdentificationCode": of.country },
  },
  "cac:PartyTaxScheme": more.seller
    ? [{ "cbc:CompanyID": of.vat, ...TAX }]
    : { "cbc:CompanyID": of.vat, ...TAX },
  "cac:PartyLegalEntity": { "cbc:RegistrationName": of.name },
  "cac:Contact": {
    "cbc:Name": "Buchhaltung",
    "cbc:Telephone": "+49 30 0000000",
    "cbc:ElectronicMail": of.mail,
  },
});

const adjustment = (entry, charge, currency, onLine) => ({
  "cbc:ChargeIndicator": String(charge),
  "cbc:AllowanceChargeReason": entry.reason,
  ...(entry.percent ? { "cbc:MultiplierFactorNumeric": entry.percent } : {}),
  "cbc:Amount": entry.amount,
  "cbc:Amount@currencyID": currency,
  ...(entry.of ? { "cbc:BaseAmount": entry.of, "cbc:BaseAmount@currencyID": currency } : {}),
  ...(onLine
    ? {}
    : { "cac:TaxCategory": { "cbc:ID": entry.category, "cbc:Percent": entry.rate, ...TAX } }),
});

const adjustments = (of, currency, onLine) => [
  ...of.allowances.map((entry) => adjustment(entry, false, currency, onLine)),
  ...of.charges.map((entry) => adjustment(entry, true, currency, onLine)),
];

const filled = (key, list) => (list.length ? { [key]: list } : {});

const line = (of, currency) => ({
  "cbc:ID": of.id,
  "cbc:InvoicedQuantity": of.quantity,
  "cbc:InvoicedQuantity@unitCode": of.unit,
  "cbc:LineExtensionAmount": of.net,
  "cbc:LineExtensionAmount@currencyID": currency,
  ...filled("cac:AllowanceCharge", adjustments(of, currency, true)),
  "cac:Item": {
    "cbc:Name": of.name,
    "cac:ClassifiedTaxCategory": { "cbc:ID": of.category, "cbc:Percent": of.rate, ...TAX },
  },
  "cac:Price": {
    "cbc:PriceAmount": of.price,
    "cbc:PriceAmount@currencyID": currency,
    ...(of.base === "1"
      ? {}
      : { "cbc:BaseQuantity": of.base, "cbc:BaseQuantity@unitCode": of.unit }),
  },
});

const amounts = (currency, of) =>
  Object.fromEntries(
    Object.entries(of).flatMap(([name, amount]) => [
      [`cbc:${name}`, amount],
      [`cbc:${name}@currencyID`, currency],
    ]),
  );

const breakdown = (tax, currency) => ({
  ...amounts(currency, { TaxableAmount: tax.base, TaxAmount: tax.amount }),
  "cac:TaxCategory": {
    "cbc:ID": tax.category,
    "cbc:Percent": tax.rate,
    ...(tax.exemption ? { "cbc:TaxExemptionReason": tax.exemption } : {}),
    ...TAX,
  },
});

const internal = (whole, customization) => {
  const { currency, totals } = whole;
  return {
    "ubl:Invoice": {
      ...(customization ? { "cbc:CustomizationID": customization } : {}),
      "cbc:ID": whole.number,
      "cbc:IssueDate": whole.issued,
      ...(whole.due ? { "cbc:DueDate": whole.due } : {}),
      "cbc:InvoiceTypeCode": whole.type_code,
      "cbc:DocumentCurrencyCode": currency,
      ...(whole.tax_currency ? { "cbc:TaxCurrencyCode": whole.tax_currency } : {}),
      "cbc:BuyerReference": whole.buyer.reference,
      ...(whole.preceding
        ? {
            "cac:BillingReference": [
              { "cac:InvoiceDocumentReference": { "cbc:ID": whole.preceding } },
            ],
          }
        : {}),
      "cac:AccountingSupplierParty": { "cac:Party": party(whole.seller, { seller: true }) },
      "cac:AccountingCustomerParty": { "cac:Party": party(whole.buyer, { seller: false }) },
      "cac:Delivery": { "cbc:ActualDeliveryDate": whole.issued },
      "cac:PaymentMeans": [
        {
          "cbc:PaymentMeansCode": "58",
          // The account of the examples in the IBAN registry.
          "cac:PayeeFinancialAccount": { "cbc:ID": "DE89370400440532013000" },
        },
      ],
      "cac:PaymentTerms": { "cbc:Note": "Net" },
      ...filled("cac:AllowanceCharge", adjustments(whole, currency, false)),
      "cac:TaxTotal": [
        {
          ...amounts(currency, { TaxAmount: totals.tax }),
          "cac:TaxSubtotal": whole.taxes.map((tax) => breakdown(tax, currency)),
        },
        ...(whole.tax_currency
          ? [amounts(whole.tax_currency, { TaxAmount: whole.tax_in_tax_currency })]
          : []),
      ],
      "cac:LegalMonetaryTotal": amounts(currency, {
        LineExtensionAmount: totals.lines,
        TaxExclusiveAmount: totals.net,
        TaxInclusiveAmount: totals.gross,
        ...(totals.allowances === "0" ? {} : { AllowanceTotalAmount: totals.allowances }),
        ...(totals.charges === "0" ? {} : { ChargeTotalAmount: totals.charges }),
        ...(totals.prepaid === "0" ? {} : { PrepaidAmount: totals.prepaid }),
        ...(totals.rounding === "0" ? {} : { PayableRoundingAmount: totals.rounding }),
        PayableAmount: totals.due,
      }),
      "cac:InvoiceLine": whole.lines.map((of) => line(of, currency)),
    },
  };
};

const quiet = { log() {}, warn() {}, error() {}, info() {}, debug() {} };
const service = new InvoiceService(quiet);
for (const { invoice, customization, format, pdf, out } of JSON.parse(readFileSync(0, "utf8"))) {
  const options = { format, lang: "en" };
  if (pdf) {
    options.pdf = { buffer: readFileSync(pdf), filename: "page.pdf", mimetype: "application/pdf" };
  }
  writeFileSync(out, await service.generate(internal(invoice, customization), options));
}

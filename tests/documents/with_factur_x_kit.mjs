// Writes invoices with factur-x-kit: a PDF with a page of its own drawing, or the XML alone.
// The wanted files come as one JSON document on standard input: [{ invoice, profile, form, out }].
import { readFileSync, writeFileSync } from "node:fs";
import { FacturX, PROFILES } from "factur-x-kit";

const GUIDELINES = {
  minimum: PROFILES.MINIMUM,
  "basic-wl": PROFILES.BASIC_WITHOUT_LINES,
  basic: PROFILES.BASIC,
  en16931: PROFILES.COMFORT,
};
const VAT = "VAT";

const day = (text) => {
  const [year, month, of] = text.split("-").map(Number);
  return { year, month, day: of };
};

const party = (of, short) => ({
  name: of.name,
  ...(of.trading_name && !short
    ? { specifiedLegalOrganization: { tradingBusinessName: of.trading_name } }
    : {}),
  postalAddress: short
    ? { country: of.country }
    : { postcode: of.postcode, addressLineOne: of.street, city: of.city, country: of.country },
  taxIdentification: { vatId: of.vat },
});

const adjustment = (entry, onLine) => ({
  actualAmount: Number(entry.amount),
  reason: entry.reason,
  ...(entry.percent
    ? { calculationPercent: Number(entry.percent), basisAmount: Number(entry.of) }
    : {}),
  ...(onLine
    ? {}
    : {
        categoryTradeTax: {
          typeCode: VAT,
          categoryCode: entry.category,
          rateApplicablePercent: Number(entry.rate),
        },
      }),
});

const adjustments = (key, of, onLine) => {
  const { allowances, charges } = of;
  if (!allowances.length && !charges.length) return {};
  return {
    [key]: {
      ...(allowances.length
        ? { allowances: allowances.map((entry) => adjustment(entry, onLine)) }
        : {}),
      ...(charges.length ? { charges: charges.map((entry) => adjustment(entry, onLine)) } : {}),
    },
  };
};

const line = (of) => ({
  generalLineData: { lineId: of.id },
  productDescription: { name: of.name },
  productPriceAgreement: {
    productNetPricing: {
      netPricePerItem: Number(of.price),
      ...(of.base === "1"
        ? {}
        : { priceBaseQuantity: { quantity: Number(of.base), unit: of.unit } }),
    },
  },
  delivery: { itemQuantity: { quantity: Number(of.quantity), unit: of.unit } },
  settlement: {
    tax: {
      typeCode: VAT,
      categoryCode: of.category,
      rateApplicablePercent: Number(of.rate),
    },
    ...adjustments("lineLevelAllowancesAndCharges", of, true),
    lineTotals: { netTotal: Number(of.net) },
  },
});

const totals = (whole, profile) => {
  const of = Object.fromEntries(
    Object.entries(whole.totals).map(([name, amount]) => [name, Number(amount)]),
  );
  const least = {
    netTotal: of.net,
    taxTotal: [
      { amount: of.tax, currency: whole.currency },
      ...(whole.tax_currency && profile === "en16931"
        ? [{ amount: Number(whole.tax_in_tax_currency), currency: whole.tax_currency }]
        : []),
    ],
    grossTotal: of.gross,
    openAmount: of.due,
  };
  if (profile === "minimum") return least;
  return {
    ...least,
    sumWithoutAllowancesAndCharges: of.lines,
    ...adjustments("documentLevelAllowancesAndCharges", whole, false),
    allowanceTotalAmount: of.allowances,
    chargeTotalAmount: of.charges,
    taxBreakdown: whole.taxes.map((tax) => ({
      calculatedAmount: Number(tax.amount),
      typeCode: VAT,
      basisAmount: Number(tax.base),
      categoryCode: tax.category,
      rateApplicablePercent: Number(tax.rate),
      ...(tax.exemption ? { exemptionReason: tax.exemption } : {}),
    })),
    prepaidAmount: of.prepaid,
    ...(of.rounding && profile === "en16931" ? { roundingAmount: of.rounding } : {}),
  };
};

const profileObject = (whole, profile) => {
  const short = profile === "minimum";
  const least = {
    profile: GUIDELINES[profile],
    document: {
      id: whole.number,
      type: whole.type_code,
      dateOfIssue: day(whole.issued),
      currency: whole.currency,
    },
    seller: party(whole.seller, short),
    buyer: short ? { name: whole.buyer.name } : party(whole.buyer, false),
    totals: totals(whole, profile),
  };
  if (short) return least;
  return {
    ...least,
    ...(whole.preceding
      ? { referencedDocuments: { referencedInvoice: [{ documentId: whole.preceding }] } }
      : {}),
    delivery: { deliveryDate: day(whole.issued) },
    paymentInformation: {
      paymentMeans: [
        // The account of the examples in the IBAN registry.
        { paymentType: "58", payeeBankAccount: { iban: "DE89370400440532013000" } },
      ],
      paymentTerms: whole.due ? { dueDate: day(whole.due) } : { description: "Net" },
    },
    ...(profile === "basic-wl" ? {} : { invoiceLines: whole.lines.map(line) }),
  };
};

for (const { invoice, profile, form, out } of JSON.parse(readFileSync(0, "utf8"))) {
  const made = await FacturX.fromObject(profileObject(invoice, profile));
  writeFileSync(out, form === "xml" ? await made.getXML() : await made.getPDF({ locale: "en-US" }));
}

#!/bin/sh
# factur-x-kit 0.3.1 (npm) and myinvois 0.1.0 (PyPI): both round the quantity of a line to two decimals in the XML, in a
# CII and in a UBL file, although neither EN 16931 nor UBL limits its decimals. Four grams at 250.00 a kilogram become
# nothing at all, and no longer make the line's total. factur-x-kit keeps four decimals of a price, myinvois two. Seen:
#   factur-x-kit, 0.004 at 250.00 is 1.00:   quantity 0.00
#   myinvois, 0.004 at 250.00 is 1.00:       quantity 0.00
# In the gateway: the quantity is the one that the file states, and the line's total too; nothing is multiplied.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts factur-x-kit@0.3.1
cat >run.mjs <<'JS'
import { FacturX, PROFILES } from "factur-x-kit";

const day = { year: 2026, month: 3, day: 5 };
const party = (name) => ({
  name,
  postalAddress: { postcode: "10115", city: "Berlin", country: "DE" },
  taxIdentification: { vatId: "DE999999990" },
});
const tax = { typeCode: "VAT", categoryCode: "Z", rateApplicablePercent: 0 };
const made = await FacturX.fromObject({
  profile: PROFILES.COMFORT,
  document: { id: "1", type: "380", dateOfIssue: day, currency: "EUR" },
  seller: party("Seller"),
  buyer: party("Buyer"),
  delivery: { deliveryDate: day },
  paymentInformation: { paymentTerms: { dueDate: day } },
  totals: {
    sumWithoutAllowancesAndCharges: 1,
    netTotal: 1,
    taxBreakdown: [{ ...tax, calculatedAmount: 0, basisAmount: 1 }],
    taxTotal: [{ amount: 0, currency: "EUR" }],
    grossTotal: 1,
    openAmount: 1,
  },
  invoiceLines: [
    {
      generalLineData: { lineId: "1" },
      productDescription: { name: "Saffron" },
      productPriceAgreement: { productNetPricing: { netPricePerItem: 250 } },
      delivery: { itemQuantity: { quantity: 0.004, unit: "KGM" } },
      settlement: { tax, lineTotals: { netTotal: 1 } },
    },
  ],
});
const quantity = /<ram:BilledQuantity[^>]*>([^<]*)</.exec(await made.getXML())[1];
console.log("factur-x-kit, 0.004 at 250.00 is 1.00:   quantity", quantity);
if (quantity !== "0.00") {
  console.error("this has changed");
  process.exit(1);
}
JS
node run.mjs
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check myinvois==0.1.0
cat >run.py <<'PY'
from datetime import UTC, datetime
from decimal import Decimal

from lxml import etree
from myinvois.codes import MalaysianState
from myinvois.ubl import (
    AccountingParty, Address, AddressLine, CommodityClassification, Contact, Country, Invoice, InvoiceLine, Item,
    ItemPriceExtension, LegalEntity, LegalMonetaryTotal, Party, PartyIdentification, Price, TaxCategory, TaxScheme,
    TaxSubTotal, TaxTotal,
)
from myinvois.ubl.builders import XmlEnvelopeBuilder

ONE, NONE = Decimal("1.00"), Decimal("0.00")


def party(name: str) -> AccountingParty:
    address = Address(
        city_name="Kuala Lumpur",
        country_subentity_code=MalaysianState.WP_KUALA_LUMPUR,
        address_lines=[AddressLine(line="Jalan Contoh 1")],
        country=Country(identification_code="MYS"),
    )
    return AccountingParty(
        party=Party(
            party_identifications=[PartyIdentification(id="C9999999990", scheme_id="TIN")],
            postal_address=address,
            legal_entity=LegalEntity(registration_name=name),
            contact=Contact(telephone="+60300000000"),
        )
    )


category = TaxCategory(id="06", tax_scheme=TaxScheme(id="OTH"))
tax = TaxTotal(
    tax_amount=NONE,
    tax_sub_totals=[TaxSubTotal(taxable_amount=ONE, tax_amount=NONE, tax_category=category)],
)
invoice = Invoice(
    id="1",
    issue_date_time=datetime(2026, 3, 5, 4, tzinfo=UTC),
    accounting_supplier_party=party("Seller"),
    accounting_customer_party=party("Buyer"),
    tax_total=tax,
    legal_monetary_total=LegalMonetaryTotal(
        line_extension_amount=ONE, tax_exclusive_amount=ONE, tax_inclusive_amount=ONE, payable_amount=ONE
    ),
    invoice_lines=[
        InvoiceLine(
            id="1",
            invoiced_quantity=Decimal("0.004"),
            unit_code="KGM",
            line_extension_amount=ONE,
            item=Item(
                description="Saffron",
                commodity_classifications=[CommodityClassification(item_classification_code="022", list_id="CLASS")],
            ),
            price=Price(price_amount=Decimal("250.00")),
            item_price_extension=ItemPriceExtension(amount=ONE),
            tax_total=tax,
        )
    ],
)
quantity = etree.fromstring(XmlEnvelopeBuilder(invoice).build_xml()).findtext(".//{*}InvoicedQuantity")
print("myinvois, 0.004 at 250.00 is 1.00:       quantity", quantity)
raise SystemExit(0 if quantity == "0.00" else "this has changed")
PY
venv/bin/python run.py

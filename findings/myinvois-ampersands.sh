#!/bin/sh
# myinvois 0.1.0 (PyPI): escapes texts of an invoice and hands them to lxml, which escapes them too. A parser of the XML
# then finds "&amp;" in the name where "&" was. Expected: the name that went in. Seen:
#   went in "Kopi & Roti Sdn. Bhd.", parsed: "Kopi &amp; Roti Sdn. Bhd."
# In the gateway: a name is told as an XML parser finds it, and never unescaped twice, since "&amp;" may be meant.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check myinvois==0.1.0
cat >"$work/run.py" <<'PY'
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

NAME = "Kopi & Roti Sdn. Bhd."
ONE, NONE = Decimal("1.00"), Decimal("0.00")
address = Address(
    city_name="Kuala Lumpur",
    country_subentity_code=MalaysianState.WP_KUALA_LUMPUR,
    address_lines=[AddressLine(line="Jalan Contoh 1")],
    country=Country(identification_code="MYS"),
)
party = AccountingParty(
    party=Party(
        party_identifications=[PartyIdentification(id="C9999999990", scheme_id="TIN")],
        postal_address=address,
        legal_entity=LegalEntity(registration_name=NAME),
        contact=Contact(telephone="+60300000000"),
    )
)
category = TaxCategory(id="06", tax_scheme=TaxScheme(id="OTH"))
subtotal = TaxSubTotal(taxable_amount=ONE, tax_amount=NONE, tax_category=category)
tax = TaxTotal(tax_amount=NONE, tax_sub_totals=[subtotal])
kinds = [CommodityClassification(item_classification_code="022", list_id="CLASS")]
line = InvoiceLine(
    id="1",
    invoiced_quantity=ONE,
    line_extension_amount=ONE,
    item=Item(description="Roti", commodity_classifications=kinds),
    price=Price(price_amount=ONE),
    item_price_extension=ItemPriceExtension(amount=ONE),
    tax_total=tax,
)
totals = LegalMonetaryTotal(
    line_extension_amount=ONE, tax_exclusive_amount=ONE, tax_inclusive_amount=ONE, payable_amount=ONE
)
invoice = Invoice(
    id="1",
    issue_date_time=datetime(2026, 3, 5, 4, tzinfo=UTC),
    accounting_supplier_party=party,
    accounting_customer_party=party,
    tax_total=tax,
    legal_monetary_total=totals,
    invoice_lines=[line],
)
parsed = etree.fromstring(XmlEnvelopeBuilder(invoice).build_xml()).findtext(".//{*}RegistrationName")
print(f'went in "{NAME}", parsed: "{parsed}"')
raise SystemExit(0 if parsed == "Kopi &amp; Roti Sdn. Bhd." else "this has changed")
PY
"$work/venv/bin/python" "$work/run.py"

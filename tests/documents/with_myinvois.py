"""Writes invoices as MyInvois wants them, in UBL, with myinvois."""

from datetime import UTC, datetime
from decimal import Decimal

from myinvois.codes import MalaysianState
from myinvois.ubl import (
    AccountingParty,
    Address,
    AddressLine,
    CommodityClassification,
    Contact,
    Country,
    CreditNote,
    Invoice,
    InvoiceLine,
    Item,
    ItemPriceExtension,
    LegalEntity,
    LegalMonetaryTotal,
    Party,
    PartyIdentification,
    Price,
    TaxCategory,
    TaxScheme,
    TaxSubTotal,
    TaxTotal,
)
from myinvois.ubl.builders import XmlEnvelopeBuilder

BUYER = {
    "name": "Pembeli Contoh Sdn. Bhd.",
    "street": "Jalan Pembeli 2",
    "postcode": "10050",
    "city": "George Town",
    "tin": "C9999999980",
}


def party(of: dict) -> AccountingParty:
    return AccountingParty(
        party=Party(
            party_identifications=[
                PartyIdentification(id=of.get("tin") or of["endpoint"][1], scheme_id="TIN")
            ],
            postal_address=Address(
                city_name=of["city"],
                postal_zone=of["postcode"],
                country_subentity_code=MalaysianState.WP_KUALA_LUMPUR,
                address_lines=[AddressLine(line=of["street"])],
                country=Country(identification_code="MYS"),
            ),
            legal_entity=LegalEntity(registration_name=of["name"]),
            contact=Contact(telephone="+60300000000"),
        )
    )


def tax(taxes: list[dict]) -> TaxTotal:
    return TaxTotal(
        tax_amount=sum(Decimal(tax["amount"]) for tax in taxes),
        tax_sub_totals=[
            TaxSubTotal(
                taxable_amount=Decimal(tax["base"]),
                tax_amount=Decimal(tax["amount"]),
                percent=Decimal(tax["rate"]),
                tax_category=TaxCategory(id="02", tax_scheme=TaxScheme(id="OTH")),
            )
            for tax in taxes
        ],
    )


def line(of: dict) -> InvoiceLine:
    net = Decimal(of["net"])
    amount = str((net * Decimal(of["rate"]) / 100).quantize(Decimal("0.01")))
    return InvoiceLine(
        id=of["id"],
        invoiced_quantity=Decimal(of["quantity"]),
        unit_code=of["unit"],
        line_extension_amount=net,
        item=Item(
            description=of["name"],
            commodity_classifications=[
                CommodityClassification(item_classification_code="022", list_id="CLASS")
            ],
        ),
        price=Price(price_amount=Decimal(of["price"])),
        item_price_extension=ItemPriceExtension(amount=net),
        tax_total=tax([{"base": of["net"], "amount": amount, "rate": of["rate"]}]),
    )


def xml(whole: dict) -> bytes:
    totals = {name: Decimal(amount) for name, amount in whole["totals"].items()}
    kind = CreditNote if whole["kind"] == "credit" else Invoice
    year, month, day = map(int, whole["issued"].split("-"))
    document = kind(
        id=whole["number"],
        # At noon in Malaysia, whose day is the one in UTC then.
        issue_date_time=datetime(year, month, day, 4, tzinfo=UTC),
        document_currency_code=whole["currency"],
        accounting_supplier_party=party(whole["seller"]),
        accounting_customer_party=party(BUYER),
        tax_total=tax(whole["taxes"]),
        legal_monetary_total=LegalMonetaryTotal(
            line_extension_amount=totals["lines"],
            tax_exclusive_amount=totals["net"],
            tax_inclusive_amount=totals["gross"],
            prepaid_amount=totals["prepaid"] or None,
            payable_rounding_amount=totals["rounding"] or None,
            payable_amount=totals["due"],
        ),
        invoice_lines=[line(of) for of in whole["lines"]],
    )
    return XmlEnvelopeBuilder(document).build_xml().encode()

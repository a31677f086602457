"""Writes invoices as Peppol BIS 3, in UBL, with python_ubl."""

from decimal import Decimal

from ubl import peppol_context
from ubl.models import (
    ClassifiedTaxCategory,
    CreditNote,
    Invoice,
    InvoiceLine,
    Item,
    Party,
    PostalAddress,
    Price,
    TaxCategory,
    TaxSubtotal,
    TaxTotal,
)
from ubl.models.basic_components import InvoicedQuantity


def party(of: dict) -> Party:
    return Party(
        name=of["name"],
        vat=of["vat"],
        country_code=of["country"],
        postal_address=PostalAddress(
            street_name=of["street"],
            city_name=of["city"],
            postal_zone=of["postcode"],
            country=of["country"],
        ),
    )


def line(of: dict) -> InvoiceLine:
    net = Decimal(of["net"])
    tax = (net * Decimal(of["rate"]) / 100).quantize(Decimal("0.01"))
    return InvoiceLine(
        id=of["id"],
        invoiced_quantity=InvoicedQuantity(value=Decimal(of["quantity"]), unitCode=of["unit"]),
        line_extension_amount=net,
        item=Item(
            name=of["name"],
            classified_tax_category=ClassifiedTaxCategory(
                id=of["category"], percent=Decimal(of["rate"])
            ),
        ),
        price=Price(price_amount=Decimal(of["price"])),
        tax_total=TaxTotal(
            tax_amount=tax,
            tax_subtotals=[
                TaxSubtotal(
                    taxable_amount=net,
                    tax_amount=tax,
                    percent=Decimal(of["rate"]),
                    tax_category=TaxCategory(id=of["category"], percent=Decimal(of["rate"])),
                )
            ],
        ),
    )


def xml(whole: dict) -> bytes:
    document = CreditNote if whole["kind"] == "credit" else Invoice
    with peppol_context():
        made = document(
            id=whole["number"],
            issue_date=whole["issued"],
            due_date=whole["due"],
            supplier=party(whole["seller"]),
            customer=party(whole["buyer"]),
            lines=[line(of) for of in whole["lines"]],
        )
        return made.to_xml_string().encode()

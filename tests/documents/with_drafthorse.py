"""Writes invoices as CII with drafthorse, alone and inside the page of a PDF."""

from datetime import date
from decimal import Decimal

from drafthorse.models.accounting import ApplicableTradeTax, CategoryTradeTax, TradeAllowanceCharge
from drafthorse.models.document import Document
from drafthorse.models.party import TaxRegistration
from drafthorse.models.payment import PaymentTerms
from drafthorse.models.tradelines import LineItem
from drafthorse.pdf import attach_xml

import page

# The profiles by their identifiers (BT-24), and the schema that drafthorse checks them with.
GUIDELINES = {
    "minimum": ("urn:factur-x.eu:1p0:minimum", "FACTUR-X_MINIMUM"),
    "basic-wl": ("urn:factur-x.eu:1p0:basicwl", "FACTUR-X_BASIC-WL"),
    "basic": ("urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic", "FACTUR-X_BASIC"),
    "en16931": ("urn:cen.eu:en16931:2017", "FACTUR-X_EN16931"),
    "extended": (
        "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
        "FACTUR-X_EXTENDED",
    ),
    "xrechnung-3.0": (
        "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
        "FACTUR-X_EN16931",
    ),
}


def party(of, whole: dict) -> None:
    of.name = whole["name"]
    of.address.country_id = whole["country"]
    of.address.line_one = whole["street"]
    of.address.city_name = whole["city"]
    of.address.postcode = whole["postcode"]


def adjustment(entry: dict, charge: bool, on_line: bool) -> TradeAllowanceCharge:
    made = TradeAllowanceCharge()
    made.indicator = charge
    made.actual_amount = Decimal(entry["amount"])
    made.reason = entry["reason"]
    if "percent" in entry:
        made.calculation_percent = Decimal(entry["percent"])
        made.basis_amount = Decimal(entry["of"])
    if not on_line:
        tax = CategoryTradeTax()
        tax.type_code = "VAT"
        tax.category_code = entry["category"]
        tax.rate_applicable_percent = Decimal(entry["rate"])
        made.trade_tax.add(tax)
    return made


def line_item(line: dict) -> LineItem:
    item = LineItem()
    item.document.line_id = line["id"]
    item.product.name = line["name"]
    item.agreement.net.amount = Decimal(line["price"])
    if line["base"] != "1":
        item.agreement.net.basis_quantity = (Decimal(line["base"]), line["unit"])
    item.delivery.billed_quantity = (Decimal(line["quantity"]), line["unit"])
    item.settlement.trade_tax.type_code = "VAT"
    item.settlement.trade_tax.category_code = line["category"]
    item.settlement.trade_tax.rate_applicable_percent = Decimal(line["rate"])
    for entry in line["allowances"]:
        item.settlement.allowance_charge.add(adjustment(entry, charge=False, on_line=True))
    for entry in line["charges"]:
        item.settlement.allowance_charge.add(adjustment(entry, charge=True, on_line=True))
    item.settlement.monetary_summation.total_amount = Decimal(line["net"])
    return item


def breakdown(tax: dict) -> ApplicableTradeTax:
    made = ApplicableTradeTax()
    made.calculated_amount = Decimal(tax["amount"])
    made.type_code = "VAT"
    made.basis_amount = Decimal(tax["base"])
    made.category_code = tax["category"]
    made.rate_applicable_percent = Decimal(tax["rate"])
    if tax["exemption"]:
        made.exemption_reason = tax["exemption"]
    return made


def xml(whole: dict, profile: str) -> bytes:
    identifier, schema = GUIDELINES[profile]
    document = Document()
    document.context.guideline_parameter.id = identifier
    document.header.id = whole["number"]
    document.header.type_code = whole["type_code"]
    document.header.issue_date_time = date.fromisoformat(whole["issued"])
    trade, totals, currency = document.trade, whole["totals"], whole["currency"]
    seller = trade.agreement.seller
    seller.tax_registrations.add(tax_registration(whole["seller"]["vat"]))
    trade.agreement.buyer.name = whole["buyer"]["name"]
    trade.settlement.currency_code = currency
    summation = trade.settlement.monetary_summation
    summation.tax_basis_total = Decimal(totals["net"])
    summation.tax_total = (Decimal(totals["tax"]), currency)
    summation.grand_total = Decimal(totals["gross"])
    summation.due_amount = Decimal(totals["due"])
    if profile == "minimum":
        seller.name = whole["seller"]["name"]
        seller.address.country_id = whole["seller"]["country"]
    else:
        more(document, whole, profile)
    return document.serialize(schema=schema)


def tax_registration(vat: str) -> TaxRegistration:
    made = TaxRegistration()
    made.id = ("VA", vat)
    return made


def more(document: Document, whole: dict, profile: str) -> None:
    """What the profiles above MINIMUM hold besides."""
    trade, totals = document.trade, whole["totals"]
    party(trade.agreement.seller, whole["seller"])
    party(trade.agreement.buyer, whole["buyer"])
    if "trading_name" in whole["seller"]:
        trade.agreement.seller.legal_organization.trade_name = whole["seller"]["trading_name"]
    if whole.get("preceding"):
        trade.settlement.invoice_referenced_document.issuer_assigned_id = whole["preceding"]
    for entry in whole["allowances"]:
        trade.settlement.allowance_charge.add(adjustment(entry, charge=False, on_line=False))
    for entry in whole["charges"]:
        trade.settlement.allowance_charge.add(adjustment(entry, charge=True, on_line=False))
    for tax in whole["taxes"]:
        trade.settlement.trade_tax.add(breakdown(tax))
    if whole["due"]:
        terms = PaymentTerms()
        terms.due = date.fromisoformat(whole["due"])
        trade.settlement.terms.add(terms)
    summation = trade.settlement.monetary_summation
    summation.line_total = Decimal(totals["lines"])
    summation.allowance_total = Decimal(totals["allowances"])
    summation.charge_total = Decimal(totals["charges"])
    if totals["prepaid"] != "0":
        summation.prepaid_total = Decimal(totals["prepaid"])
    if totals["rounding"] != "0" and profile not in ("basic-wl", "basic"):
        summation.rounding_amount = Decimal(totals["rounding"])
    if "tax_currency" in whole:
        trade.settlement.tax_currency_code = whole["tax_currency"]
        summation.tax_total_other_currency.add(
            (Decimal(whole["tax_in_tax_currency"]), whole["tax_currency"])
        )
    if profile != "basic-wl":
        for line in whole["lines"]:
            trade.items.add(line_item(line))


def pdf(whole: dict, profile: str) -> bytes:
    return attach_xml(page.draw(whole), xml(whole, profile))

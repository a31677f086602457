"""Writes invoices as FatturaPA with a38."""

from datetime import date
from decimal import Decimal

import a38.fattura as a38
from a38.validation import Validation
from lxml import etree

# Natura by EN 16931's category.
NATURES = {"E": "N4", "AE": "N6.9", "Z": "N3.6"}


def address(of: dict) -> dict:
    italian = of["country"] == "IT"
    return {
        "indirizzo": of["street"],
        "cap": of["postcode"] if italian else "00000",
        "comune": of["city"],
        "provincia": "MI" if italian else None,
        "nazione": of["country"],
    }


def vat(of: dict) -> a38.IdFiscaleIVA:
    return a38.IdFiscaleIVA(id_paese=of["vat"][:2], id_codice=of["vat"][2:])


def header(whole: dict) -> a38.FatturaElettronicaHeader:
    seller, buyer = whole["seller"], whole["buyer"]
    return a38.FatturaElettronicaHeader(
        dati_trasmissione=a38.DatiTrasmissione(
            id_trasmittente=a38.IdTrasmittente(
                id_paese=seller["vat"][:2], id_codice=seller["vat"][2:]
            ),
            progressivo_invio="00001",
            formato_trasmissione="FPR12",
            codice_destinatario="XXXXXXX",
        ),
        cedente_prestatore=a38.CedentePrestatore(
            dati_anagrafici=a38.DatiAnagraficiCedentePrestatore(
                id_fiscale_iva=vat(seller),
                anagrafica=a38.Anagrafica(denominazione=seller["name"]),
                regime_fiscale="RF01",
            ),
            sede=a38.Sede(**address(seller)),
        ),
        cessionario_committente=a38.CessionarioCommittente(
            dati_anagrafici=a38.DatiAnagraficiCessionarioCommittente(
                id_fiscale_iva=vat(buyer),
                anagrafica=a38.Anagrafica(denominazione=buyer["name"]),
            ),
            sede=a38.Sede(**address(buyer)),
        ),
    )


def line(of: dict, is_withheld: bool) -> a38.DettaglioLinee:
    return a38.DettaglioLinee(
        numero_linea=int(of["id"]),
        descrizione=of["name"],
        quantita=Decimal(of["quantity"]),
        unita_misura=of["unit"],
        prezzo_unitario=Decimal(of["price"]),
        prezzo_totale=Decimal(of["net"]),
        aliquota_iva=Decimal(of["rate"]),
        natura=NATURES.get(of["category"]),
        ritenuta="SI" if is_withheld else None,
    )


def withheld(whole: dict) -> list[a38.DatiRitenuta]:
    """What the buyer keeps, and pays to the tax office."""
    of = whole.get("withheld")
    if not of:
        return []
    made = a38.DatiRitenuta(
        tipo_ritenuta=of["kind"],
        importo_ritenuta=Decimal(whole["prepaid"]),
        aliquota_ritenuta=Decimal(of["rate"]),
        causale_pagamento=of["reason"],
    )
    return [made]


def fund(charge: dict) -> a38.DatiCassaPrevidenziale:
    return a38.DatiCassaPrevidenziale(
        tipo_cassa=charge["fund"]["kind"],
        al_cassa=Decimal(charge["fund"]["rate"]),
        importo_contributo_cassa=Decimal(charge["amount"]),
        imponibile_cassa=Decimal(charge["fund"]["of"]),
        aliquota_iva=Decimal(charge["rate"]),
    )


def summary(tax: dict) -> a38.DatiRiepilogo:
    return a38.DatiRiepilogo(
        aliquota_iva=Decimal(tax["rate"]),
        natura=NATURES.get(tax["category"]),
        imponibile_importo=Decimal(tax["base"]),
        imposta=Decimal(tax["amount"]),
        esigibilita_iva="I",
        riferimento_normativo=tax["exemption"],
    )


def xml(whole: dict) -> bytes:
    invoice = a38.FatturaPrivati12()
    invoice.fattura_elettronica_header = header(whole)
    due = Decimal(whole["totals"]["due"])
    body = a38.FatturaElettronicaBody(
        dati_generali=a38.DatiGenerali(
            dati_generali_documento=a38.DatiGeneraliDocumento(
                tipo_documento="TD04" if whole["kind"] == "credit" else "TD01",
                divisa=whole["currency"],
                data=date.fromisoformat(whole["issued"]),
                numero=whole["number"],
                dati_ritenuta=withheld(whole),
                dati_cassa_previdenziale=[fund(charge) for charge in whole["charges"]],
                importo_totale_documento=Decimal(whole["totals"]["gross"]),
            )
        ),
        dati_beni_servizi=a38.DatiBeniServizi(
            dettaglio_linee=[line(of, "withheld" in whole) for of in whole["lines"]],
            dati_riepilogo=[summary(tax) for tax in whole["taxes"]],
        ),
    )
    if whole["due"]:
        payment = a38.DettaglioPagamento(
            modalita_pagamento="MP05",
            data_scadenza_pagamento=date.fromisoformat(whole["due"]),
            importo_pagamento=due,
        )
        body.dati_pagamento = [
            a38.DatiPagamento(condizioni_pagamento="TP02", dettaglio_pagamento=[payment])
        ]
    invoice.fattura_elettronica_body = [body]
    # Its validation fails on an invoice of which a part is withheld.
    if "withheld" not in whole:
        validation = Validation()
        invoice.validate(validation)
        if validation.errors:
            raise ValueError([str(error) for error in validation.errors])
    tree = invoice.build_etree(lxml=True)
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True)

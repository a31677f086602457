//! The ordinary invoice, `FPR12` and `FPA12`.

use rust_decimal::Decimal;

use super::{
    super::{
        element::Element,
        error::EInvoiceError,
        facts::{
            DocumentCharge, DocumentTotals, InvoiceFacts, InvoiceLine, Stated, TaxSubtotal, largest,
        },
        price::NetPrice,
        values,
    },
    GeneralData, only_body, party_name,
    payments::Payments,
    version,
};

type MaybeAmount = Option<Stated<Decimal>>;

/// Reads the ordinary invoice of a root element.
///
/// # Errors
/// See [`EInvoiceError`].
pub fn read(root: &Element<'_>) -> Result<InvoiceFacts, EInvoiceError> {
    let body = only_body(root)?;
    let seller =
        root.required("FatturaElettronicaHeader/CedentePrestatore/DatiAnagrafici/Anagrafica")?;
    let general = GeneralData::of(&body)?;
    let goods = body.required("DatiBeniServizi")?;
    let payments = Payments::of(&body, general.is_credit)?;
    let (mut lines, line_rate) = lines(&goods, &general.currency.value)?;
    lines.extend(pension_funds(&general.element)?);
    let (allowances, mut charges) = allowances_and_charges(&general.element)?;
    let taxes = taxes(&goods)?;
    let totals = Totals {
        goods: &goods,
        general: &general.element,
        taxes: &taxes,
        allowances: &allowances,
        payments: &payments,
    };
    let totals = totals.read(&mut charges)?;
    Ok(InvoiceFacts {
        specification: version(root),
        is_credit: general.is_credit,
        vendor: party_name(&seller)?,
        number: general.number,
        issued: general.issued,
        due_on: payments.due_on(),
        currency: general.currency,
        lines,
        line_rate,
        allowances,
        charges,
        third_parties: Vec::new(),
        taxes,
        totals,
    })
}

fn amount(
    parent: &Element<'_>,
    path: &'static str,
    term: &'static str,
) -> Result<MaybeAmount, EInvoiceError> {
    match parent.optional(path)? {
        Some(element) => values::number(&element, term),
        None => Ok(None),
    }
}

fn needed(
    parent: &Element<'_>,
    path: &'static str,
    term: &'static str,
) -> Result<Stated<Decimal>, EInvoiceError> {
    amount(parent, path, term)?.ok_or_else(|| parent.missing(path))
}

fn rate(parent: &Element<'_>, term: &'static str) -> Result<MaybeAmount, EInvoiceError> {
    match parent.optional("AliquotaIVA")? {
        Some(element) => values::rate(&element, term),
        None => Ok(None),
    }
}

fn lines(
    goods: &Element<'_>,
    currency: &str,
) -> Result<(Vec<InvoiceLine>, MaybeAmount), EInvoiceError> {
    let (mut lines, mut line_rate) = (Vec::new(), None);
    let elements = goods.some("DettaglioLinee", goods.limits().lines)?;
    if elements.is_empty() {
        return Err(goods.missing("DettaglioLinee"));
    }
    for element in elements {
        let name = values::text(&element.required("Descrizione")?, "BT-153")?;
        let quantity = match element.optional("Quantita")? {
            Some(element) => values::quantity(&element, "BT-129")?,
            None => None,
        };
        let price = NetPrice {
            amount: element.optional("PrezzoUnitario")?,
            base: None,
            unit: None,
            currency,
        };
        lines.push(InvoiceLine {
            name: name.ok_or_else(|| element.missing("Descrizione"))?,
            details: Vec::new(),
            quantity,
            price: price.of_one()?,
            total: amount(&element, "PrezzoTotale", "BT-131")?,
        });
        line_rate = largest(line_rate, rate(&element, "BT-152")?);
    }
    Ok((lines, line_rate))
}

/// The contributions to pension funds, which stand beside the lines but are taxed like them.
fn pension_funds(general: &Element<'_>) -> Result<Vec<InvoiceLine>, EInvoiceError> {
    let limit = general.limits().taxes;
    let funds = general.some("DatiCassaPrevidenziale", limit)?;
    let lines = funds.iter().map(|fund| {
        let kind = values::text(&fund.required("TipoCassa")?, "BT-153")?;
        let mut name = kind.ok_or_else(|| fund.missing("TipoCassa"))?;
        name.value = format!("Cassa previdenziale {}", name.value);
        Ok(InvoiceLine {
            name,
            details: Vec::new(),
            quantity: None,
            price: None,
            total: Some(needed(fund, "ImportoContributoCassa", "BT-131")?),
        })
    });
    lines.collect()
}

fn allowances_and_charges(
    general: &Element<'_>,
) -> Result<(Vec<Stated<Decimal>>, Vec<DocumentCharge>), EInvoiceError> {
    let (mut allowances, mut charges) = (Vec::new(), Vec::new());
    for element in general.all("ScontoMaggiorazione") {
        let kind = element.required("Tipo")?;
        if values::code(&kind)? == "MG" {
            let amount = needed(&element, "Importo", "BT-99")?;
            let mut reason = values::text(&kind, "BT-105")?;
            if let Some(reason) = &mut reason {
                "Maggiorazione".clone_into(&mut reason.value);
            }
            charges.push(DocumentCharge { reason, amount });
        } else {
            allowances.push(needed(&element, "Importo", "BT-92")?);
        }
    }
    Ok((allowances, charges))
}

fn taxes(goods: &Element<'_>) -> Result<Vec<TaxSubtotal>, EInvoiceError> {
    let summaries = goods.some("DatiRiepilogo", goods.limits().taxes)?;
    let taxes = summaries.iter().map(|summary| {
        Ok(TaxSubtotal {
            rate: rate(summary, "BT-119")?,
            base: Some(needed(summary, "ImponibileImporto", "BT-116")?),
            amount: needed(summary, "Imposta", "BT-117")?,
        })
    });
    taxes.collect()
}

/// What the totals follow from.
struct Totals<'t, 'a> {
    goods: &'t Element<'a>,
    general: &'t Element<'a>,
    taxes: &'t [TaxSubtotal],
    allowances: &'t [Stated<Decimal>],
    payments: &'t Payments,
}

impl Totals<'_, '_> {
    /// Reads the totals, and adds stamp duty to the charges if the total shows that it is charged.
    fn read(&self, charges: &mut Vec<DocumentCharge>) -> Result<DocumentTotals, EInvoiceError> {
        let lines = Stated::sum(self.taxes.iter().filter_map(|tax| tax.base.as_ref()));
        let gross = amount(self.general, "ImportoTotaleDocumento", "BT-112")?;
        let rounding = amount(self.general, "Arrotondamento", "BT-114")?;
        let net = self.net(lines.as_ref(), charges);
        let stamp = self.stamp()?;
        let net = match (&net, &gross, stamp) {
            (Some(without), Some(gross), Some(stamp)) => {
                let with = Stated::sum([without, &stamp.amount]);
                match with {
                    Some(with) if self.makes(&with, gross, rounding.as_ref()) => {
                        charges.push(stamp);
                        Some(with)
                    }
                    _ => net,
                }
            }
            _ => net,
        };
        let prepaid = self.prepaid()?;
        let due = self.payments.due(gross.as_ref(), prepaid.as_ref());
        Ok(DocumentTotals {
            lines,
            allowances: None,
            charges: None,
            net,
            tax: None,
            gross,
            prepaid,
            rounding,
            due,
        })
    }

    fn net(&self, lines: MaybeRef<'_>, charges: &[DocumentCharge]) -> MaybeAmount {
        let allowances: Vec<_> = self.allowances.iter().map(Stated::negated).collect();
        let charges = charges.iter().map(|charge| &charge.amount);
        Stated::sum([lines?].into_iter().chain(&allowances).chain(charges))
    }

    /// Whether net, tax and perhaps rounding are the total.
    fn makes(
        &self,
        net: &Stated<Decimal>,
        gross: &Stated<Decimal>,
        rounding: MaybeRef<'_>,
    ) -> bool {
        let taxes = self.taxes.iter().map(|tax| &tax.amount);
        let Some(sum) = Stated::sum([net].into_iter().chain(taxes)) else {
            return false;
        };
        let rounded = rounding.and_then(|rounding| sum.value.checked_add(rounding.value));
        sum.value == gross.value || rounded == Some(gross.value)
    }

    /// Stamp duty: most invoices that charge it have a line for it, and this says only that it is paid.
    fn stamp(&self) -> Result<Option<DocumentCharge>, EInvoiceError> {
        let Some(element) = self.general.optional("DatiBollo/ImportoBollo")? else {
            return Ok(None);
        };
        let amount = values::number(&element, "BT-99")?;
        let amount = amount.filter(|amount| !amount.value.is_zero());
        Ok(amount.map(|amount| DocumentCharge {
            reason: Some(Stated {
                value: "Imposta di bollo".to_owned(),
                sources: amount.sources.clone(),
            }),
            amount,
        }))
    }

    /// What the buyer keeps: withheld taxes and contributions, and the tax that an office pays itself
    /// (`EsigibilitaIVA` S).
    fn prepaid(&self) -> Result<MaybeAmount, EInvoiceError> {
        let mut kept = Vec::new();
        for element in self.general.all("DatiRitenuta") {
            kept.push(needed(&element, "ImportoRitenuta", "BT-113")?);
        }
        for summary in self.goods.all("DatiRiepilogo") {
            if let Some(element) = summary.optional("EsigibilitaIVA")?
                && values::code(&element)? == "S"
            {
                kept.push(needed(&summary, "Imposta", "BT-113")?);
            }
        }
        Ok(Stated::sum(&kept))
    }
}

type MaybeRef<'r> = Option<&'r Stated<Decimal>>;

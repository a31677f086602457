//! What a field is for, by its name, and the words beside which such a value is printed.
//!
//! Words are folded and written without blanks, as [`super::sheet::Sheet::left_of`] gives them.

use super::currencies;

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldRole {
    /// What is to be paid, or the total of an item.
    Total,
    /// The sum before tax.
    Subtotal,
    /// An amount of tax.
    Tax,
    /// A rate in per cent.
    Rate,
    /// What is taken off.
    Discount,
    /// What rounding adds.
    Rounding,
    /// What was paid before.
    Prepaid,
    /// How many.
    Quantity,
    /// The price of one.
    UnitPrice,
    /// The day by which to pay.
    Due,
    /// Who issued the paper.
    Issuer,
    /// Anything else.
    Other,
}

/// Parts of fields' names, and what each is for; the first that is found counts.
const NAMES: [(&str, FieldRole); 34] = [
    ("subtotal", FieldRole::Subtotal),
    ("sub_total", FieldRole::Subtotal),
    ("net_", FieldRole::Subtotal),
    ("base", FieldRole::Subtotal),
    ("percent", FieldRole::Rate),
    ("rate", FieldRole::Rate),
    ("tax", FieldRole::Tax),
    ("vat", FieldRole::Tax),
    ("gst", FieldRole::Tax),
    ("discount", FieldRole::Discount),
    ("rounding", FieldRole::Rounding),
    ("prepaid", FieldRole::Prepaid),
    ("deposit", FieldRole::Prepaid),
    ("due_date", FieldRole::Due),
    ("duedate", FieldRole::Due),
    ("quantity", FieldRole::Quantity),
    ("qty", FieldRole::Quantity),
    ("count", FieldRole::Quantity),
    ("unit_price", FieldRole::UnitPrice),
    ("unitprice", FieldRole::UnitPrice),
    ("unit_cost", FieldRole::UnitPrice),
    ("price", FieldRole::UnitPrice),
    ("total", FieldRole::Total),
    ("amount", FieldRole::Total),
    ("balance", FieldRole::Total),
    ("sum", FieldRole::Total),
    ("payable", FieldRole::Total),
    ("gross", FieldRole::Total),
    ("line_", FieldRole::Total),
    ("vendor", FieldRole::Issuer),
    ("merchant", FieldRole::Issuer),
    ("seller", FieldRole::Issuer),
    ("supplier", FieldRole::Issuer),
    ("issuer", FieldRole::Issuer),
];

/// Words for what is to be paid that stand beside no other amount.
const TOTALS: [&str; 52] = [
    "grandtotal",
    "grandttl",
    "totaldue",
    "amountdue",
    "balancedue",
    "nettotal",
    "netttotal",
    "netamount",
    "nettamount",
    "totalafter",
    "afterround",
    "gstincl",
    "amountpaid",
    "amtpaid",
    "totalpaid",
    "totalamount",
    "totalamt",
    "totalpayable",
    "amountpayable",
    "totalsales",
    "totalincl",
    "totalinc",
    "roundedtotal",
    "roundtotal",
    "roundeltotal",
    "totalrounded",
    "totalrm",
    "totalmyr",
    "totalrp",
    "totalidr",
    "totalbayar",
    "totalbelanja",
    "jumlahbayar",
    "totaltagihan",
    "zahlbetrag",
    "zuzahlen",
    "gesamtbetrag",
    "gesamtsumme",
    "endbetrag",
    "rechnungsbetrag",
    "totalttc",
    "netapayer",
    "totaledovuto",
    "totalapagar",
    "importetotal",
    "tebetalen",
    "dozaplaty",
    "kuhrade",
    "kzaplaceni",
    "geneltoplam",
    "odenecek",
    "attbetala",
];

/// Words of labels beside which parts of a sum stand, whatever else they say.
const PARTS: [&str; 6] = [
    "qty",
    "subtotal",
    "excl",
    "includedgst",
    "taxtotal",
    "gsttotal",
];

/// Whole labels for what is to be paid.
const DUE: [&str; 6] = ["due", "pay", "topay", "payable", "nett", "net"];

/// Words for a sum.
const SUMS: [&str; 20] = [
    "total", "ttl", "jumlah", "summe", "gesamt", "totale", "totaal", "importe", "suma", "razem",
    "toplam", "tutar", "somme", "montant", "amount", "betrag", "celkem", "totalt", "summa", "合計",
];

/// Words beside which no sum to be paid stands.
const NO_TOTALS: [&str; 29] = [
    "subtotal",
    "subttl",
    "totalqty",
    "qty",
    "quantity",
    "totalitem",
    "noofitem",
    "itemcount",
    "cash",
    "change",
    "tunai",
    "kembali",
    "tender",
    "rounding",
    "rounddown",
    "adjustment",
    "discount",
    "diskon",
    "saving",
    "excl",
    "exclud",
    "beforetax",
    "totaltax",
    "totalgst",
    "taxtotal",
    "taxable",
    "point",
    "wechselgeld",
    "rendu",
];

const SUBTOTALS: [&str; 20] = [
    "netsales",
    "grossamount",
    "jumlahkecil",
    "subtotal",
    "subttl",
    "nettotal",
    "netto",
    "zwischensumme",
    "soustotal",
    "totalht",
    "imponibile",
    "subtotaal",
    "aratoplam",
    "mezisoucet",
    "beforetax",
    "excl",
    "taxable",
    "dpp",
    "baseimponible",
    "amount",
];

const TAXES: [&str; 25] = [
    "tax",
    "gst",
    "sst",
    "vat",
    "ppn",
    "pajak",
    "cukai",
    "mwst",
    "ust",
    "steuer",
    "tva",
    "iva",
    "btw",
    "kdv",
    "dph",
    "moms",
    "mva",
    "pb1",
    "afa",
    "pdv",
    "ddv",
    "impuesto",
    "imposta",
    "hst",
    "消費税",
];

const DISCOUNTS: [&str; 20] = [
    "discount",
    "diskaun",
    "voucher",
    "promo",
    "hemat",
    "disc",
    "diskon",
    "potongan",
    "rabatt",
    "rabat",
    "nachlass",
    "remise",
    "rabais",
    "sconto",
    "descuento",
    "desconto",
    "korting",
    "sleva",
    "indirim",
    "saving",
];

const ROUNDINGS: [&str; 10] = [
    "rounding",
    "round",
    "rnd",
    "adj",
    "pembulatan",
    "rundung",
    "arrondi",
    "arrotondamento",
    "afronding",
    "zaokr",
];

const PREPAIDS: [&str; 10] = [
    "deposit",
    "prepaid",
    "advance",
    "paid",
    "dibayar",
    "uangmuka",
    "anzahlung",
    "acompte",
    "acconto",
    "aanbetaling",
];

const QUANTITIES: [&str; 6] = ["qty", "quantity", "pcs", "menge", "anzahl", "jml"];

const DUES: [&str; 14] = [
    "due",
    "payby",
    "payableby",
    "jatuhtempo",
    "fallig",
    "zahlbarbis",
    "echeance",
    "scadenza",
    "vencimiento",
    "vencimento",
    "vervaldatum",
    "splatnost",
    "termin",
    "sonodeme",
];

/// Cost of the right label.
const RIGHT: f32 = 0.0;

/// Cost of a label that is right for other fields too.
pub const LIKELY: f32 = 0.1;

/// Cost of a label that says nothing, and of one for something else.
pub const NEUTRAL: f32 = 0.3;
const WRONG: f32 = 0.5;

impl FieldRole {
    /// Returns what the field at a JSON pointer is for.
    pub fn of(pointer: &str) -> Self {
        let mut names = pointer.rsplit('/');
        let name = names.find(|name| !name.bytes().all(|byte| byte.is_ascii_digit()));
        let name = name.unwrap_or_default().to_lowercase();
        let known = NAMES.iter().find(|(part, _)| name.contains(part));
        match known.map_or(Self::Other, |(_, role)| *role) {
            Self::Total if pointer.to_lowercase().contains("tax") => Self::Tax,
            role => role,
        }
    }

    /// Returns the cost of a value of this role beside `label`.
    pub fn cost(self, label: &str) -> f32 {
        let has = |words: &[&str]| words.iter().any(|word| label.contains(word));
        let is_right = match self {
            Self::Total if has(&PARTS) => return WRONG,
            Self::Total if has(&TOTALS) || is_due(label) => return RIGHT,
            Self::Total if has(&NO_TOTALS) => return WRONG,
            Self::Total if has(&SUMS) => return LIKELY,
            Self::Total | Self::UnitPrice | Self::Issuer | Self::Other => false,
            Self::Subtotal => has(&SUBTOTALS),
            Self::Tax | Self::Rate => has(&TAXES),
            Self::Discount => has(&DISCOUNTS),
            Self::Rounding => has(&ROUNDINGS),
            Self::Prepaid => has(&PREPAIDS),
            Self::Quantity => has(&QUANTITIES),
            Self::Due => has(&DUES),
        };
        if is_right { RIGHT } else { NEUTRAL }
    }

    /// Returns whether values of this role are amounts of money.
    pub fn is_amount(self) -> bool {
        !matches!(
            self,
            Self::Rate | Self::Quantity | Self::Due | Self::Issuer | Self::Other
        )
    }
}

/// Returns whether a label is one for what is to be paid, perhaps with the sign of a currency, "nett rm"; "net rm" stands
/// beside sums before tax too.
fn is_due(label: &str) -> bool {
    let bare = currencies::without_sign(label);
    DUE.contains(&label) || (DUE.contains(&bare) && bare != "net")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_a_field_is_for() {
        for (pointer, role) in [
            ("/total_due", FieldRole::Total),
            ("/subtotal", FieldRole::Subtotal),
            ("/tax_rate_percent", FieldRole::Rate),
            ("/tax_amount", FieldRole::Tax),
            ("/taxes/0/base", FieldRole::Subtotal),
            ("/taxes/0/amount", FieldRole::Tax),
            ("/items/3/unit_price", FieldRole::UnitPrice),
            ("/items/3/total", FieldRole::Total),
            ("/tips/2", FieldRole::Other),
            ("/due_date", FieldRole::Due),
        ] {
            assert_eq!(FieldRole::of(pointer), role, "{pointer}");
        }
    }

    #[test]
    fn a_total_stands_beside_its_words() {
        let total = |label| FieldRole::Total.cost(label);
        assert!(total("grandtotalrm") < total("total"));
        assert!(total("total") < total("kopi"));
        assert!(total("kopi") < total("subtotal"));
        assert!(total("kopi") < total("change"));
        assert!(total("nettrm") < total("netsalesrm"));
    }
}

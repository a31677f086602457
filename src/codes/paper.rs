//! What a code says: its kind, its fields, and those of them that an invoice has too.

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A code of a known kind, read by the rules of that kind.
#[derive(Debug, Clone, PartialEq)]
pub struct PaperCode {
    /// The kind.
    pub kind: CodeKind,
    /// What the code states, in the order of the kind's rules. Empty fields are left out.
    pub fields: Vec<CodeField>,
    pub(super) facts: CodeFacts,
}

impl PaperCode {
    /// Returns what the rules of the kind say of the receipt itself.
    #[must_use]
    pub fn facts(&self) -> CodeFacts {
        self.facts.clone()
    }

    /// Returns the value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name == name);
        field.map(|field| field.value.as_str())
    }
}

/// A field of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeField {
    /// The name: English, in snake case, the same in every code of the kind.
    pub name: &'static str,
    /// The value as the code writes it, without control characters.
    pub value: String,
}

/// What a code states of the receipt by the rules of its kind. A value that the rules do not define as
/// such is `None`, even where it often is the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeFacts {
    /// The sum of the receipt with tax, or what is to be paid.
    pub total: Option<Decimal>,
    /// The tax in the total.
    pub tax: Option<Decimal>,
    /// The currency of the amounts, by its ISO 4217 code.
    pub currency: Option<String>,
    /// The day on which the receipt was issued, at its place.
    pub date: Option<NaiveDate>,
    /// The day until which it is to be paid.
    pub due_date: Option<NaiveDate>,
    /// The name of the seller.
    pub vendor: Option<String>,
    /// The receipt's number as it is printed.
    pub invoice_number: Option<String>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A kind of code that is printed on receipts and invoices.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum CodeKind {
            $($(#[$doc])* $variant,)*
        }

        impl CodeKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the name in the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// A SEPA credit transfer (EPC069-12), also called `GiroCode`.
    Epc = "epc",
    /// The payment part of a Swiss QR-bill.
    SwissQrBill = "swiss_qr_bill",
    /// A Czech payment (SPAYD).
    Spayd = "spayd",
    /// A Slovak payment (PAY by square).
    PayBySquare = "pay_by_square",
    /// A Slovenian payment order (UPN QR).
    Upn = "upn",
    /// A Serbian payment (NBS IPS QR).
    NbsIps = "nbs_ips",
    /// A Russian payment (GOST R 56042).
    RuPayment = "ru_payment",
    /// An Indian payment (UPI).
    Upi = "upi",
    /// A payment in Indonesia (QRIS).
    Qris = "qris",
    /// A payment in Brazil (Pix).
    Pix = "pix",
    /// A payment in Thailand (`PromptPay`).
    PromptPay = "promptpay",
    /// A payment in Singapore (`PayNow`).
    PayNow = "paynow",
    /// A payment in Vietnam (`VietQR`).
    VietQr = "vietqr",
    /// A payment by another scheme of `EMVCo`'s merchant-presented codes.
    Emv = "emv",
    /// A Saudi e-invoice (ZATCA).
    Zatca = "zatca",
    /// A Portuguese invoice (ATCUD).
    Atcud = "atcud",
    /// A receipt of an Austrian cash register (RKSV).
    Rksv = "rksv",
    /// A receipt of a German cash register (DSFinV-K).
    DsfinvK = "dsfinv_k",
    /// An Indian e-invoice (GST).
    GstEinvoice = "gst_einvoice",
    /// A Malaysian e-invoice (`MyInvois`).
    MyInvois = "myinvois",
    /// A Serbian fiscal receipt.
    RsFiscal = "rs_fiscal",
    /// A Croatian fiscal receipt.
    HrFiscal = "hr_fiscal",
    /// A Montenegrin fiscal invoice.
    MeFiscal = "me_fiscal",
    /// An Albanian fiscal invoice.
    AlFiscal = "al_fiscal",
    /// A Russian fiscal receipt.
    RuFiscal = "ru_fiscal",
    /// A Spanish invoice (VERI*FACTU).
    VeriFactu = "verifactu",
    /// A Basque invoice (`TicketBAI`).
    TicketBai = "ticketbai",
    /// A Polish e-invoice (`KSeF`).
    Ksef = "ksef",
    /// A Mexican e-invoice (CFDI).
    Cfdi = "cfdi",
    /// A Brazilian consumer invoice (NFC-e).
    Nfce = "nfce",
    /// An Argentine invoice (AFIP, now ARCA).
    Afip = "afip",
    /// A Peruvian invoice (SUNAT).
    Sunat = "sunat",
    /// A Taiwanese uniform invoice.
    TwEinvoice = "tw_einvoice",
}

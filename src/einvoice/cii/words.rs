//! The words of the two generations of Cross Industry Invoices.

use super::super::element::Prefixes;

/// The namespace of the root element of a Cross Industry Invoice.
pub const INVOICE: &str = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100";

/// The namespace of the root element of `ZUGFeRD` 1.
pub const ZUGFERD_1: &str = "urn:ferd:CrossIndustryDocument:invoice:1p0";

/// The words of one generation of the syntax.
pub struct CiiWords {
    /// Its namespaces.
    pub prefixes: Prefixes,
    /// Path to the identifier of the specification.
    pub specification: &'static str,
    /// What says number and day.
    pub document: &'static str,
    /// What holds lines, agreement and settlement.
    pub transaction: &'static str,
    /// What names the seller.
    pub agreement: &'static str,
    /// What holds taxes and totals.
    pub settlement: &'static str,
    /// The totals in the settlement.
    pub totals: &'static str,
    /// The rate of a tax.
    pub rate: &'static str,
    /// What holds the price of a line.
    pub line_agreement: &'static str,
    /// What holds the quantity of a line.
    pub line_delivery: &'static str,
    /// What holds tax and total of a line.
    pub line_settlement: &'static str,
    /// Path to the total in the settlement of a line.
    pub line_total: &'static str,
}

/// The words of CII D16B and D22B.
pub const CII: CiiWords = CiiWords {
    prefixes: &[
        ("rsm", INVOICE),
        (
            "ram",
            "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
        ),
        (
            "udt",
            "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
        ),
    ],
    specification: "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
    document: "rsm:ExchangedDocument",
    transaction: "rsm:SupplyChainTradeTransaction",
    agreement: "ram:ApplicableHeaderTradeAgreement",
    settlement: "ram:ApplicableHeaderTradeSettlement",
    totals: "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    rate: "ram:RateApplicablePercent",
    line_agreement: "ram:SpecifiedLineTradeAgreement",
    line_delivery: "ram:SpecifiedLineTradeDelivery",
    line_settlement: "ram:SpecifiedLineTradeSettlement",
    line_total: "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
};

/// The words of `ZUGFeRD` 1.
pub const CII_OF_ZUGFERD_1: CiiWords = CiiWords {
    prefixes: &[
        ("rsm", ZUGFERD_1),
        (
            "ram",
            "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12",
        ),
        (
            "udt",
            "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15",
        ),
    ],
    specification: "rsm:SpecifiedExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
    document: "rsm:HeaderExchangedDocument",
    transaction: "rsm:SpecifiedSupplyChainTradeTransaction",
    agreement: "ram:ApplicableSupplyChainTradeAgreement",
    settlement: "ram:ApplicableSupplyChainTradeSettlement",
    totals: "ram:SpecifiedTradeSettlementMonetarySummation",
    rate: "ram:ApplicablePercent",
    line_agreement: "ram:SpecifiedSupplyChainTradeAgreement",
    line_delivery: "ram:SpecifiedSupplyChainTradeDelivery",
    line_settlement: "ram:SpecifiedSupplyChainTradeSettlement",
    line_total: "ram:SpecifiedTradeSettlementMonetarySummation/ram:LineTotalAmount",
};

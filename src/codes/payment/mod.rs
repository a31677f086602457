//! Codes that start a payment.

pub(super) mod by_square;
pub(super) mod currencies;
pub(super) mod emv;
pub(super) mod epc;
pub(super) mod nbs_ips;
pub(super) mod ru_payment;
pub(super) mod spayd;
pub(super) mod swiss;
pub(super) mod upi;
pub(super) mod upn;

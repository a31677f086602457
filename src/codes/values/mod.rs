//! Values as codes write them: amounts, days, accounts, texts, and the sums that check them.

pub(super) mod amounts;
pub(super) mod checksums;
pub(super) mod dates;
pub(super) mod json;
pub(super) mod links;
pub(super) mod text;

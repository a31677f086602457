//! Codes of documents that take back what others charged.

/// The credit notes among the codes of UNTDID 1001 that EN 16931 admits.
const CREDIT_NOTES: [&str; 12] = [
    "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532",
];

/// The document types of Malaysia's `MyInvois`.
const MY_INVOIS: [&str; 8] = ["01", "02", "03", "04", "11", "12", "13", "14"];

/// Its credit notes and refund notes, and those that the buyer issues.
const MY_INVOIS_CREDIT_NOTES: [&str; 4] = ["02", "04", "12", "14"];

/// Italy's credit notes: ordinary and simplified.
const ITALIAN_CREDIT_NOTES: [&str; 2] = ["TD04", "TD08"];

/// Returns whether the code of UNTDID 1001 is that of a credit note.
#[must_use]
pub fn is_credit_note(code: &str) -> bool {
    CREDIT_NOTES.contains(&code)
}

/// Returns whether the code is one of `MyInvois`.
#[must_use]
pub fn is_of_my_invois(code: &str) -> bool {
    MY_INVOIS.contains(&code)
}

/// Returns whether the code of `MyInvois` is that of a credit note or refund note.
#[must_use]
pub fn is_my_invois_credit_note(code: &str) -> bool {
    MY_INVOIS_CREDIT_NOTES.contains(&code)
}

/// Returns whether the `TipoDocumento` is that of a credit note.
#[must_use]
pub fn is_italian_credit_note(code: &str) -> bool {
    ITALIAN_CREDIT_NOTES.contains(&code)
}

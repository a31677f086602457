//! Machine-readable codes on a page: where they stand, and what they say of the receipt by the rules of
//! their kinds. What follows from that for an answer is left to `receipt`. A link in a code is read and
//! never followed.

mod draft;
mod find;
mod fiscal;
mod paper;
mod payload;
mod payment;
mod values;

pub use find::{CodeLimits, FoundCode, Symbology, find};
pub use paper::{CodeFacts, CodeField, CodeKind, PaperCode};

use payload::Payload;

/// The readers of the kinds. No payload is of two kinds, because each reader asks for a beginning, a
/// host or a sum that the others do not have.
const READERS: [fn(&Payload) -> Option<PaperCode>; 27] = [
    payment::epc::read,
    payment::swiss::read,
    payment::spayd::read,
    payment::upn::read,
    payment::nbs_ips::read,
    payment::ru_payment::read,
    payment::upi::read,
    payment::emv::read,
    fiscal::rksv::read,
    fiscal::dsfinv_k::read,
    fiscal::atcud::read,
    fiscal::gst::read,
    fiscal::myinvois::read,
    fiscal::rs_fiscal::read,
    fiscal::hr_fiscal::read,
    fiscal::efi::read,
    fiscal::ru_fiscal::read,
    fiscal::verifactu::read,
    fiscal::ticketbai::read,
    fiscal::ksef::read,
    fiscal::cfdi::read,
    fiscal::nfce::read,
    fiscal::afip::read,
    fiscal::sunat::read,
    fiscal::zatca::read,
    fiscal::tw_einvoice::read,
    payment::by_square::read,
];

/// Reads a code by the rules of its kind. `None` for a code of no known kind, such as a shop's address,
/// and for one that breaks the rules of its kind: a wrong sum, or a part missing that must be there.
#[must_use]
pub fn read(found: &FoundCode) -> Option<PaperCode> {
    let payload = Payload::new(&found.payload)?;
    READERS.iter().find_map(|read| read(&payload))
}

#[cfg(test)]
mod tests;

//! Codes by which an authority knows a receipt.

pub(super) mod afip;
pub(super) mod atcud;
pub(super) mod cfdi;
pub(super) mod dsfinv_k;
pub(super) mod efi;
pub(super) mod gst;
pub(super) mod hr_fiscal;
pub(super) mod ksef;
pub(super) mod myinvois;
pub(super) mod nfce;
pub(super) mod rksv;
pub(super) mod rs_fiscal;
pub(super) mod ru_fiscal;
pub(super) mod sunat;
pub(super) mod ticketbai;
pub(super) mod tw_einvoice;
pub(super) mod verifactu;
pub(super) mod zatca;

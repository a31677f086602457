//! Malaysian e-invoices: the link to `MyInvois` (IRB's e-Invoice SDK 1.0).

use super::super::{
    draft::Draft,
    paper::{CodeKind, PaperCode},
    payload::Payload,
};

/// Reads `https://myinvois.hasil.gov.my/<uuid>/share/<long id>`.
pub(in crate::codes) fn read(payload: &Payload) -> Option<PaperCode> {
    let link = payload.link.as_ref()?;
    if !link.is_at("myinvois.hasil.gov.my") {
        return None;
    }
    let parts: Vec<_> = link.path().trim_matches('/').split('/').collect();
    let &[uuid, "share", long] = parts.as_slice() else {
        return None;
    };
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_id(uuid) || !is_id(long) {
        return None;
    }
    let mut draft = Draft::new(CodeKind::MyInvois);
    draft.put("uuid", uuid);
    draft.put("long_id", long);
    Some(draft.finish())
}

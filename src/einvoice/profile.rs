//! Names the specification that a file follows, by the identifier that it states (BT-24).

use super::Syntax;

/// Identifiers of Factur-X and of `ZUGFeRD` 2 under its older names, by how they end.
const FACTUR_X: [(&str, &str); 10] = [
    ("factur-x.eu:1p0:minimum", "minimum"),
    ("factur-x.eu:1p0:basicwl", "basic-wl"),
    ("factur-x.eu:1p0:basic", "basic"),
    ("factur-x.eu:1p0:en16931", "en16931"),
    ("factur-x.eu:1p0:extended", "extended"),
    ("zugferd.de:2p0:minimum", "minimum"),
    ("zugferd.de:2p0:basicwl", "basic-wl"),
    ("zugferd.de:2p0:basic", "basic"),
    ("zugferd.de:2p0:en16931", "en16931"),
    ("zugferd.de:2p0:extended", "extended"),
];

/// The identifier of EN 16931 alone.
const EN_16931: &str = "urn:cen.eu:en16931:2017";

/// Peppol's identifiers, by what they contain.
const PEPPOL: [(&str, &str); 3] = [
    ("peppol.eu:2017:poacc:billing:3.", "peppol-bis-3"),
    (
        "peppol.eu:2017:poacc:selfbilling:3.",
        "peppol-bis-3-self-billing",
    ),
    ("urn:peppol:pint:", "peppol-pint"),
];

/// Returns whether a file of that identifier may have no lines: Factur-X MINIMUM and BASIC WL.
#[must_use]
pub fn may_lack_lines(id: &str) -> bool {
    let folded = id.to_ascii_lowercase();
    folded.ends_with(":minimum") || folded.ends_with(":basicwl")
}

/// Returns whether a file of that identifier may state claims of third parties: the extension of
/// `XRechnung`.
#[must_use]
pub fn has_third_parties(id: &str) -> bool {
    id.contains(":extension:xrechnung")
}

/// What a file says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecificationName {
    /// The family, `factur-x`.
    pub kind: &'static str,
    /// The profile or version, `basic-wl`; an unknown identifier as it is.
    pub profile: Option<String>,
}

impl SpecificationName {
    /// Names the identifier of a file in that syntax.
    #[must_use]
    pub fn of(syntax: Syntax, is_zugferd_1: bool, id: Option<&str>) -> Self {
        let named = |kind, profile: &str| Self {
            kind,
            profile: Some(profile.to_owned()),
        };
        let Some(id) = id else {
            let kind = if is_zugferd_1 {
                "zugferd"
            } else {
                syntax.as_str()
            };
            return Self {
                kind,
                profile: None,
            };
        };
        if syntax == Syntax::FatturaPa {
            return named("fatturapa", &id.to_ascii_lowercase());
        }
        if id.starts_with("myinvois-") {
            return named("myinvois", id);
        }
        let folded = id.to_ascii_lowercase();
        if is_zugferd_1 {
            let profile = folded.rsplit(':').next().unwrap_or_default();
            return named("zugferd", profile);
        }
        if let Some(version) = xrechnung(&folded) {
            return named("xrechnung", &version);
        }
        if let Some((_, profile)) = PEPPOL.iter().find(|(part, _)| folded.contains(part)) {
            return named("peppol", profile);
        }
        if syntax == Syntax::Cii {
            if folded == EN_16931 {
                return named("factur-x", "en16931");
            }
            let known = FACTUR_X.iter().find(|(end, _)| folded.ends_with(end));
            if let Some((_, profile)) = known {
                return named("factur-x", profile);
            }
        }
        if folded == EN_16931 {
            return named(syntax.as_str(), "en16931");
        }
        named(syntax.as_str(), id)
    }
}

/// The version of `XRechnung`, and whether the file uses its extension.
fn xrechnung(id: &str) -> Option<String> {
    let (_, rest) = id.split_once("xrechnung_")?;
    let is_version = |character: char| character.is_ascii_digit() || character == '.';
    let version: String = rest.chars().take_while(|&it| is_version(it)).collect();
    let suffix = if id.contains(":extension:") {
        "-extension"
    } else {
        ""
    };
    (!version.is_empty()).then(|| format!("xrechnung-{version}{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_names() {
        let en = |rest: &str| format!("urn:cen.eu:en16931:2017{rest}");
        for (syntax, id, kind, profile) in [
            (
                Syntax::Cii,
                "urn:factur-x.eu:1p0:minimum".to_owned(),
                "factur-x",
                "minimum",
            ),
            (
                Syntax::Cii,
                "urn:factur-x.eu:1p0:basicwl".to_owned(),
                "factur-x",
                "basic-wl",
            ),
            (
                Syntax::Cii,
                en("#compliant#urn:factur-x.eu:1p0:basic"),
                "factur-x",
                "basic",
            ),
            (
                Syntax::Cii,
                en(":compliant:factur-x.eu:1p0:basic"),
                "factur-x",
                "basic",
            ),
            (Syntax::Cii, en(""), "factur-x", "en16931"),
            (
                Syntax::Cii,
                en("#conformant#urn:factur-x.eu:1p0:extended"),
                "factur-x",
                "extended",
            ),
            (
                Syntax::Cii,
                en("#conformant#urn:zugferd.de:2p0:extended"),
                "factur-x",
                "extended",
            ),
            (
                Syntax::Cii,
                en("#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"),
                "xrechnung",
                "xrechnung-3.0",
            ),
            (
                Syntax::Ubl,
                en("#compliant#urn:xoev-de:kosit:standard:xrechnung_1.2"),
                "xrechnung",
                "xrechnung-1.2",
            ),
            (
                Syntax::Ubl,
                en(
                    "#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0",
                ),
                "xrechnung",
                "xrechnung-3.0-extension",
            ),
            (
                Syntax::Ubl,
                en("#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"),
                "peppol",
                "peppol-bis-3",
            ),
            (
                Syntax::Ubl,
                "urn:peppol:pint:billing-1@my-1".to_owned(),
                "peppol",
                "peppol-pint",
            ),
            (
                Syntax::Ubl,
                "myinvois-1.1".to_owned(),
                "myinvois",
                "myinvois-1.1",
            ),
            (Syntax::Ubl, en(""), "ubl", "en16931"),
            (Syntax::Ubl, "urn:Other".to_owned(), "ubl", "urn:Other"),
            (Syntax::Cii, "urn:Other".to_owned(), "cii", "urn:Other"),
            (Syntax::FatturaPa, "FPA12".to_owned(), "fatturapa", "fpa12"),
        ] {
            let name = SpecificationName::of(syntax, false, Some(&id));
            assert_eq!(
                (name.kind, name.profile.as_deref()),
                (kind, Some(profile)),
                "{id}"
            );
        }
    }

    #[test]
    fn files_without_identifiers_are_of_their_syntax() {
        let name = |is_zugferd_1, id| SpecificationName::of(Syntax::Cii, is_zugferd_1, id);
        assert_eq!(name(false, None).kind, "cii");
        assert_eq!(name(true, None).kind, "zugferd");
        for id in [
            "urn:ferd:CrossIndustryDocument:invoice:1p0:comfort",
            "urn:ferd:invoice:rc:comfort",
        ] {
            let name = name(true, Some(id));
            assert_eq!(
                (name.kind, name.profile.as_deref()),
                ("zugferd", Some("comfort"))
            );
        }
    }
}

//! The operator's list of hosts from which pictures may be fetched although they are not public.
//! The fetcher resolves names and connects.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::Deserialize;
use url::Host;

use super::address::AddressClass;

/// A host that the operator trusts although its address is not public, such as an object store in
/// the same rack. Parsed from text:
///
/// - `minio`, `minio:9000`: this name, on any port or on one;
/// - `.internal`, `.internal:9000`: every name under it, not `internal` itself;
/// - `10.0.0.0/8`, `10.1.2.3`, `::1`: these addresses, also where a name resolves to them;
/// - `10.1.2.3:9000`, `[::1]:9000`: URLs that spell out this address with this port.
///
/// The addresses of a trusted name are not checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AllowedHost(Rule);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Exact {
        host: Host,
        port: Option<u16>,
    },
    /// `suffix` keeps its leading dot.
    Under {
        suffix: String,
        port: Option<u16>,
    },
    Network(IpNet),
}

/// The entry has none of the forms of [`AllowedHost`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{entry}` is not a host name (`minio`, `minio:9000`), a suffix (`.internal`) \
     or an IP network (`10.0.0.0/8`)"
)]
pub struct InvalidAllowedHost {
    /// The entry as given.
    pub entry: String,
}

impl FromStr for AllowedHost {
    type Err = InvalidAllowedHost;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        parse_rule(entry.trim())
            .map(Self)
            .ok_or_else(|| InvalidAllowedHost {
                entry: entry.to_owned(),
            })
    }
}

impl TryFrom<String> for AllowedHost {
    type Error = InvalidAllowedHost;

    fn try_from(entry: String) -> Result<Self, Self::Error> {
        entry.parse()
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = match &self.0 {
            Rule::Exact { host, port } => {
                write!(f, "{host}")?;
                port
            }
            Rule::Under { suffix, port } => {
                f.write_str(suffix)?;
                port
            }
            Rule::Network(network) => return write!(f, "{network}"),
        };
        port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn parse_rule(entry: &str) -> Option<Rule> {
    // A URL's host may hold an asterisk, so the rule would parse and never match.
    if entry.contains('*') {
        return None;
    }
    if let Ok(network) = entry.parse::<IpNet>() {
        return Some(Rule::Network(network.trunc()));
    }
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Some(Rule::Network(address.into()));
    }
    let (name, port) = split_port(entry)?;
    if let Some(parent) = name.strip_prefix('.') {
        return match Host::parse(parent).ok()? {
            Host::Domain(parent) => Some(Rule::Under {
                suffix: format!(".{}", without_root(&parent)),
                port,
            }),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        };
    }
    Some(match (Host::parse(name).ok()?, port) {
        (Host::Ipv4(address), None) => Rule::Network(IpAddr::from(address).into()),
        (Host::Ipv6(address), None) => Rule::Network(IpAddr::from(address).into()),
        (Host::Domain(name), port) => Rule::Exact {
            host: Host::Domain(without_root(&name).to_owned()),
            port,
        },
        (host, port) => Rule::Exact { host, port },
    })
}

fn split_port(entry: &str) -> Option<(&str, Option<u16>)> {
    match entry.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => {
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            digits.then_some((name, Some(port.parse().ok()?)))
        }
        _ => Some((entry, None)),
    }
}

/// Removes a final dot: `minio.` is the same host as `minio`.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Decides what may be reached, by the operator's list and the address classes.
#[derive(Debug)]
pub(super) struct Gate {
    rules: Vec<AllowedHost>,
}

impl Gate {
    pub(super) fn new(rules: Vec<AllowedHost>) -> Self {
        Self { rules }
    }

    /// Returns whether the operator trusts this host by its name in the URL.
    pub(super) fn trusts(&self, host: &Host<&str>, port: u16) -> bool {
        self.rules.iter().any(|AllowedHost(rule)| match rule {
            Rule::Exact {
                host: own,
                port: at,
            } => {
                at.is_none_or(|at| at == port)
                    && match (own, host) {
                        (Host::Domain(own), Host::Domain(name)) => own == without_root(name),
                        (Host::Ipv4(own), Host::Ipv4(address)) => own == address,
                        (Host::Ipv6(own), Host::Ipv6(address)) => own == address,
                        _ => false,
                    }
            }
            Rule::Under { suffix, port: at } => {
                at.is_none_or(|at| at == port)
                    && matches!(host, Host::Domain(name) if without_root(name)
                        .strip_suffix(suffix.as_str())
                        .is_some_and(|label| !label.is_empty()))
            }
            Rule::Network(_) => false,
        })
    }

    /// Checks that an address may be connected to.
    ///
    /// # Errors
    /// The class of an address that is neither public nor in a trusted network.
    pub(super) fn judge(&self, address: IpAddr) -> Result<(), AddressClass> {
        let Some(class) = AddressClass::of(address) else {
            return Ok(());
        };
        let plain = address.to_canonical();
        let trusted = self.rules.iter().any(|AllowedHost(rule)| {
            matches!(rule, Rule::Network(network)
                if network.contains(&address) || network.contains(&plain))
        });
        if trusted { Ok(()) } else { Err(class) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(rules: &[&str]) -> Gate {
        Gate::new(rules.iter().map(|rule| rule.parse().unwrap()).collect())
    }

    fn trusts(rules: &[&str], authority: &str) -> bool {
        let url = url::Url::parse(&format!("http://{authority}/")).unwrap();
        gate(rules).trusts(&url.host().unwrap(), url.port_or_known_default().unwrap())
    }

    #[test]
    fn names_match_exactly_or_by_suffix_and_on_their_port() {
        for (rule, authority, expected) in [
            ("minio", "minio:9000", true),
            ("MINIO", "minio", true),
            ("minio", "minio.", true),
            ("minio.", "minio", true),
            ("minio", "minio.evil.test", false),
            ("minio", "xminio", false),
            ("minio:9000", "minio:9000", true),
            ("minio:9000", "minio", false),
            ("minio:80", "minio", true),
            (".internal", "a.internal", true),
            (".internal", "a.b.internal.", true),
            (".internal", "internal", false),
            (".internal", "ainternal", false),
            (".internal", ".internal", false),
            (".internal", "a.internal.evil.test", false),
            (".internal:9000", "a.internal:9000", true),
            (".internal:9000", "a.internal:22", false),
            ("münchen.test", "xn--mnchen-3ya.test", true),
            ("10.1.2.3:9000", "10.1.2.3:9000", true),
            ("10.1.2.3:9000", "10.1.2.3", false),
            ("10.1.2.3:9000", "10.1.2.4:9000", false),
            ("[::1]:9000", "[::1]:9000", true),
            ("[::1]:9000", "[::2]:9000", false),
            // Networks match addresses, not host names in a URL.
            ("10.0.0.0/8", "10.1.2.3", false),
        ] {
            assert_eq!(trusts(&[rule], authority), expected, "{rule} {authority}");
        }
        assert!(!trusts(&[], "minio"));
        assert!(trusts(&["other", "minio"], "minio"));
    }

    #[test]
    fn networks_lift_the_check_for_their_own_addresses_only() {
        let networks = gate(&["10.0.0.0/8", "192.168.7.9", "fd00::/8", "[::1]"]);
        for text in [
            "10.9.9.9",
            "::ffff:10.9.9.9",
            "192.168.7.9",
            "fd12::1",
            "::1",
            "8.8.8.8",
        ] {
            assert_eq!(networks.judge(text.parse().unwrap()), Ok(()), "{text}");
        }
        for (text, class) in [
            ("192.168.7.8", AddressClass::Private),
            ("127.0.0.1", AddressClass::Loopback),
            ("fc00::1", AddressClass::UniqueLocal),
        ] {
            assert_eq!(networks.judge(text.parse().unwrap()), Err(class), "{text}");
        }
        // A name or an address with a port trusts URLs, not addresses.
        let names = gate(&["minio", "10.1.2.3:9000"]);
        assert_eq!(
            names.judge("10.1.2.3".parse().unwrap()),
            Err(AddressClass::Private)
        );
    }

    #[test]
    fn entries_that_could_never_match_are_refused() {
        for entry in [
            "",
            " ",
            ".",
            "*",
            "*.internal",
            "http://minio",
            "http://minio:9000",
            "minio:",
            "minio:http",
            "minio:+80",
            "minio:65536",
            "minio/path",
            "user@minio",
            "10.0.0.0/33",
            "[::1",
            "::1:x",
            ".10.0.0.1",
            "a b",
        ] {
            assert_eq!(
                entry.parse::<AllowedHost>(),
                Err(InvalidAllowedHost {
                    entry: entry.to_owned()
                }),
            );
        }
    }

    #[test]
    fn entries_read_back_as_themselves() {
        for (entry, shown) in [
            ("minio", "minio"),
            ("minio:9000", "minio:9000"),
            (" Minio.Local. ", "minio.local"),
            (".internal:9000", ".internal:9000"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("[::1]:9000", "[::1]:9000"),
            ("::1", "::1/128"),
        ] {
            let rule: AllowedHost = entry.parse().unwrap();
            assert_eq!(rule.to_string(), shown);
            assert_eq!(shown.parse(), Ok(rule));
        }
    }

    #[test]
    fn a_config_file_holds_entries_as_strings() {
        let read = |text| serde_json::from_str::<AllowedHost>(text);
        assert_eq!(read(r#""minio:9000""#).unwrap().to_string(), "minio:9000");
        let error = read(r#""http://minio""#).unwrap_err().to_string();
        assert!(
            error.contains("`http://minio` is not a host name"),
            "{error}"
        );
    }
}

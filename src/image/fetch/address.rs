//! Classifies the addresses that are not part of the public internet. The operator's list decides
//! which of them may be reached nevertheless.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// The kind of an address that is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressClass {
    /// `0.0.0.0/8` and `::`, which many systems treat as their own address.
    Unspecified,
    /// `127.0.0.0/8` and `::1`.
    Loopback,
    /// The private networks of RFC 1918.
    Private,
    /// `169.254.0.0/16` and `fe80::/10`, the networks of most clouds' metadata services.
    LinkLocal,
    /// `fc00::/7`.
    UniqueLocal,
    /// The deprecated `fec0::/10`.
    SiteLocal,
    /// `100.64.0.0/10`, behind a carrier's network address translation.
    CarrierShared,
    /// `224.0.0.0/4` and `ff00::/8`.
    Multicast,
    /// `255.255.255.255`.
    Broadcast,
    /// Networks reserved for examples.
    Documentation,
    /// Networks reserved for benchmarks.
    Benchmarking,
    /// Networks that the IETF reserved for protocols.
    Protocol,
    /// `64:ff9b:1::/48`: the position of the IPv4 address depends on a prefix that only the local
    /// translator knows, so the address cannot be judged.
    LocalTranslation,
    /// `2001::/32`.
    Teredo,
    /// `100::/64`.
    Discard,
    /// `2001:10::/28` and `2001:20::/28`: identifiers, not addresses.
    Orchid,
    /// A public address that the hosting platform itself answers.
    Platform,
    /// Any other address that is not assigned for public use.
    Reserved,
}

impl AddressClass {
    /// Returns the class of `address`, or `None` for a public one. An IPv6 address that carries an
    /// IPv4 address (mapped, compatible, NAT64, 6to4) has the class of that address.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Option<Self> {
        V4_CLASSES
            .iter()
            .find(|(network, _)| network.contains(&address))
            .map(|&(_, class)| class)
    }

    fn of_v6(address: Ipv6Addr) -> Option<Self> {
        if address.is_unspecified() {
            return Some(Self::Unspecified);
        }
        if address.is_loopback() {
            return Some(Self::Loopback);
        }
        if let Some(carried) = carried_v4(address) {
            return Self::of_v4(carried);
        }
        V6_CLASSES
            .iter()
            .find(|(network, _)| network.contains(&address))
            .map(|&(_, class)| class)
            .or_else(|| (!V6_GLOBAL.contains(&address)).then_some(Self::Reserved))
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local",
            Self::UniqueLocal => "unique-local",
            Self::SiteLocal => "site-local",
            Self::CarrierShared => "shared by a carrier",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Documentation => "set aside for documentation",
            Self::Benchmarking => "set aside for benchmarks",
            Self::Protocol => "set aside for protocols",
            Self::LocalTranslation => "behind a local translator",
            Self::Teredo => "a Teredo tunnel",
            Self::Discard => "discard-only",
            Self::Orchid => "an identifier",
            Self::Platform => "the hosting platform's own",
            Self::Reserved => "reserved",
        })
    }
}

/// Classes of IPv4 networks. The first match applies, so an exception precedes the network around
/// it.
const V4_CLASSES: &[(Ipv4Net, AddressClass)] = &[
    (v4([0, 0, 0, 0], 8), AddressClass::Unspecified),
    (v4([10, 0, 0, 0], 8), AddressClass::Private),
    (v4([100, 64, 0, 0], 10), AddressClass::CarrierShared),
    (v4([127, 0, 0, 0], 8), AddressClass::Loopback),
    // Azure's WireServer: a public address that every virtual machine there can reach.
    (v4([168, 63, 129, 16], 32), AddressClass::Platform),
    (v4([169, 254, 0, 0], 16), AddressClass::LinkLocal),
    (v4([172, 16, 0, 0], 12), AddressClass::Private),
    (v4([192, 0, 0, 0], 24), AddressClass::Protocol),
    (v4([192, 0, 2, 0], 24), AddressClass::Documentation),
    // The retired relays of 6to4.
    (v4([192, 88, 99, 0], 24), AddressClass::Reserved),
    (v4([192, 168, 0, 0], 16), AddressClass::Private),
    (v4([198, 18, 0, 0], 15), AddressClass::Benchmarking),
    (v4([198, 51, 100, 0], 24), AddressClass::Documentation),
    (v4([203, 0, 113, 0], 24), AddressClass::Documentation),
    (v4([224, 0, 0, 0], 4), AddressClass::Multicast),
    (v4([255, 255, 255, 255], 32), AddressClass::Broadcast),
    (v4([240, 0, 0, 0], 4), AddressClass::Reserved),
];

/// Classes of IPv6 networks, as in [`V4_CLASSES`]; other addresses outside [`V6_GLOBAL`] are
/// reserved.
const V6_CLASSES: &[(Ipv6Net, AddressClass)] = &[
    (v6([0x64, 0xff9b, 1, 0], 48), AddressClass::LocalTranslation),
    (v6([0x100, 0, 0, 0], 64), AddressClass::Discard),
    (v6([0x2001, 0, 0, 0], 32), AddressClass::Teredo),
    (v6([0x2001, 2, 0, 0], 48), AddressClass::Benchmarking),
    (v6([0x2001, 0x10, 0, 0], 28), AddressClass::Orchid),
    (v6([0x2001, 0x20, 0, 0], 28), AddressClass::Orchid),
    (v6([0x2001, 0, 0, 0], 23), AddressClass::Protocol),
    (v6([0x2001, 0xdb8, 0, 0], 32), AddressClass::Documentation),
    (v6([0x3fff, 0, 0, 0], 20), AddressClass::Documentation),
    (v6([0xfc00, 0, 0, 0], 7), AddressClass::UniqueLocal),
    (v6([0xfe80, 0, 0, 0], 10), AddressClass::LinkLocal),
    (v6([0xfec0, 0, 0, 0], 10), AddressClass::SiteLocal),
    (v6([0xff00, 0, 0, 0], 8), AddressClass::Multicast),
];

/// The only part of IPv6 with public addresses.
const V6_GLOBAL: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// Networks whose last 32 bits are an IPv4 address: compatible, mapped, NAT64.
const V6_CARRIERS: &[Ipv6Net] = &[
    Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 96),
    Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
    v6([0x64, 0xff9b, 0, 0], 96),
];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c, d]: [u16; 4], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    if let [0x20, 0x02, a, b, c, d, ..] = octets {
        return Some(Ipv4Addr::new(a, b, c, d));
    }
    let [.., a, b, c, d] = octets;
    V6_CARRIERS
        .iter()
        .any(|network| network.contains(&address))
        .then(|| Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(text: &str) -> Option<AddressClass> {
        AddressClass::of(text.parse().unwrap())
    }

    #[test]
    fn every_network_is_classed_from_its_first_address_to_its_last() {
        use AddressClass as C;
        for (first, last, expected) in [
            ("0.0.0.0", "0.255.255.255", C::Unspecified),
            ("10.0.0.0", "10.255.255.255", C::Private),
            ("100.64.0.0", "100.127.255.255", C::CarrierShared),
            ("127.0.0.0", "127.255.255.255", C::Loopback),
            ("168.63.129.16", "168.63.129.16", C::Platform),
            ("169.254.0.0", "169.254.255.255", C::LinkLocal),
            ("172.16.0.0", "172.31.255.255", C::Private),
            ("192.0.0.0", "192.0.0.255", C::Protocol),
            ("192.0.2.0", "192.0.2.255", C::Documentation),
            ("192.88.99.0", "192.88.99.255", C::Reserved),
            ("192.168.0.0", "192.168.255.255", C::Private),
            ("198.18.0.0", "198.19.255.255", C::Benchmarking),
            ("198.51.100.0", "198.51.100.255", C::Documentation),
            ("203.0.113.0", "203.0.113.255", C::Documentation),
            ("224.0.0.0", "239.255.255.255", C::Multicast),
            ("240.0.0.0", "255.255.255.254", C::Reserved),
            ("255.255.255.255", "255.255.255.255", C::Broadcast),
            ("::", "::", C::Unspecified),
            ("::1", "::1", C::Loopback),
            (
                "64:ff9b:1::",
                "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
                C::LocalTranslation,
            ),
            ("100::", "100::ffff:ffff:ffff:ffff", C::Discard),
            ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", C::Teredo),
            (
                "2001:2::",
                "2001:2:0:ffff:ffff:ffff:ffff:ffff",
                C::Benchmarking,
            ),
            (
                "2001:10::",
                "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff",
                C::Orchid,
            ),
            (
                "2001:20::",
                "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff",
                C::Orchid,
            ),
            (
                "2001:30::",
                "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                C::Protocol,
            ),
            (
                "2001:db8::",
                "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                C::Documentation,
            ),
            (
                "3fff::",
                "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
                C::Documentation,
            ),
            (
                "fc00::",
                "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                C::UniqueLocal,
            ),
            (
                "fe80::",
                "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                C::LinkLocal,
            ),
            (
                "fec0::",
                "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                C::SiteLocal,
            ),
            (
                "ff00::",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                C::Multicast,
            ),
            // Unassigned: below, between and above.
            (
                "100:0:0:1::",
                "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                C::Reserved,
            ),
            (
                "4000::",
                "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                C::Reserved,
            ),
        ] {
            assert_eq!(class(first), Some(expected), "{first}");
            assert_eq!(class(last), Some(expected), "{last}");
        }
    }

    #[test]
    fn the_neighbours_of_the_networks_are_public() {
        for text in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2000::1",
            "2001:200::1",
            "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:db9::",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "3ffe::1",
            "3fff:1000::",
        ] {
            assert_eq!(class(text), None, "{text}");
        }
    }

    #[test]
    fn a_carried_ipv4_address_decides() {
        for (text, expected) in [
            ("::ffff:127.0.0.1", Some(AddressClass::Loopback)),
            ("::ffff:10.1.2.3", Some(AddressClass::Private)),
            ("::ffff:8.8.8.8", None),
            ("::127.0.0.1", Some(AddressClass::Loopback)),
            ("::2", Some(AddressClass::Unspecified)),
            ("::8.8.8.8", None),
            ("64:ff9b::169.254.169.254", Some(AddressClass::LinkLocal)),
            ("64:ff9b::8.8.8.8", None),
            ("64:ff9b:0:0:0:1:808:808", Some(AddressClass::Reserved)),
            ("2002:c0a8:101::1", Some(AddressClass::Private)),
            ("2002:7f00:1::", Some(AddressClass::Loopback)),
            ("2002:808:808::1", None),
            // The form of stateless translators, outside public space.
            ("::ffff:0:127.0.0.1", Some(AddressClass::Reserved)),
        ] {
            assert_eq!(class(text), expected, "{text}");
        }
    }
}

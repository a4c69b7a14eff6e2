//! Which addresses a request, or a clone, may go to.
//!
//! The URL comes from a team's account, and redirects from the team's own servers: both are hostile. Without this
//! guard they could make the instructor's machine read its own services, its network, or the credentials that a
//! cloud's metadata service hands to whoever asks.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Why an address is not gone to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Objection {
    /// `a loopback address`.
    what: &'static str,
    /// Whether `--allow-private` lifts it.
    can_be_allowed: bool,
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        f.write_str(if self.can_be_allowed {
            "; --allow-private permits it for local use"
        } else {
            ", which nothing permits"
        })
    }
}

/// A request that was stopped before anything was sent.
///
/// It travels through reqwest as the resolver's error, and is found again in the chain of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    host: String,
    address: IpAddr,
    objection: Objection,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, address, objection } = self;
        if host.trim_matches(['[', ']']) == address.to_string() {
            write!(f, "{address} is {objection}")
        } else {
            write!(f, "{host} resolves to {address}, {objection}")
        }
    }
}

impl std::error::Error for Refusal {}

/// How far the operator's consent goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Public addresses only.
    Public,
    /// All but cloud metadata services: `--allow-private`, or an address that `--resolve` names.
    Private,
}

/// Lets `address`, which `host` stands for, pass or not.
///
/// # Errors
/// What is against it.
pub fn check(host: &str, address: IpAddr, consent: Consent) -> Result<(), Refusal> {
    match objection(address) {
        Some(objection) if consent == Consent::Public || !objection.can_be_allowed => {
            Err(Refusal { host: host.to_owned(), address, objection })
        }
        _ => Ok(()),
    }
}

/// Lets `address` pass or not, where the instructor named the host: it may be in a private network, as a university's forge
/// is; on this machine or its link only where the name itself says so.
///
/// # Errors
/// What is against it. A cloud's metadata service always is.
pub fn check_named(host: &str, address: IpAddr) -> Result<(), Refusal> {
    let bare = host.trim_matches(['[', ']']);
    let says_so = bare.parse::<IpAddr>().is_ok() || bare.eq_ignore_ascii_case("localhost");
    match objection(address) {
        Some(objection) if !objection.can_be_allowed || !(says_so || NETWORKS.contains(&objection.what)) => {
            Err(Refusal { host: host.to_owned(), address, objection })
        }
        _ => Ok(()),
    }
}

/// What private networks are called below.
const NETWORKS: [&str; 3] = ["a private address", "a carrier-grade NAT address", "a unique local address"];

fn objection(address: IpAddr) -> Option<Objection> {
    if is_metadata(address) {
        return Some(Objection { what: "a cloud metadata address", can_be_allowed: false });
    }
    let what = match address {
        IpAddr::V4(v4) => V4.iter().find(|(net, _)| net.contains(&v4)).map(|(_, what)| *what),
        IpAddr::V6(v6) => {
            // An IPv4 address in disguise is judged as what the packets may arrive at.
            if let Some(objection) = embedded(v6).and_then(|v4| objection(IpAddr::V4(v4))) {
                return Some(objection);
            }
            V6.iter().find(|(net, _)| net.contains(&v6)).map(|(_, what)| *what).or_else(|| {
                let reachable = GLOBAL_UNICAST.contains(&v6) || NAT64.contains(&v6) || v6.to_ipv4_mapped().is_some();
                (!reachable).then_some("not a public address")
            })
        }
    };
    what.map(|what| Objection { what, can_be_allowed: true })
}

/// The IPv4 address that a transition mechanism would take out of `address`.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        // IPv4-compatible (RFC 4291, 2.5.5.1); `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => Some(v4(high, low)),
        // IPv4-mapped (RFC 4291, 2.5.5.2) and IPv4-translated (RFC 2765).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => Some(v4(high, low)),
        // NAT64 (RFC 6052), and the prefix for local use (RFC 8215), as far as it is used with 96 bits.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 1, _, _, _, high, low] => Some(v4(high, low)),
        // Teredo (RFC 4380) holds the client's address with each bit turned over.
        [0x2001, 0, _, _, _, _, high, low] => Some(v4(!high, !low)),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => Some(v4(high, low)),
        // ISATAP (RFC 5214).
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => Some(v4(high, low)),
        _ => None,
    }
}

/// Whether a service answers there that hands credentials or configuration to whatever runs on a cloud machine.
fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => METADATA_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => METADATA_V6.iter().any(|net| net.contains(&address)),
    }
}

const METADATA_V4: &[Ipv4Net] = &[
    // EC2, and the same address at Google, Azure, Oracle, DigitalOcean and most others. All of the range is the cloud's own:
    // EC2 has its clock, resolver and licence server there as well.
    v4(169, 254, 169, 0, 24),
    // Credentials of ECS tasks and EKS pods.
    v4(169, 254, 170, 0, 24),
    // Tencent and Scaleway.
    v4(169, 254, 0, 23, 32),
    v4(169, 254, 42, 42, 32),
    // Oracle's older address, Azure's WireServer, Alibaba.
    v4(192, 0, 0, 192, 32),
    v4(168, 63, 129, 16, 32),
    v4(100, 100, 100, 200, 32),
];

const METADATA_V6: &[Ipv6Net] = &[
    // EC2, with the credentials of EKS pods.
    v6(0xfd00, 0xec2, 0, 32),
    // Scaleway, Google, OpenStack.
    Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42), 128),
    Ipv6Net::new_assert(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128),
    Ipv6Net::new_assert(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe), 128),
];

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(a: u16, b: u16, c: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

/// IANA's IPv4 Special-Purpose Address Registry, and multicast; the narrower range before the wider.
const V4: &[(Ipv4Net, &str)] = &[
    (v4(0, 0, 0, 0, 32), "the unspecified address"),
    (v4(0, 0, 0, 0, 8), "an address of \"this network\""),
    (v4(10, 0, 0, 0, 8), "a private address"),
    (v4(100, 64, 0, 0, 10), "a carrier-grade NAT address"),
    (v4(127, 0, 0, 0, 8), "a loopback address"),
    (v4(169, 254, 0, 0, 16), "a link-local address"),
    (v4(172, 16, 0, 0, 12), "a private address"),
    (v4(192, 0, 0, 0, 24), "an address of protocol assignments"),
    (v4(192, 0, 2, 0, 24), "a documentation address"),
    (v4(192, 88, 99, 0, 24), "a 6to4 relay address"),
    (v4(192, 168, 0, 0, 16), "a private address"),
    (v4(198, 18, 0, 0, 15), "a benchmarking address"),
    (v4(198, 51, 100, 0, 24), "a documentation address"),
    (v4(203, 0, 113, 0, 24), "a documentation address"),
    (v4(224, 0, 0, 0, 4), "a multicast address"),
    (v4(255, 255, 255, 255, 32), "the broadcast address"),
    (v4(240, 0, 0, 0, 4), "a reserved address"),
];

const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 3);
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 96);

/// IANA's IPv6 Special-Purpose Address Registry and multicast: names for what is not global unicast, and the
/// exceptions within it.
const V6: &[(Ipv6Net, &str)] = &[
    (v6(0, 0, 0, 128), "the unspecified address"),
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), "a loopback address"),
    (v6(0x64, 0xff9b, 1, 48), "a local NAT64 address"),
    (v6(0x100, 0, 0, 64), "a discard-only address"),
    (v6(0x2001, 0, 0, 32), "a Teredo address"),
    (v6(0x2001, 2, 0, 48), "a benchmarking address"),
    (v6(0x2001, 0x10, 0, 28), "an ORCHID, which no host has"),
    (v6(0x2001, 0x20, 0, 28), "an ORCHID, which no host has"),
    (v6(0x2001, 0, 0, 23), "an address of protocol assignments"),
    (v6(0x2001, 0xdb8, 0, 32), "a documentation address"),
    (v6(0x3fff, 0, 0, 20), "a documentation address"),
    (v6(0xfc00, 0, 0, 7), "a unique local address"),
    (v6(0xfe80, 0, 0, 10), "a link-local address"),
    (v6(0xfec0, 0, 0, 10), "a site-local address"),
    (v6(0xff00, 0, 0, 8), "a multicast address"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(address: &str, consent: Consent) -> Result<(), String> {
        check("lb.example.com", address.parse().unwrap(), consent).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn public_addresses_pass() {
        for address in [
            "3.5.140.2",
            "172.15.255.255",
            "172.32.0.1",
            "100.128.0.1",
            "2600:1f18::1",
            "2a05:d018::5",
            "2001:200::1",
            "2001:4860:4860::8888",
            "::ffff:3.5.140.2",
            "64:ff9b::305:8c02",
            "2002:305:8c02::1",
        ] {
            assert_eq!(verdict(address, Consent::Public), Ok(()), "{address}");
        }
    }

    #[test]
    fn addresses_that_are_not_public_need_consent() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.1.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:2f:ffff::1",
            "2001:1ff::1",
            "64:ff9b:1::7f00:1",
            "4000::1",
        ] {
            assert!(verdict(address, Consent::Public).is_err(), "{address}");
            assert_eq!(verdict(address, Consent::Private), Ok(()), "{address}");
        }
    }

    #[test]
    fn ipv4_in_an_ipv6_disguise_is_judged_as_ipv4() {
        for address in [
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2600:1f18::5efe:c0a8:101",
            "2600:1f18::200:5efe:c0a8:101",
        ] {
            assert!(verdict(address, Consent::Public).is_err(), "{address}");
        }
    }

    #[test]
    fn metadata_services_are_refused_whatever_was_allowed() {
        for address in [
            "169.254.169.254",
            "fd00:ec2::254",
            "169.254.170.2",
            "169.254.170.23",
            "169.254.169.253",
            "169.254.169.123",
            "169.254.0.23",
            "169.254.42.42",
            "192.0.0.192",
            "168.63.129.16",
            "100.100.100.200",
            "fd00:ec2::23",
            "fd00:42::42",
            "fd20:ce::254",
            "fe80::a9fe:a9fe",
            "::ffff:169.254.42.42",
            "64:ff9b::c000:c0",
            "64:ff9b:1::a9fe:a9fe",
            "2001::5601:5601",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            let refused = verdict(address, Consent::Private).unwrap_err();
            assert!(refused.ends_with("a cloud metadata address, which nothing permits"), "{refused}");
        }
    }

    #[test]
    fn a_refusal_says_what_stands_where_and_what_lifts_it() {
        assert_eq!(
            verdict("169.254.7.7", Consent::Public).unwrap_err(),
            "lb.example.com resolves to 169.254.7.7, a link-local address; --allow-private permits it for local use"
        );
        let literal = check("[::1]", "::1".parse().unwrap(), Consent::Public).unwrap_err();
        assert_eq!(literal.to_string(), "::1 is a loopback address; --allow-private permits it for local use");
    }
}

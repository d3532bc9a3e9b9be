//! Addresses in numbers, in every notation that `getaddrinfo` takes for one.

use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};

use nix::net::if_::if_nametoindex;

use super::inet_aton::inet_aton;

/// The address, if the text is one: of IPv4 as `inet_aton` takes it, or of IPv6, perhaps with a zone (`fe80::1%eth0`).
pub(super) fn parse(text: &str, port: u16) -> Option<SocketAddr> {
    if let Some(address) = inet_aton(text) {
        return Some(SocketAddr::from((address, port)));
    }
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    let address = address.parse().ok()?;
    let scope = match zone {
        Some(zone) => scope_id(&address, zone)?,
        None => 0,
    };
    Some(SocketAddrV6::new(address, port, 0, scope).into())
}

/// The number of a zone: that of a network interface if the address is one of a link, or the number itself.
///
/// [RFC 4007, section 11](https://www.rfc-editor.org/rfc/rfc4007#section-11).
fn scope_id(address: &Ipv6Addr, zone: &str) -> Option<u32> {
    let is_of_link = address.is_unicast_link_local() || is_multicast_of_link(address);
    if is_of_link && let Ok(index) = if_nametoindex(zone) {
        return Some(index);
    }
    // `parse` takes a sign, too.
    zone.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| zone.parse().ok())?
}

const fn is_multicast_of_link(address: &Ipv6Addr) -> bool {
    matches!(address.octets(), [0xff, scope, ..] if scope & 0x0f == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_parsed(text: &str, expected: &str) {
        assert_eq!(parse(text, 1).unwrap().to_string(), expected, "{text}");
    }

    #[test]
    fn every_notation_is_understood() {
        assert_parsed("127.0.0.1", "127.0.0.1:1");
        assert_parsed("127.1", "127.0.0.1:1");
        assert_parsed("0x7f000001", "127.0.0.1:1");
        assert_parsed("::1", "[::1]:1");
        assert_parsed("2001:DB8::192.0.2.1", "[2001:db8::c000:201]:1");
        for text in [
            "",
            "localhost",
            "1.2.3.256",
            "[::1]",
            "::1 ",
            ":::",
            "127.0.0.1%1",
        ] {
            assert_eq!(parse(text, 1), None, "{text}");
        }
    }

    #[test]
    fn an_address_of_a_link_has_a_zone() {
        let loopback = if_nametoindex("lo").unwrap();
        assert_parsed("fe80::1%lo", &format!("[fe80::1%{loopback}]:1"));
        assert_parsed("ff02::1%lo", &format!("[ff02::1%{loopback}]:1"));
        assert_parsed("fe80::1%7", "[fe80::1%7]:1");
        assert_parsed("::1%7", "[::1%7]:1");
        for text in [
            "::1%lo",
            "fe80::1%",
            "fe80::1%no_such_zone",
            "fe80::1%+7",
            "fe80::1%4294967296",
            "fe80::1%7%7",
        ] {
            assert_eq!(parse(text, 1), None, "{text}");
        }
    }
}

//! For whom a certificate was issued.

use rcgen::{CertificateParams, CustomExtension, DnType};

use super::pki::{Authority, Identity};
use super::{Server, options, shake_hands};
use crate::net::tls::Verification;
use crate::net::tls::host_name::HostNames;

/// A name in a certificate.
enum Name<'a> {
    Dns(&'a [u8]),
    Ip(&'a [u8]),
    Email(&'a [u8]),
}
use Name::{Dns, Email, Ip};

/// A certificate with this common name and these alternative names, which need not make sense.
fn certificate(common: Option<&str>, alternative: &[Name<'_>]) -> Identity {
    Identity::self_signed(&[], |params| name(params, common, alternative))
}

fn name(params: &mut CertificateParams, common: Option<&str>, alternative: &[Name<'_>]) {
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "organization.example");
    if let Some(common) = common {
        params.distinguished_name.push(DnType::CommonName, common);
    }
    if !alternative.is_empty() {
        let mut names = Vec::new();
        for name in alternative {
            let (tag, value) = match name {
                Email(value) => (0x81, value),
                Dns(value) => (0x82, value),
                Ip(value) => (0x87, value),
            };
            names.extend([tag, u8::try_from(value.len()).unwrap()]);
            names.extend_from_slice(value);
        }
        let mut content = vec![0x30, u8::try_from(names.len()).unwrap()];
        content.extend(names);
        params.custom_extensions = vec![CustomExtension::from_oid_content(&[2, 5, 29, 17], content)];
    }
}

/// What is said of the host and a certificate with these names; empty if they match.
fn check(host: &str, common: Option<&str>, alternative: &[Name<'_>]) -> String {
    let names = HostNames::of(&certificate(common, alternative).certificate).unwrap();
    names
        .check(host)
        .map_or_else(|error| error.to_string(), |()| String::new())
}

const MATCH: &str = "";

fn mismatch(name: &str, others: &str, host: &str) -> String {
    format!("server certificate for \"{name}\"{others} does not match host name \"{host}\"")
}

#[test]
fn names_of_dns_match_in_either_case() {
    assert_eq!(check("db.example", None, &[Dns(b"db.example")]), MATCH);
    assert_eq!(check("DB.example", None, &[Dns(b"db.EXAMPLE")]), MATCH);
    assert_eq!(
        check("db.example", None, &[Dns(b"a.example"), Dns(b"db.example")]),
        MATCH
    );
    for name in [
        "db.example.",
        "db.exampl",
        "b.example",
        "db.examplee",
        "xdb.example",
        "example",
        "",
    ] {
        assert_eq!(
            check("db.example", None, &[Dns(name.as_bytes())]),
            mismatch(name, "", "db.example")
        );
    }
}

#[test]
fn errors_count_the_other_names() {
    assert_eq!(
        check("db.example", None, &[Dns(b"a"), Dns(b"b")]),
        mismatch("a", " (and 1 other name)", "db.example")
    );
    assert_eq!(
        check(
            "db.example",
            Some("c"),
            &[Dns(b"a"), Ip(&[192, 0, 2, 1]), Email(b"e"), Dns(b"b")]
        ),
        mismatch("a", " (and 2 other names)", "db.example")
    );
    let nobody = "could not get server's host name from server certificate";
    assert_eq!(check("db.example", None, &[]), nobody);
    assert_eq!(check("e", None, &[Email(b"e")]), nobody);
    assert_eq!(check("organization.example", None, &[]), nobody);
}

#[test]
fn a_wildcard_stands_for_one_label() {
    let matching = [
        ("db.example", "*.example"),
        ("DB.Example", "*.eXAMPLE"),
        ("a.b.c", "*.b.c"),
        ("a.b", "*.b"),
    ];
    for (host, name) in matching {
        assert_eq!(check(host, None, &[Dns(name.as_bytes())]), MATCH, "{host} {name}");
    }
    let others = [
        ("a.db.example", "*.example"),
        ("example", "*.example"),
        (".example", "*.example"),
        ("db.example", "*"),
        ("db.example", "*."),
        ("db.", "*."),
        ("db.example", "*example"),
        ("db.example", "d*.example"),
        ("db.example", "*b.example"),
        ("db.example", "db.*"),
        ("a.db.example", "a.*.example"),
        ("a.db.example", "*.*.example"),
        ("db.example.org", "*.example"),
        ("dbxexample", "*.example"),
        ("localhost", "*.localhost"),
    ];
    for (host, name) in others {
        assert_eq!(
            check(host, None, &[Dns(name.as_bytes())]),
            mismatch(name, "", host)
        );
    }
    // The asterisk is a wildcard in the certificate only.
    assert_eq!(
        check("*.example", None, &[Dns(b"db.example")]),
        mismatch("db.example", "", "*.example")
    );
}

#[test]
fn the_common_name_counts_if_there_is_no_other_of_the_hosts_kind() {
    let host = "db.example";
    assert_eq!(check(host, Some(host), &[]), MATCH);
    assert_eq!(check(host, Some("*.example"), &[]), MATCH);
    assert_eq!(check(host, Some(host), &[Email(b"me")]), MATCH);
    assert_eq!(check(host, Some(host), &[Ip(&[192, 0, 2, 1])]), MATCH);
    assert_eq!(
        check(host, Some(host), &[Dns(b"other.example")]),
        mismatch("other.example", "", host)
    );
    assert_eq!(
        check(host, Some("common.example"), &[Ip(&[192, 0, 2, 1])]),
        mismatch("192.0.2.1", " (and 1 other name)", host)
    );

    let address = "192.0.2.1";
    assert_eq!(check(address, Some(address), &[]), MATCH);
    assert_eq!(check(address, Some(address), &[Dns(b"other.example")]), MATCH);
    assert_eq!(
        check(address, Some(address), &[Ip(&[192, 0, 2, 2])]),
        mismatch("192.0.2.2", "", address)
    );
    // As a common name it is a text.
    assert_eq!(
        check("192.000.002.001", Some(address), &[]),
        mismatch(address, "", "192.000.002.001")
    );
}

#[test]
fn addresses_match_in_every_notation() {
    let v4 = [192, 0, 2, 1];
    for host in [
        "192.0.2.1",
        "192.000.002.001",
        "192.513",
        "0xc0000201",
        "3221225985",
    ] {
        assert_eq!(check(host, None, &[Ip(&v4)]), MATCH, "{host}");
    }
    assert_eq!(
        check("192.0.2.2", None, &[Ip(&v4)]),
        mismatch("192.0.2.1", "", "192.0.2.2")
    );
    let v6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    for host in ["2001:db8::1", "2001:DB8:0:0::1", "2001:db8::0.0.0.1"] {
        assert_eq!(check(host, None, &[Ip(&v6)]), MATCH, "{host}");
    }
    assert_eq!(
        check("2001:db8::2", None, &[Ip(&v6)]),
        mismatch("2001:db8::1", "", "2001:db8::2")
    );
    // Those who could not make an address for a certificate wrote it as a name.
    assert_eq!(check("192.0.2.1", None, &[Dns(b"192.0.2.1")]), MATCH);
    assert_eq!(check("2001:db8::1", None, &[Dns(b"2001:DB8::1")]), MATCH);
    // An address of one family is none of the other.
    let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1];
    assert_eq!(
        check("192.0.2.1", None, &[Ip(&mapped)]),
        mismatch("::ffff:192.0.2.1", "", "192.0.2.1")
    );
    for length in [0, 3, 5, 8, 15, 17] {
        assert_eq!(
            check("db.example", None, &[Ip(&[0; 17][..length]), Dns(b"db.example")]),
            format!("certificate contains IP address with invalid length {length}")
        );
    }
}

#[test]
fn a_zero_byte_spoils_a_name() {
    let refused = "SSL certificate's name contains embedded null";
    assert_eq!(
        check("db.example", None, &[Dns(b"db.example\0.evil.example")]),
        refused
    );
    assert_eq!(
        check("db.example", Some("db.example\0.evil.example"), &[]),
        refused
    );
    assert_eq!(
        check("db.example", None, &[Dns(b"a\0"), Dns(b"db.example")]),
        refused
    );
    // What stands behind the right name is not looked at.
    assert_eq!(
        check("db.example", None, &[Dns(b"db.example"), Dns(b"a\0")]),
        MATCH
    );
}

#[test]
fn long_names_are_compared_to_their_end() {
    let host = "a".repeat(32);
    let name = format!("{host}.evil.example");
    assert_eq!(check(&host, Some(&name), &[]), mismatch(&name, "", &host));
    assert_eq!(
        check(&host, None, &[Dns(name.as_bytes())]),
        mismatch(&name, "", &host)
    );
}

#[test]
fn names_cannot_write_to_a_terminal() {
    assert_eq!(
        check("db.example", None, &[Dns(b"\x1b[2Jdb\n\xff")]),
        mismatch("\u{fffd}[2Jdb\u{fffd}\u{fffd}", "", "db.example")
    );
}

#[test]
fn a_handshake_looks_at_the_names() {
    let authority = Authority::new("root");
    let cases: [(&str, &[Name<'_>], &str); 5] = [
        ("db.example", &[Dns(b"*.example")], MATCH),
        ("192.0.2.1", &[Ip(&[192, 0, 2, 1])], MATCH),
        ("common.example", &[], MATCH),
        (
            "common.example",
            &[Dns(b"db.example")],
            "server certificate for \"db.example\" does not match host name \"common.example\"",
        ),
        (
            "db.example",
            &[Dns(b"db.example\0.evil.example")],
            "SSL certificate's name contains embedded null",
        ),
    ];
    for (host, names, expected) in cases {
        let identity = authority.issue_with(&[], |params| name(params, Some("common.example"), names));
        let outcome = shake_hands(
            &options(host, Verification::Full, &authority),
            &Server::new(&identity),
        );
        match expected {
            MATCH => drop(outcome.client.unwrap()),
            _ => {
                // The server gets to know before it gets anything else.
                assert!(outcome.server.is_err());
                assert_eq!(outcome.error(), expected);
            }
        }
    }
}

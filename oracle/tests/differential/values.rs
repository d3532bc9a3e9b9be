//! Values, checked by both.

use std::net::TcpListener;

use dblink_engine::conninfo::{Conninfo, Keyword};

use super::generate::Generator;
use super::ours::{Tally, World};

/// Nobody listens at these.
const NOWHERE: [&str; 2] = ["host=/nonexistent", "hostaddr=127.0.0.1 port=1"];

/// An option of a connection string, its value in quotes.
pub(super) fn option(keyword: Keyword, value: &str) -> String {
    let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
    format!(" {}='{quoted}'", keyword.name())
}

#[test]
fn each_option_alone() {
    let mut texts = Vec::new();
    for &keyword in Keyword::ALL {
        // These are looked up in files.
        let skipped = [Keyword::Service, Keyword::Servicefile];
        if skipped.contains(&keyword) {
            continue;
        }
        let mut values = vec![
            "", "x", "0", "1", "X", " ", "Require", "require ", "a,b", "prefer", "disable", "any",
        ];
        values.extend([
            "3.0",
            "3.1",
            "latest",
            "TLSv1",
            "tlsV1.1",
            "TLSv1.3",
            "direct",
            "verify-full",
            "system",
        ]);
        // A word here would be a host to look up.
        if keyword == Keyword::Host {
            values = vec!["", "/x", "@x", "127.0.0.1", "/a,/b", ",", "/a,"];
        }
        for value in values {
            for nowhere in NOWHERE {
                texts.push(format!("{nowhere}{}", option(keyword, value)).into_bytes());
            }
        }
    }
    let tally = World::default().assert_same(&texts);
    println!("{} texts: {tally:?}", texts.len());
    assert!(tally.accepted > 300 && tally.refused > 200, "{tally:?}");
}

#[test]
fn hosts_addresses_and_ports() {
    let mut texts = Vec::new();
    let hosts = ["", "/a", "/a,/b", "/a,/b,/c", ",", ",,", "@a", "127.0.0.1,/b"];
    let addresses = ["", "127.0.0.1", "127.0.0.1,127.0.0.1", ",", "127.0.0.1,", ",,"];
    let ports = [
        "", "1", "1,2", "1,2,3", ",", "1,", ",,", " 1", "1 ", "+1", "0", "65535", "65536", "-1", "x", "1,x",
    ];
    for host in hosts {
        for address in addresses {
            for port in ports {
                texts.push(format!("host='{host}' hostaddr='{address}' port='{port}'").into_bytes());
            }
        }
    }
    let tally = World::default().assert_same(&texts);
    println!("{} texts: {tally:?}", texts.len());
    assert!(tally.accepted > 100 && tally.refused > 100, "{tally:?}");
}

#[test]
fn requirements_of_authentication() {
    let methods = [
        "password",
        "md5",
        "gss",
        "sspi",
        "scram-sha-256",
        "oauth",
        "none",
        "x",
        "",
        "!",
    ];
    let mut items: Vec<_> = methods.iter().map(|method| (*method).to_owned()).collect();
    items.extend(methods.iter().map(|method| format!("!{method}")));
    let mut texts = Vec::new();
    for first in &items {
        texts.push(first.clone());
        for second in &items {
            texts.push(format!("{first},{second}"));
            for third in ["none", "!none", "gss", "!gss", "oauth"] {
                texts.push(format!("{first},{second},{third}"));
            }
        }
    }
    let texts: Vec<_> = texts
        .iter()
        .map(|text| format!("host=/nonexistent require_auth='{text}'").into_bytes())
        .collect();
    let tally = World::default().assert_same(&texts);
    println!("{} texts: {tally:?}", texts.len());
    assert!(tally.accepted > 100 && tally.refused > 1000, "{tally:?}");
}

#[test]
fn pairs_of_options() {
    let mut texts = Vec::new();
    let mut combine = |first: Keyword, firsts: &[&str], second: Keyword, seconds: &[&str]| {
        for one in firsts {
            for other in seconds {
                texts.push(
                    [NOWHERE[0], &option(first, one), &option(second, other)]
                        .concat()
                        .into_bytes(),
                );
            }
        }
    };
    let modes = [
        "disable",
        "allow",
        "prefer",
        "require",
        "verify-ca",
        "verify-full",
        "",
        "x",
    ];
    combine(
        Keyword::Sslmode,
        &modes,
        Keyword::Sslnegotiation,
        &["postgres", "direct", "", "x"],
    );
    combine(
        Keyword::Sslmode,
        &modes,
        Keyword::Sslrootcert,
        &["system", "System", "", "/x"],
    );
    combine(
        Keyword::Sslnegotiation,
        &["postgres", "direct"],
        Keyword::Sslrootcert,
        &["system", "/x"],
    );
    let versions = [
        "", "TLSv1", "tlsv1", "TLSv1.1", "TLSv1.2", "tlsv1.3", "TLSv1.4", "SSLv3",
    ];
    combine(
        Keyword::SslMinProtocolVersion,
        &versions,
        Keyword::SslMaxProtocolVersion,
        &versions,
    );
    let versions = ["", "3.0", "3.1", "3.2", "latest", "3"];
    combine(
        Keyword::MinProtocolVersion,
        &versions,
        Keyword::MaxProtocolVersion,
        &versions,
    );
    let tally = World::default().assert_same(&texts);
    println!("{} texts: {tally:?}", texts.len());
    assert!(tally.accepted > 60 && tally.refused > 60, "{tally:?}");
}

/// Many options at once: what is wrong first is told.
#[test]
fn generated_values() {
    let mut generator = Generator::new(3);
    let mut total = Tally::default();
    for _ in 0..20 {
        let mut texts = Vec::new();
        for _ in 0..200 {
            let mut text = generator.pick(&NOWHERE).to_owned();
            for _ in 0..generator.below(8) {
                let keyword = generator.pick(Keyword::ALL);
                if !matches!(keyword, Keyword::Servicefile | Keyword::Service) {
                    text += &option(keyword, &generator.value(keyword));
                }
            }
            texts.push(text.into_bytes());
        }
        total.add(World::default().assert_same(&texts));
    }
    println!("{total:?}");
    assert!(
        total.accepted > 800 && total.refused > 800 && total.messages.len() > 15,
        "{total:?}"
    );
}

/// Pairs of keyword and value, the first `dbname` of which may be a connection string.
#[test]
fn generated_pairs() {
    let mut generator = Generator::new(4);
    let mut lists = Vec::new();
    for _ in 0..2_000 {
        let mut pairs = vec![("host".to_owned(), "/nonexistent".to_owned())];
        for _ in 0..generator.below(6) {
            let keyword = generator.pick(&[
                Keyword::Dbname,
                Keyword::Dbname,
                Keyword::User,
                Keyword::Port,
                Keyword::Host,
                Keyword::ApplicationName,
                Keyword::Sslmode,
            ]);
            let value = if keyword == Keyword::Dbname {
                let values = [
                    "",
                    "sales",
                    "user=a port=1",
                    "postgresql://b@/d?application_name=x",
                    "host='' user=''",
                    "bogus=1",
                    "postgres://[",
                    "x=y",
                    "dbname='port=9'",
                    "requiressl=1",
                ];
                generator.pick(&values).to_owned()
            } else {
                generator.value(keyword)
            };
            let name = match generator.below(40) {
                0 => "bogus",
                1 => "requiressl",
                _ => keyword.name(),
            };
            pairs.push((name.to_owned(), value));
        }
        lists.push(pairs);
    }
    let tally = World::default().assert_same_pairs(&lists);
    println!("{tally:?}");
    assert!(tally.accepted > 400 && tally.refused > 400, "{tally:?}");
}

/// libpq looks at numbers when it needs them: that of the timeout when it begins to wait, the others before it connects
/// by TCP.
#[test]
fn numbers() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut texts = Vec::new();
    for keyword in [
        Keyword::ConnectTimeout,
        Keyword::Keepalives,
        Keyword::KeepalivesIdle,
        Keyword::KeepalivesInterval,
        Keyword::KeepalivesCount,
        Keyword::TcpUserTimeout,
    ] {
        let wrong = [
            "",
            " ",
            "x",
            "1x",
            "x1",
            "1 2",
            "+",
            "-",
            "+-1",
            "0x1",
            "1.0",
            "2147483648",
            "-2147483649",
            "1e1",
        ];
        for value in wrong {
            texts.push(format!("hostaddr=127.0.0.1 port={port}{}", option(keyword, value)).into_bytes());
        }
    }
    let (answers, _) = World::default().ask_libpq("connect", &texts);
    for (text, answer) in texts.iter().zip(answers) {
        let ours = Conninfo::parse(text)
            .unwrap()
            .resolve(&World::default())
            .unwrap_err();
        let theirs = answer.refusal().unwrap();
        assert_eq!(ours.to_string(), String::from_utf8(theirs).unwrap());
    }
}

/// Where libpq waits for a number to be needed, and we do not: a mistake is told even if this connection could do
/// without.
#[test]
fn numbers_are_checked_at_once() {
    for text in [
        "host=/nonexistent keepalives=x",
        "hostaddr=127.0.0.1 port=1 keepalives=0 keepalives_idle=x",
        "host=/nonexistent connect_timeout=x",
    ] {
        let (answers, _) = World::default().ask_libpq("start", &[text.into()]);
        assert_eq!(answers[0].refusal(), None, "{text}");
        assert!(
            Conninfo::parse(text).unwrap().resolve(&World::default()).is_err(),
            "{text}"
        );
    }
}

/// Where libpq takes several texts for the same key, and we one: the last letter before the `=` of a key has two bits
/// that mean nothing, which must be zero.
#[test]
fn a_scram_key_is_written_in_one_way() {
    for (last, is_ours) in [("A", true), ("B", false)] {
        let text = format!("host=/nonexistent scram_client_key={}{last}=", "A".repeat(42));
        let (answers, _) = World::default().ask_libpq("start", &[text.clone().into()]);
        assert_eq!(answers[0].refusal(), None, "{text}");
        let ours = Conninfo::parse(&text).unwrap().resolve(&World::default());
        assert_eq!(ours.is_ok(), is_ours, "{text}");
    }
}

/// Where libpq sends whatever bytes there are, and we only UTF-8. Passwords and paths may be any bytes.
#[test]
fn names_are_utf8() {
    for (text, is_ours) in [
        ("postgresql://%ff@/?host=/nonexistent", false),
        ("postgresql:///%ff?host=/nonexistent", false),
        ("postgresql://u:%ff@/?host=/nonexistent", true),
        ("postgresql:///?host=/nonexistent&sslcert=%ff", true),
    ] {
        let (answers, _) = World::default().ask_libpq("start", &[text.into()]);
        assert_eq!(answers[0].refusal(), None, "{text}");
        let ours = Conninfo::parse(text).unwrap().resolve(&World::default());
        assert_eq!(ours.is_ok(), is_ours, "{text}");
    }
}

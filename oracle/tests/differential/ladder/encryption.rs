//! What servers answer before there is a session.

use dblink_tests::refused_port;
use tempfile::TempDir;

use super::script::{Answer, Identity, Script, Tls, refuse, welcome};
use super::server::Server;
use super::{Case, Course, assert_same, clients, pki};

/// Servers that differ in what they do before a session begins.
fn servers() -> Vec<Case> {
    let answers: [(&str, Answer); 11] = [
        ("yes", Answer::Yes(b"")),
        ("no", Answer::Bytes(b"N")),
        (
            "an ErrorResponse",
            Answer::Bytes(b"E\0\0\0\x1fSFATAL\0C0A000\0Mno such thing\0\0"),
        ),
        (
            "an error of old",
            Answer::Bytes(b"Eunsupported frontend protocol\n\0"),
        ),
        ("G", Answer::Bytes(b"G")),
        ("X", Answer::Bytes(b"X")),
        ("a zero byte", Answer::Bytes(b"\0")),
        ("a close", Answer::Close),
        ("a reset", Answer::Reset),
        ("yes and a close", Answer::YesAndClose),
        ("yes and a reset", Answer::YesAndReset),
    ];
    let mut cases: Vec<_> = answers
        .into_iter()
        .map(|(name, answer)| Case::new(&format!("{name} to an SSLRequest"), Script::answering(answer)))
        .collect();
    let beginnings = [Tls::Alert, Tls::Text, Tls::Close, Tls::Reset];
    cases.extend(
        beginnings.map(|tls| Case::new(&format!("{tls:?} to a ClientHello"), Script::beginning(tls))),
    );
    let identities = [Identity::OtherHost, Identity::Stranger];
    cases
        .extend(identities.map(|identity| Case::new(&format!("{identity:?}"), Script::presenting(identity))));
    let without_alpn = Script {
        takes_alpn: false,
        ..Script::welcoming()
    };
    cases.push(Case::new("no ALPN", without_alpn));
    cases
}

#[test]
fn before_a_session() {
    assert_same(servers());
}

/// With the password that a server must not get in plain text.
#[test]
fn before_a_session_with_a_password() {
    assert_same(servers().into_iter().map(|case| case.with("password=secret")));
}

#[test]
fn before_a_session_with_another_host() {
    assert_same(servers().into_iter().map(Case::with_another_host));
}

/// A server that behaves like that on the first connection only.
#[test]
fn before_a_session_for_once() {
    assert_same(servers().into_iter().map(|mut case| {
        case.name = format!("{}, once", case.name);
        case.hosts = case.hosts.into_iter().map(Script::once).collect();
        case
    }));
}

/// With other options that TLS has.
#[test]
fn before_a_session_with_other_options() {
    let mut cases = Vec::new();
    for options in [
        "sslsni=0",
        "ssl_max_protocol_version=TLSv1.2",
        "sslcertmode=disable",
        "channel_binding=require password=secret",
        "require_auth=none",
    ] {
        let names = ["yes to", "no to", "Stranger", "OtherHost"];
        let servers = servers().into_iter();
        let servers = servers.filter(|case| names.iter().any(|name| case.name.starts_with(name)));
        cases.extend(servers.map(|case| case.with(options)));
    }
    assert_same(cases);
}

/// No encryption is tried over a Unix-domain socket, whatever is wanted.
#[test]
fn over_a_socket() {
    let scripts = [
        Script::welcoming(),
        Script::without_tls(welcome()),
        Script::session(refuse("28000")),
        Script::session(refuse("57P03")),
    ];
    let mut different = Vec::new();
    for script in scripts {
        for way in super::WAYS {
            let course = |client: fn(&[String]) -> Vec<clients::Outcome>| {
                let folder = TempDir::new().unwrap();
                let server = Server::start_in(folder.path(), &script, &pki().identities);
                let host = folder.path().display();
                let conninfo = format!(
                    "host={host} port=1 user=u dbname=d connect_timeout=10 sslrootcert={} {way}",
                    pki().root()
                );
                let outcome = client(&[conninfo]).remove(0);
                Course {
                    records: vec![server.finish()],
                    outcome,
                }
            };
            let (libpq, ours) = (course(clients::libpq), course(clients::ours));
            for course in [&libpq, &ours] {
                assert_eq!(course.records, [[["StartupMessage"]]], "{way}");
            }
            if libpq != ours {
                different.push(format!("{way}\n  libpq {libpq}\n  ours  {ours}"));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Nobody listens at the first host.
#[test]
fn nobody_listens() {
    let port = refused_port();
    let conninfos = super::WAYS.map(|way| {
        format!(
            "host=localhost hostaddr=127.0.0.1 port={port} user=u dbname=d {way} sslrootcert={}",
            pki().root()
        )
    });
    assert_eq!(clients::libpq(&conninfos), clients::ours(&conninfos));
}

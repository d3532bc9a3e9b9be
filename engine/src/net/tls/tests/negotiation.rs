//! Versions, application protocol, server name indication and the key log.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rustls::{ClientConnection, HandshakeKind, PeerIncompatible, ServerConnection};

use super::pki::{Files, Identity};
use super::{EACH_VERSION, ONLY_1_2, ONLY_1_3, Server, exchange, shake_hands};
use crate::net::tls::{
    Negotiation, TlsConfigError, TlsConnector, TlsError, TlsOptions, TlsVersion, TlsWarning,
};

fn identity() -> Identity {
    Identity::self_signed(&["db.example"], |_| {})
}

#[test]
fn the_newest_common_version_is_spoken() {
    let identity = identity();
    let mut server = Server::new(&identity);
    let cases = [
        (TlsVersion::V1_0, None, rustls::ALL_VERSIONS, TlsVersion::V1_3),
        (TlsVersion::V1_2, None, ONLY_1_2, TlsVersion::V1_2),
        (TlsVersion::V1_2, None, ONLY_1_3, TlsVersion::V1_3),
        (
            TlsVersion::V1_1,
            Some(TlsVersion::V1_2),
            rustls::ALL_VERSIONS,
            TlsVersion::V1_2,
        ),
        (
            TlsVersion::V1_3,
            Some(TlsVersion::V1_3),
            rustls::ALL_VERSIONS,
            TlsVersion::V1_3,
        ),
    ];
    for (min, max, versions, spoken) in cases {
        server.versions = versions;
        let mut options = TlsOptions::new("db.example");
        options.min_version = min;
        options.max_version = max;
        let info = shake_hands(&options, &server).client.unwrap();
        assert_eq!(info.version, spoken);
        let start = match spoken {
            TlsVersion::V1_3 => "TLS_AES_",
            _ => "TLS_ECDHE_ECDSA_WITH_",
        };
        assert!(info.cipher_suite.starts_with(start), "{info:?}");
    }
}

#[test]
fn without_a_common_version_there_is_no_connection() {
    let identity = identity();
    let mut server = Server::new(&identity);
    let cases = [
        (TlsVersion::V1_3, None, ONLY_1_2, "TLSv1.3 and TLSv1.3"),
        (
            TlsVersion::V1_2,
            Some(TlsVersion::V1_2),
            ONLY_1_3,
            "TLSv1.2 and TLSv1.2",
        ),
    ];
    for (min, max, versions, range) in cases {
        server.versions = versions;
        let mut options = TlsOptions::new("db.example");
        options.min_version = min;
        options.max_version = max;
        let error = shake_hands(&options, &server).error();
        let hint = format!(
            "\nThis may indicate that the server does not support any SSL protocol version between {range}."
        );
        assert!(
            error.starts_with("SSL error: ") && error.ends_with(&hint),
            "{error}"
        );
    }
}

#[test]
fn a_range_of_versions_must_hold_one_that_is_spoken() {
    let mut options = TlsOptions::new("db.example");
    options.min_version = TlsVersion::V1_3;
    options.max_version = Some(TlsVersion::V1_2);
    let error = TlsConnector::new(&options).unwrap_err();
    assert_eq!(error.to_string(), "invalid SSL protocol version range");
    options.min_version = TlsVersion::V1_0;
    options.max_version = Some(TlsVersion::V1_1);
    assert_eq!(
        TlsConnector::new(&options).unwrap_err(),
        TlsConfigError::OldVersion(TlsVersion::V1_1)
    );
}

#[test]
fn who_is_talked_to_directly_must_speak_postgresql() {
    let identity = identity();
    let mut server = Server::new(&identity);
    let mut options = TlsOptions::new("db.example");
    for negotiation in [Negotiation::Postgres, Negotiation::Direct] {
        options.negotiation = negotiation;
        server.application_protocols = &[b"http/1.1", b"postgresql"];
        assert!(shake_hands(&options, &server).client.unwrap().is_postgresql);
        // The server knows other protocols only.
        server.application_protocols = &[b"http/1.1"];
        shake_hands(&options, &server).client.unwrap_err();
    }
    server.application_protocols = &[];
    assert_eq!(
        shake_hands(&options, &server).error(),
        "direct SSL connection was established without ALPN protocol negotiation extension"
    );
    options.negotiation = Negotiation::Postgres;
    assert!(!shake_hands(&options, &server).client.unwrap().is_postgresql);
}

#[test]
fn the_server_is_told_names_and_nothing_else() {
    let identity = identity();
    let server = Server::new(&identity);
    let indicated = |options: &TlsOptions| {
        let outcome = shake_hands(options, &server);
        outcome.client.unwrap();
        outcome.indicated
    };
    for host in ["db.example", "localhost", "4db", "under_score.example"] {
        let mut options = TlsOptions::new(host);
        assert_eq!(indicated(&options).as_deref(), Some(host));
        options.server_name_indication = false;
        assert_eq!(indicated(&options), None);
    }
    for host in [
        "",
        "192.0.2.1",
        "192.513",
        "1.2.3.4.5",
        "42",
        ".",
        "::1",
        "2001:db8::1",
        "a:b",
        "not a name",
    ] {
        assert_eq!(indicated(&TlsOptions::new(host)), None, "{host}");
    }
}

#[test]
fn no_session_is_resumed() {
    let identity = identity();
    let connector = TlsConnector::new(&TlsOptions::new("db.example")).unwrap();
    for versions in EACH_VERSION {
        let mut server = Server::new(&identity);
        server.versions = versions;
        let config = server.config();
        for _ in 0..2 {
            let mut client = ClientConnection::new(connector.config(), connector.server_name()).unwrap();
            let mut server = ServerConnection::new(Arc::clone(&config)).unwrap();
            let (client_outcome, server_outcome) = exchange(&mut client, &mut server);
            client_outcome.unwrap();
            server_outcome.unwrap();
            assert_eq!(client.handshake_kind(), Some(HandshakeKind::Full));
        }
    }
}

#[test]
fn keys_are_logged_for_their_owner_only() {
    let files = Files::new();
    let identity = identity();
    let mut server = Server::new(&identity);
    let mut options = TlsOptions::new("db.example");
    let path = files.path("keys");
    options.key_log = Some(path.clone());
    shake_hands(&options, &server).client.unwrap();
    server.versions = ONLY_1_2;
    shake_hands(&options, &server).client.unwrap();

    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let log = std::fs::read_to_string(&path).unwrap();
    let labels: Vec<_> = log.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(
        labels,
        [
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "SERVER_TRAFFIC_SECRET_0",
            "EXPORTER_SECRET",
            "CLIENT_RANDOM",
        ]
    );
    for line in log.lines() {
        let fields: Vec<_> = line.split(' ').collect();
        assert_eq!(fields.len(), 3);
        assert_eq!(fields[1].len(), 64);
        assert!(fields[2].len() >= 64 && fields[2].bytes().all(|digit| digit.is_ascii_hexdigit()));
    }
}

#[test]
fn a_key_log_that_cannot_be_opened_is_no_obstacle() {
    let files = Files::new();
    let identity = identity();
    let path = files.path("missing/keys");
    let mut options = TlsOptions::new("db.example");
    options.key_log = Some(path.clone());
    let connector = TlsConnector::new(&options).unwrap();
    let warning = TlsWarning::KeyLog {
        path: path.clone(),
        reason: String::from("No such file or directory"),
    };
    assert_eq!(
        warning.to_string(),
        format!(
            "could not open SSL key logging file \"{}\": No such file or directory",
            path.display()
        )
    );
    assert_eq!(connector.warnings(), [warning]);
    shake_hands(&options, &Server::new(&identity)).client.unwrap();
}

#[test]
fn a_broken_connection_is_told_from_a_broken_handshake() {
    let connector = TlsConnector::new(&TlsOptions::new("db.example")).unwrap();
    let closed = connector.failed(&io::ErrorKind::UnexpectedEof.into());
    assert_eq!(closed.to_string(), "SSL SYSCALL error: EOF detected");
    let broken = connector.failed(&io::Error::from_raw_os_error(104));
    assert_eq!(broken.to_string(), "SSL SYSCALL error: Connection reset by peer");
    for error in [closed, broken] {
        assert_eq!(error.sqlstate().as_str(), "08006");
    }
    let hint = "This may indicate that the server does not support any SSL protocol version between TLSv1.2 and TLSv1.3.";
    for reason in [
        PeerIncompatible::ServerDoesNotSupportTls12Or13,
        PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
    ] {
        let error = rustls::Error::from(reason);
        let error = connector.failed(&io::Error::new(io::ErrorKind::InvalidData, error));
        assert_eq!(error.to_string().lines().nth(1), Some(hint));
    }
    // What PostgreSQL before 9.3 or another service may answer.
    let mut client = ClientConnection::new(connector.config(), connector.server_name()).unwrap();
    client.read_tls(&mut &b"EFATAL: no\0\0"[..]).unwrap();
    let error = client.process_new_packets().unwrap_err();
    let error = connector.failed(&io::Error::new(io::ErrorKind::InvalidData, error));
    assert!(matches!(error, TlsError::Version { .. }), "{error}");
}

//! What `sslmode` makes of servers with TLS and without.
//!
//! PostgreSQL manual: [SSL Mode Descriptions](https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-SSLMODE-STATEMENTS).

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::{Conninfo, Keyword};
use dblink_tests::proxy::{Beginning, Proxy};
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, Files, roles};

use super::{cause, connect, is_encrypted};
use crate::conninfo::{Variables, over_tcp, resolve};
use crate::script::{Act, Server};

#[tokio::test]
async fn every_sslmode() {
    let with_tls = Cluster::builder().tls(&Certificates::new()).start();
    for (mode, first) in [
        ("disable", Beginning::Startup),
        ("allow", Beginning::Startup),
        ("prefer", Beginning::SslRequest),
        ("require", Beginning::SslRequest),
    ] {
        for (cluster, has_tls) in [(&with_tls, true), (Cluster::shared(), false)] {
            let proxy = Proxy::to(cluster.port());
            let options = format!("sslmode={mode} port={}", proxy.port());
            if mode == "require" && !has_tls {
                assert_eq!(
                    cause(connect(cluster, &options).await),
                    "server does not support SSL, but SSL was required"
                );
            } else {
                let mut connection = connect(cluster, &options).await.unwrap();
                let is_expected = has_tls && first == Beginning::SslRequest;
                assert_eq!(is_encrypted(&mut connection).await, is_expected, "{mode}");
            }
            assert_eq!(proxy.seen(), [first], "{mode}");
        }
    }
    // Nothing verifies a server that has no TLS.
    let files = Files::new();
    let root = files.write("root.pem", &Certificates::new().ca_pem, 0o644);
    for mode in ["verify-ca", "verify-full"] {
        assert_eq!(
            cause(connect(Cluster::shared(), &format!("sslmode={mode} sslrootcert={root}")).await),
            "server does not support SSL, but SSL was required"
        );
    }
}

/// Wherever the demand for TLS stands, a server without it gets nothing but the request for it.
#[tokio::test]
async fn wherever_it_stands() {
    let no = Act::Say(b"N".to_vec());
    let mut server = Server::start(&[Act::Hear, no]);
    let port = server.port;
    let place = format!("host=127.0.0.1 port={port} user=u connect_timeout=20");
    let uri = format!("postgresql://u@127.0.0.1:{port}/?connect_timeout=20");
    let parse = |text: &str| Conninfo::parse(text).unwrap();
    let mut demands = vec![
        (parse(&place), Some(("PGREQUIRESSL", "1"))),
        (parse(&format!("{uri}&ssl=true")), None),
    ];
    for mode in ["require", "verify-ca", "verify-full"] {
        demands.extend([
            (parse(&format!("{place} sslmode={mode}")), None),
            (parse(&format!("{uri}&sslmode={mode}")), None),
            (parse(&place).set(Keyword::Sslmode, mode), None),
            (parse(&place), Some(("PGSSLMODE", mode))),
            // What is given counts more than the environment.
            (
                parse(&format!("{place} sslmode={mode}")),
                Some(("PGSSLMODE", "disable")),
            ),
        ]);
    }
    for (conninfo, variable) in demands {
        let config = conninfo.resolve(&Variables(variable.as_slice())).unwrap();
        assert_eq!(
            cause(Connection::connect(&config).await),
            "server does not support SSL, but SSL was required",
            "{conninfo:?} {variable:?}"
        );
        assert_eq!(server.last_words().await, b"", "{conninfo:?} {variable:?}");
    }
}

/// What the server refuses after it knows who we are has nothing to do with encryption.
#[tokio::test]
async fn a_refusal_after_authentication_is_not_tried_without_encryption() {
    let cluster = Cluster::builder().tls(&Certificates::new()).start();
    let conninfo = over_tcp(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    let config = resolve(&format!("{conninfo} sslmode=prefer dbname=nowhere"));
    let error = Connection::connect(&config).await.unwrap_err();
    assert_eq!(error.attempts.len(), 1, "{error}");
    assert_eq!(error.sqlstate().as_str(), "3D000");

    // What it refuses before is tried again, and both are told.
    let config = resolve(&format!("{conninfo}wrong sslmode=prefer"));
    let error = Connection::connect(&config).await.unwrap_err();
    assert_eq!(error.attempts.len(), 2, "{error}");
}

/// With allow, a server that refuses plain text is tried again with TLS; with prefer the other way round.
#[tokio::test]
async fn the_other_encryption_is_tried_when_the_server_refuses() {
    let cluster = Cluster::builder()
        .tls(&Certificates::new())
        .hba("hostnossl all trust_user 127.0.0.1/32 reject")
        .hba("hostssl all md5_user 127.0.0.1/32 reject")
        .start();
    for (user, password, mode, expected) in [
        (roles::TRUST_USER, "none", "allow", true),
        (roles::MD5_USER, roles::MD5_PASSWORD, "prefer", false),
    ] {
        let conninfo = over_tcp(&cluster, user, password);
        let config = resolve(&format!("{conninfo} sslmode={mode}"));
        let mut connection = Connection::connect(&config).await.unwrap();
        assert_eq!(is_encrypted(&mut connection).await, expected, "{mode}");
    }
}

//! `channel_binding`, which ties authentication to TLS.
//!
//! PostgreSQL manual:
//! [`channel_binding`](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CHANNEL-BINDING).

use dblink_engine::connection::Connection;
use dblink_tests::pki::Authority;
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, roles};
use rcgen::{KeyPair, PKCS_ED25519};

use super::cause;
use crate::conninfo::{over_tcp, resolve};
use crate::script::{self, Act, Server, authentication, sasl};
use crate::support::WELCOME;

/// Why such a certificate will not do where it must.
const UNDEFINED: &str = "channel binding is required, but the server's certificate has no hash to bind to";

/// Certificates that channel binding is not defined for: their signature has no hash function.
fn unhashed() -> Certificates {
    let key = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    Authority::with_key("authority", key).server(&["localhost"], |_| {})
}

#[tokio::test]
async fn by_method() {
    let cluster = Cluster::builder().tls(&Certificates::new()).start();
    let connect = async |user: &str, password: &str, options: &str| {
        let conninfo = over_tcp(&cluster, user, password);
        let config = resolve(&format!("{conninfo} channel_binding={options}"));
        let result = Connection::connect(&config).await;
        result.map(drop).map_err(|error| {
            let last = error.attempts.last().unwrap().cause.to_string();
            (error.sqlstate().as_str().to_owned(), last)
        })
    };
    let refused = |reason: &str| Err(("28000".to_owned(), reason.to_owned()));
    let (scram, password) = (roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    for version in ["1.2", "1.3"] {
        for binding in ["disable", "prefer", "require"] {
            let options = format!("{binding} sslmode=require ssl_max_protocol_version=TLSv{version}");
            assert_eq!(connect(scram, password, &options).await, Ok(()));
        }
    }
    for binding in ["disable", "prefer"] {
        let options = format!("{binding} sslmode=disable");
        assert_eq!(connect(scram, password, &options).await, Ok(()));
    }
    assert_eq!(
        connect(scram, password, "require sslmode=disable").await,
        refused("channel binding required, but SSL not in use")
    );
    for (user, password) in [
        (roles::MD5_USER, roles::MD5_PASSWORD),
        (roles::CLEARTEXT_USER, roles::CLEARTEXT_PASSWORD),
    ] {
        for mode in ["disable", "require"] {
            assert_eq!(
                connect(user, password, &format!("require sslmode={mode}")).await,
                refused("channel binding required but not supported by server's authentication request"),
                "{user}"
            );
        }
    }
    for mode in ["disable", "require"] {
        assert_eq!(
            connect(roles::TRUST_USER, "none", &format!("require sslmode={mode}")).await,
            refused("channel binding required, but server authenticated client without channel binding")
        );
    }
    // A wrong password, told over the channel that it is bound to.
    let (sqlstate, _) = connect(scram, "wrong", "require sslmode=require")
        .await
        .unwrap_err();
    assert_eq!(sqlstate, "28P01");
}

/// Where it is required, a server that cannot be bound learns nothing.
#[tokio::test]
async fn comes_before_credentials() {
    let in_plain_text = || vec![Act::Hear];
    let over_tls = |certificates: &Certificates| {
        vec![
            Act::Hear,
            Act::Say(b"S".to_vec()),
            Act::StartTls(script::tls(certificates, None)),
            Act::Hear,
        ]
    };
    let certificates = Certificates::new();
    let both = b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0";
    let unasked = "channel binding required, but server authenticated client without channel binding";
    let unbound = "channel binding required but not supported by server's authentication request";
    let mut cases = vec![
        (over_tls(&unhashed()), authentication(10, both), UNDEFINED),
        (
            in_plain_text(),
            authentication(10, both),
            "channel binding required, but SSL not in use",
        ),
        (
            in_plain_text(),
            sasl("SCRAM-SHA-256"),
            "channel binding required, but SSL not in use",
        ),
        (
            over_tls(&certificates),
            sasl("SCRAM-SHA-256"),
            "channel binding is required, but server did not offer an authentication method that supports channel binding",
        ),
    ];
    for beginning in [in_plain_text(), over_tls(&certificates)] {
        cases.extend([
            (beginning.clone(), WELCOME.to_vec(), unasked),
            (beginning.clone(), authentication(3, b""), unbound),
            (beginning, authentication(5, b"salt"), unbound),
        ]);
    }
    for (beginning, request, expected) in cases {
        let mode = if beginning.len() == 1 {
            "disable"
        } else {
            "require"
        };
        let mut server = Server::start(&[beginning, vec![Act::Say(request)]].concat());
        let config = resolve(&format!(
            "host=localhost hostaddr=127.0.0.1 port={} user=u password=secret channel_binding=require sslmode={mode} \
             connect_timeout=20",
            server.port
        ));
        let result = Connection::connect(&config).await;
        let sqlstate = result.as_ref().unwrap_err().sqlstate();
        assert_eq!(sqlstate.as_str(), "28000", "{expected}");
        assert_eq!(cause(result), expected);
        assert_eq!(server.last_words().await, b"", "{expected}");
    }
}

/// Over a Unix-domain socket there is nothing to bind to.
#[tokio::test]
async fn over_a_socket() {
    let cluster = Cluster::shared();
    let config = resolve(&format!(
        "host={} port={} dbname=postgres user={} password={} channel_binding=require",
        cluster.socket_dir().display(),
        cluster.port(),
        roles::SCRAM_USER,
        roles::SCRAM_PASSWORD
    ));
    assert_eq!(
        cause(Connection::connect(&config).await),
        "channel binding required, but SSL not in use"
    );
}

/// It is done without, unless it is required, and the server agrees.
#[tokio::test]
async fn with_a_certificate_that_has_no_hash() {
    let cluster = Cluster::builder().tls(&unhashed()).start();
    let connect = async |binding: &str| {
        let conninfo = over_tcp(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
        let options = format!("sslmode=require channel_binding={binding}");
        Connection::connect(&resolve(&format!("{conninfo} {options}"))).await
    };
    connect("prefer").await.unwrap();
    assert_eq!(cause(connect("require").await), UNDEFINED);
}

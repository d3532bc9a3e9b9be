//! The client's certificate.
//!
//! PostgreSQL manual: [Client Certificates](https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-CLIENTCERT),
//! [Certificate Authentication](https://www.postgresql.org/docs/current/auth-cert.html).

use dblink_engine::connection::Connection;
use dblink_engine::net::ConnectError;
use dblink_tests::pki::{Authority, Identity};
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, Files, roles};
use rcgen::KeyPair;

use super::{cause, connect, tls};
use crate::conninfo::{over_tcp, resolve};

/// A key of OpenSSL's, and the same encrypted with the passphrase `tiger`.
const KEY: &str = include_str!("../../../../engine/src/net/tls/tests/fixtures/ec.pem");
const ENCRYPTED_KEY: &str = include_str!("../../../../engine/src/net/tls/tests/fixtures/ec.aes.pem");

/// Who logs in by a certificate alone.
const CERT_USER: &str = "cert_user";

/// A server that asks for certificates of an authority.
struct World {
    cluster: Cluster,
    authority: Authority,
    files: Files,
}

impl World {
    fn new() -> Self {
        let files = Files::new();
        let authority = Authority::new("clients' authority");
        let ca = files.write("clients.pem", &authority.pem(), 0o644);
        let cluster = Cluster::builder()
            .tls(&Certificates::new())
            .conf("ssl_ca_file", &ca)
            .hba(&format!("hostssl all {CERT_USER} 127.0.0.1/32 cert"))
            .hba(&format!(
                "hostssl all {} 127.0.0.1/32 scram-sha-256 clientcert=verify-full",
                roles::SCRAM_USER
            ))
            .start();
        cluster.psql(&format!("create role {CERT_USER} login"));
        Self {
            cluster,
            authority,
            files,
        }
    }

    /// The options to show this certificate.
    fn show(&self, identity: &Identity) -> String {
        let certificate = self.files.write("client.pem", &identity.certificate, 0o644);
        let key = self.files.write("client.key", &identity.key, 0o600);
        format!("sslcert={certificate} sslkey={key}")
    }

    async fn log_in(&self, user: &str, options: &str) -> Result<Connection, ConnectError> {
        let conninfo = over_tcp(&self.cluster, user, roles::SCRAM_PASSWORD);
        Connection::connect(&resolve(&format!("{conninfo} sslmode=require {options}"))).await
    }
}

#[tokio::test]
async fn the_right_one() {
    let world = World::new();
    for user in [CERT_USER, roles::SCRAM_USER] {
        let options = world.show(&world.authority.client(user));
        for more in [
            "",
            "sslcertmode=require",
            "sslcertmode=allow",
            "ssl_max_protocol_version=TLSv1.2",
        ] {
            let mut connection = world.log_in(user, &format!("{options} {more}")).await.unwrap();
            assert_eq!(
                tls(&mut connection, "client_dn").await.as_deref(),
                Some(&*format!("/CN={user}"))
            );
        }
    }
    // Who need not show one may.
    let options = world.show(&world.authority.client("somebody"));
    let mut connection = world.log_in(roles::TRUST_USER, &options).await.unwrap();
    assert_eq!(
        tls(&mut connection, "client_dn").await.as_deref(),
        Some("/CN=somebody")
    );
}

#[tokio::test]
async fn none() {
    let world = World::new();
    let options = world.show(&world.authority.client(CERT_USER));
    for options in [
        "",
        &format!("{options} sslcertmode=disable"),
        "sslcert=/nonexistent/client.pem",
    ] {
        let error = world.log_in(CERT_USER, options).await.unwrap_err();
        assert_eq!(error.sqlstate().as_str(), "28000", "{error}");
        assert!(
            error
                .to_string()
                .contains("FATAL: connection requires a valid client certificate"),
            "{error}"
        );
    }
    // It asks, but there is none.
    assert_eq!(
        cause(world.log_in(roles::TRUST_USER, "sslcertmode=require").await),
        "server accepted connection without a valid SSL certificate"
    );
    let mut connection = world.log_in(roles::TRUST_USER, "").await.unwrap();
    assert_eq!(tls(&mut connection, "client_dn").await, None);
}

#[tokio::test]
async fn of_somebody_else() {
    let world = World::new();
    let options = world.show(&world.authority.client("somebody"));
    let error = world.log_in(CERT_USER, &options).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "28000", "{error}");
    let text = error.to_string();
    assert!(
        text.contains("FATAL: certificate authentication failed for user \"cert_user\""),
        "{text}"
    );
    // The password is right, the name is not.
    let error = world.log_in(roles::SCRAM_USER, &options).await.unwrap_err();
    assert!(
        error.attempts.len() == 1 && error.sqlstate().as_str().starts_with("28"),
        "{error}"
    );
}

/// With TLS 1.3 the server refuses it when the client believes that TLS has come about.
#[tokio::test]
async fn of_another_authority() {
    let world = World::new();
    let options = world.show(&Authority::new("stranger").client(CERT_USER));
    for version in ["1.2", "1.3"] {
        let options = format!("{options} ssl_max_protocol_version=TLSv{version}");
        let refused = world.log_in(CERT_USER, &options).await;
        let sqlstate = refused.as_ref().unwrap_err().sqlstate();
        assert_eq!(sqlstate.as_str(), "28000", "{version}");
        assert_eq!(
            cause(refused),
            "SSL error: received fatal alert: UnknownCA",
            "{version}"
        );

        // As in libpq, plain text is tried only where the handshake has failed.
        let preferred = world
            .log_in(roles::TRUST_USER, &format!("{options} sslmode=prefer"))
            .await;
        match version {
            "1.2" => assert_eq!(
                tls(&mut preferred.unwrap(), "ssl").await.as_deref(),
                Some("false")
            ),
            _ => assert_eq!(cause(preferred), "SSL error: received fatal alert: UnknownCA"),
        }
    }
}

/// The file of the key, and what is wrong with it.
#[tokio::test]
async fn keys() {
    let world = World::new();
    let key = KeyPair::from_pem(KEY).unwrap();
    let identity = world.authority.client_with_key(CERT_USER, &key);
    let certificate = world.files.write("client.pem", &identity.certificate, 0o644);
    let encrypted = world.files.write("encrypted.key", ENCRYPTED_KEY, 0o600);
    let with_key = |path: &str| format!("sslcert={certificate} sslkey={path}");

    let options = with_key(&encrypted);
    world
        .log_in(CERT_USER, &format!("{options} sslpassword=tiger"))
        .await
        .unwrap();
    for (password, reason) in [
        ("sslpassword=lion", "bad decrypt"),
        ("", "the key is encrypted, and sslpassword is not set"),
        (
            "sslpassword=''",
            "the key is encrypted, and sslpassword is not set",
        ),
    ] {
        assert_eq!(
            cause(world.log_in(CERT_USER, &format!("{options} {password}")).await),
            format!("could not load private key file \"{encrypted}\": {reason}")
        );
    }

    let open = world.files.write("open.key", KEY, 0o644);
    let text = cause(world.log_in(CERT_USER, &with_key(&open)).await);
    assert!(
        text.starts_with(&format!(
            "private key file \"{open}\" has group or world access; "
        )),
        "{text}"
    );
    assert_eq!(
        cause(world.log_in(CERT_USER, &with_key("/nonexistent/key")).await),
        "certificate present, but not private key file \"/nonexistent/key\""
    );
    let other = KeyPair::generate().unwrap().serialize_pem();
    let other = world.files.write("other.key", &other, 0o600);
    assert_eq!(
        cause(world.log_in(CERT_USER, &with_key(&other)).await),
        format!("certificate does not match private key file \"{other}\": key values mismatch")
    );
    let folder = world.files.path("").to_str().unwrap().to_owned();
    assert_eq!(
        cause(world.log_in(CERT_USER, &with_key(&folder)).await),
        format!("private key file \"{folder}\" is not a regular file")
    );
}

/// A server that does not ask, with TLS and without.
#[tokio::test]
async fn that_nobody_asks_for() {
    let with_tls = Cluster::builder().tls(&Certificates::new()).start();
    for (cluster, mode) in [
        (&with_tls, "require"),
        (&with_tls, "disable"),
        (Cluster::shared(), "prefer"),
    ] {
        assert_eq!(
            cause(connect(cluster, &format!("sslmode={mode} sslcertmode=require")).await),
            "server did not request an SSL certificate",
            "{mode}"
        );
    }
}

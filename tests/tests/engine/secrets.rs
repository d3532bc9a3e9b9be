//! What nobody may read: passwords, passphrases, keys and tokens.

use std::error::Error;
use std::fmt::Debug;

use base64::Engine as _;
use dblink_engine::connection::Connection;
use dblink_engine::conninfo::Conninfo;
use dblink_protocol::Secret;
use dblink_tests::pki::Authority;
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, Files, roles};
use rcgen::KeyPair;

use crate::conninfo::{Variables, over_tcp, resolve};

/// A key of OpenSSL's, and the same encrypted with the passphrase `tiger`.
const KEY: &str = include_str!("../../../engine/src/net/tls/tests/fixtures/ec.pem");
const ENCRYPTED_KEY: &str = include_str!("../../../engine/src/net/tls/tests/fixtures/ec.aes.pem");

/// What the secrets of these tests have in them, none of which is a part of anything else.
const SIGNS: [&str; 6] = [
    "wrong-one",
    "tiger",
    "the-token",
    "client-secret",
    "AAECAwQF",
    "[0, 1, 2",
];

#[track_caller]
fn assert_silent(text: &str) {
    for sign in SIGNS.into_iter().chain([roles::SCRAM_PASSWORD]) {
        assert!(!text.contains(sign), "{sign}: {text}");
    }
}

#[track_caller]
fn assert_debug_silent(value: &impl Debug) {
    assert_silent(&format!("{value:?} {value:#?}"));
}

#[tokio::test]
async fn are_in_no_description() {
    let files = Files::new();
    let authority = Authority::new("clients' authority");
    let key = KeyPair::from_pem(KEY).unwrap();
    let identity = authority.client_with_key(roles::SCRAM_USER, &key);
    let cluster = Cluster::builder()
        .tls(&Certificates::new())
        .conf(
            "ssl_ca_file",
            &files.write("clients.pem", &authority.pem(), 0o644),
        )
        .start();
    let unused = base64::engine::general_purpose::STANDARD.encode((0..32).collect::<Vec<u8>>());
    let text = format!(
        "{} sslmode=require sslcert={} sslkey={} sslpassword=tiger oauth_client_secret=client-secret",
        over_tcp(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD),
        files.write("client.pem", &identity.certificate, 0o644),
        files.write("client.key", ENCRYPTED_KEY, 0o600)
    );
    let keys = format!("{text} scram_client_key={unused} scram_server_key={unused}");
    let mut config = resolve(&keys);
    config.set_token_source(|_| async { Ok(Secret::from("the-token")) });
    assert_debug_silent(&Conninfo::parse(&keys).unwrap());
    assert_debug_silent(&config);

    let connection = Connection::connect(&resolve(&text)).await.unwrap();
    assert_debug_silent(&connection);
    // With it goes how TLS was spoken.
    let handle = connection.cancel_handle().unwrap();
    assert_debug_silent(&handle);
    assert!(format!("{handle:?}").contains("client.key"), "{handle:?}");

    let activity = cluster.psql("select string_agg(activity::text, ' ') from pg_stat_activity activity");
    assert!(activity.contains(roles::SCRAM_USER), "{activity}");
    assert_silent(&activity);
    let sessions = cluster.psql("select string_agg(ssl::text, ' ') from pg_stat_ssl ssl");
    assert_silent(&sessions);
}

#[tokio::test]
async fn are_in_no_error() {
    let cluster = Cluster::shared();
    for user in [roles::SCRAM_USER, roles::MD5_USER, roles::CLEARTEXT_USER] {
        for options in [
            "",
            "sslmode=require",
            "require_auth=none",
            "channel_binding=require",
        ] {
            let conninfo = over_tcp(cluster, user, "wrong-one");
            let error = Connection::connect(&resolve(&format!("{conninfo} {options}")))
                .await
                .unwrap_err();
            assert_silent(&format!("{error} {error:?}"));
            let mut causes: &dyn Error = &error;
            while let Some(cause) = causes.source() {
                assert_silent(&format!("{cause} {cause:?}"));
                causes = cause;
            }
        }
    }
}

#[test]
fn are_in_no_error_of_a_connection_string() {
    for text in [
        "user=u password=wrong-one bogus=1",
        "user=u password='wrong-one",
        "user=u password=wrong-one port",
        "password=wrong-one=tiger tiger",
        "postgresql://u:wrong-one@host:port/",
        "postgresql://u:wrong-one@[::1/",
        "postgresql://u:wrong-one%zz@host/",
        "postgresql://host/?password=wrong-one&bogus=1",
        "user=u password=wrong-one sslmode=bogus",
        "user=u password=wrong-one scram_client_key=AAECAwQF",
        "user=u password=wrong-one port=1,2,3 host=a,b",
    ] {
        let error: Box<dyn Error> = match Conninfo::parse(text) {
            Err(error) => Box::new(error),
            Ok(conninfo) => match conninfo.resolve(&Variables(&[])) {
                Err(error) => Box::new(error),
                Ok(_) => panic!("{text}"),
            },
        };
        assert_silent(&format!("{error} {error:?}"));
    }
}

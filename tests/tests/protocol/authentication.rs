//! Every way to log in, and every way to fail.

use std::net::{Ipv4Addr, SocketAddr};

use base64::Engine as _;
use dblink_protocol::Secret;
use dblink_protocol::auth::ChannelBinding;
use dblink_protocol::auth::scram::KeyDerivation;
use dblink_protocol::handshake::{Encryption, HandshakeConfig};
use dblink_tests::Cluster;
use dblink_tests::blocking::{Address, Client};
use dblink_tests::roles::{
    CLEARTEXT_PASSWORD, CLEARTEXT_USER, MD5_PASSWORD, MD5_USER, SCRAM_PASSWORD, SCRAM_USER, TRUST_USER,
};
use dblink_tests::tls::Certificates;

use crate::golden;
use crate::support::{config, refusal, rows, socket, tcp};

#[test]
fn every_method_lets_in_who_has_the_password() {
    let cluster = Cluster::shared();
    for (user, password) in [
        (TRUST_USER, None),
        (CLEARTEXT_USER, Some(CLEARTEXT_PASSWORD)),
        (MD5_USER, Some(MD5_PASSWORD)),
        (SCRAM_USER, Some(SCRAM_PASSWORD)),
    ] {
        for address in [socket(cluster), tcp(cluster)] {
            let (client, golden) = golden::connect(&address, config(user, password));
            golden.check(&format!("login_{user}"));
            let mut client = client.unwrap();
            assert_eq!(rows(&mut client, "select current_user"), [user]);
            assert_eq!(
                client
                    .conversation
                    .parameters()
                    .get("session_authorization")
                    .unwrap(),
                user
            );
        }
    }
}

#[test]
fn every_method_keeps_out_who_has_not() {
    let cluster = Cluster::shared();
    for user in [CLEARTEXT_USER, MD5_USER, SCRAM_USER] {
        let (wrong, golden) = golden::connect(&tcp(cluster), config(user, Some("wrong")));
        golden.check(&format!("rejected_{user}"));
        assert_eq!(
            refusal(wrong),
            format!("28P01 FATAL: password authentication failed for user \"{user}\" (SQLSTATE 28P01)")
        );
        for nothing in [None, Some("")] {
            let nothing = Client::connect(&tcp(cluster), config(user, nothing), None);
            assert_eq!(refusal(nothing), "28P01 fe_sendauth: no password supplied");
        }
    }
}

#[test]
fn the_policy_holds_before_a_password_goes_out() {
    let cluster = Cluster::shared();
    let refused = |user, require_auth: &str| {
        let mut config = config(user, Some("a password that must not leave"));
        config.auth.require_auth = require_auth.parse().unwrap();
        refusal(Client::connect(&tcp(cluster), config, None))
    };
    for (user, reason) in [
        (CLEARTEXT_USER, "server requested a cleartext password"),
        (MD5_USER, "server requested a hashed password"),
        (TRUST_USER, "server did not complete authentication"),
    ] {
        assert_eq!(
            refused(user, "scram-sha-256"),
            format!("28000 authentication method requirement \"scram-sha-256\" failed: {reason}")
        );
    }
    assert_eq!(
        refused(SCRAM_USER, "!scram-sha-256"),
        "28000 authentication method requirement \"!scram-sha-256\" failed: server requested SCRAM-SHA-256 authentication"
    );

    let mut bound = config(SCRAM_USER, Some(SCRAM_PASSWORD));
    bound.auth.channel_binding = ChannelBinding::Require;
    assert_eq!(
        refusal(Client::connect(&tcp(cluster), bound, None)),
        "28000 channel binding required, but SSL not in use"
    );
}

#[test]
fn an_iteration_count_above_the_limit_is_refused_at_once() {
    let mut config = config(SCRAM_USER, Some(SCRAM_PASSWORD));
    config.auth.max_scram_iterations = 4095;
    let text = refusal(Client::connect(&tcp(Cluster::shared()), config, None));
    assert!(text.contains("4096") && text.contains("4095"), "{text}");
}

/// The keys that a cache would hold, or that a proxy was given, serve instead of the password.
#[test]
fn scram_keys_serve_instead_of_the_password() {
    let cluster = Cluster::shared();
    let verifier = cluster.psql(&format!(
        "select split_part(rolpassword, '$', 2) from pg_authid where rolname = '{SCRAM_USER}'"
    ));
    let (iterations, salt) = verifier.split_once(':').unwrap();
    let salt = base64::engine::general_purpose::STANDARD.decode(salt).unwrap();
    let derivation = KeyDerivation::new(Secret::from(SCRAM_PASSWORD), salt, iterations.parse().unwrap());
    let keys = derivation.run();

    let mut config = config(SCRAM_USER, None);
    config.auth.credentials.scram_client_key = Some(keys.client_key);
    config.auth.credentials.scram_server_key = Some(keys.server_key);
    let mut client = Client::connect(&tcp(cluster), config, None).unwrap();
    assert_eq!(rows(&mut client, "select current_user"), [SCRAM_USER]);
}

#[test]
fn a_database_that_does_not_exist() {
    let mut config = config(TRUST_USER, None);
    config.parameters = vec![("database".to_owned(), "nowhere".to_owned())];
    assert_eq!(
        refusal(Client::connect(&tcp(Cluster::shared()), config, None)),
        "3D000 FATAL: database \"nowhere\" does not exist (SQLSTATE 3D000)"
    );
}

#[test]
fn encryption_that_the_server_does_not_have() {
    let cluster = Cluster::shared();
    let with = |encryption| HandshakeConfig {
        encryption,
        ..config(TRUST_USER, None)
    };
    assert_eq!(
        refusal(Client::connect(
            &tcp(cluster),
            with(Encryption::Ssl { required: true }),
            None
        )),
        "08001 server does not support SSL, but SSL was required"
    );
    // A server may well begin GSSAPI encryption over TCP, never over a Unix socket.
    for (encryption, address) in [
        (Encryption::Ssl { required: false }, tcp(cluster)),
        (Encryption::Gss { required: false }, socket(cluster)),
    ] {
        let mut client = Client::connect(&address, with(encryption), None).unwrap();
        assert_eq!(rows(&mut client, "select current_user"), [TRUST_USER]);
    }
}

#[test]
fn scram_bound_to_tls() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder()
        .tls(&certificates)
        .hba(&format!("hostssl all {SCRAM_USER} 127.0.0.1/32 scram-sha-256"))
        .start();
    let address = Address::Tcp(
        SocketAddr::from((Ipv4Addr::LOCALHOST, cluster.port())),
        Some(certificates.ca_der.clone()),
    );
    let with = |password, channel_binding| {
        let mut config = config(SCRAM_USER, Some(password));
        config.encryption = Encryption::Ssl { required: true };
        config.auth.channel_binding = channel_binding;
        config
    };
    for channel_binding in [
        ChannelBinding::Require,
        ChannelBinding::Prefer,
        ChannelBinding::Disable,
    ] {
        let (client, golden) = golden::connect(&address, with(SCRAM_PASSWORD, channel_binding));
        golden.check(&format!("login_tls_{channel_binding}"));
        let mut client = client.unwrap();
        assert_eq!(
            rows(
                &mut client,
                "select current_user, ssl from pg_stat_ssl where pid = pg_backend_pid()"
            ),
            [format!("{SCRAM_USER}|t")]
        );
    }
    let (wrong, golden) = golden::connect(&address, with("wrong", ChannelBinding::Require));
    golden.check("rejected_tls_require");
    assert_eq!(
        refusal(wrong),
        format!("28P01 FATAL: password authentication failed for user \"{SCRAM_USER}\" (SQLSTATE 28P01)")
    );

    // Methods that cannot be bound, over the same TLS.
    let mut md5 = with("a password that must not leave", ChannelBinding::Require);
    md5.auth.user = MD5_USER.to_owned();
    assert_eq!(
        refusal(Client::connect(&address, md5, None)),
        "28000 channel binding required but not supported by server's authentication request"
    );
}

//! Opening a session.

use dblink_engine::connection::Connection;
use dblink_engine::net::tls::{Roots, TlsOptions, Verification};
use dblink_protocol::auth::ChannelBinding;
use dblink_protocol::handshake::Encryption;
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, roles};

use crate::support::{config, tcp, value};

#[tokio::test]
async fn with_every_password_method() {
    for (user, password) in [
        (roles::TRUST_USER, None),
        (roles::CLEARTEXT_USER, Some(roles::CLEARTEXT_PASSWORD)),
        (roles::MD5_USER, Some(roles::MD5_PASSWORD)),
        (roles::SCRAM_USER, Some(roles::SCRAM_PASSWORD)),
    ] {
        let stream = tcp(Cluster::shared()).await;
        let mut connection = Connection::open(stream, config(user, password), None)
            .await
            .unwrap();
        assert_eq!(value(&mut connection, "select 7").await.unwrap(), 7);
        connection.close().await.unwrap();

        let stream = tcp(Cluster::shared()).await;
        let wrong = Connection::open(stream, config(user, Some("wrong")), None).await;
        assert_eq!(wrong.is_ok(), password.is_none(), "{user}");
    }
}

#[tokio::test]
async fn with_scram_bound_to_tls() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder().tls(&certificates).start();
    let mut config = config(roles::SCRAM_USER, Some(roles::SCRAM_PASSWORD));
    config.encryption = Encryption::Ssl { required: true };
    config.auth.channel_binding = ChannelBinding::Require;
    let mut options = TlsOptions::new("localhost");
    options.verification = Verification::Full;
    options.roots = Roots::Pem(certificates.ca_pem.clone().into_bytes());
    let mut connection = Connection::open(tcp(&cluster).await, config.clone(), Some(&options))
        .await
        .unwrap();
    let encrypted = "select ssl::int from pg_stat_ssl where pid = pg_backend_pid()";
    assert_eq!(value(&mut connection, encrypted).await.unwrap(), 1);

    options.host = "elsewhere".into();
    let error = Connection::open(tcp(&cluster).await, config, Some(&options))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("elsewhere"), "{error}");
}

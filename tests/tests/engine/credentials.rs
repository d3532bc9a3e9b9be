//! Passwords and tokens that are asked for.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dblink_engine::connection::Connection;
use dblink_engine::conninfo::Config;
use dblink_engine::net::AttemptError;
use dblink_protocol::Secret;
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, refused_port, roles};

use crate::conninfo::{over_tcp, resolve};
use crate::script::{self, Act, Server, authentication, fatal, sasl};
use crate::support::WELCOME;

#[tokio::test]
async fn a_password_is_asked_for() {
    let cluster = Cluster::shared();
    // It counts more than the one of the options.
    let mut config = resolve(&over_tcp(cluster, roles::SCRAM_USER, "wrong"));
    let port = cluster.port();
    config.set_password_source(move |request| async move {
        assert_eq!(
            (
                request.host.as_str(),
                request.port,
                request.user.as_str(),
                request.dbname.as_str()
            ),
            ("localhost", port, roles::SCRAM_USER, "postgres")
        );
        Ok(Secret::from(roles::SCRAM_PASSWORD))
    });
    Connection::connect(&config).await.unwrap();
    // A copy asks the same.
    Connection::connect(&config.clone()).await.unwrap();
}

/// Two hosts of a server that takes everybody.
fn welcoming(server: &Server) -> Config {
    resolve(&format!(
        "host=127.0.0.1,127.0.0.1 port={0},{0} user=u sslmode=disable",
        server.port
    ))
}

#[tokio::test]
async fn a_source_that_fails_is_the_cause() {
    let server = Server::start(&[Act::Hear, Act::Say(WELCOME.to_vec())]);
    let mut config = welcoming(&server);
    config.set_password_source(|_| async { Err("the vault is closed".into()) });
    let error = Connection::connect(&config).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "connection to server at \"127.0.0.1\", port {} failed: could not get the password: the vault is closed",
            server.port
        )
    );
    let attempt = std::error::Error::source(&error).unwrap();
    let cause = attempt.source().unwrap();
    assert_eq!(cause.source().unwrap().to_string(), "the vault is closed");
}

#[tokio::test]
async fn a_source_has_as_much_time_as_there_is() {
    let server = Server::start(&[]);
    let mut config = welcoming(&server);
    config.set_password_source(|_| pending());
    let error = Connection::connect_within(&config, Duration::from_millis(200))
        .await
        .unwrap_err();
    assert!(
        matches!(error.attempts[0].cause, AttemptError::Timeout(_)),
        "{error}"
    );
}

#[tokio::test]
async fn nobody_is_asked_for_a_server_that_is_not_there() {
    let mut config = resolve(&format!("host=127.0.0.1 port={} user=u", refused_port()));
    config.set_password_source(|_| async { panic!("nobody needs it") });
    Connection::connect(&config).await.unwrap_err();
}

/// Has a configuration give a token, and counts how often it is asked.
fn give_token(config: &mut Config) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    config.set_token_source(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok(Secret::from("the-token")) }
    });
    asked
}

/// A server that demands a token.
fn demand() -> Vec<Act> {
    vec![Act::Hear, Act::Say(sasl("OAUTHBEARER"))]
}

#[tokio::test]
async fn a_token_is_not_sent_in_plain_text() {
    for (mode, times_asked, beginning) in [
        ("disable", 0, vec![]),
        ("prefer", 1, vec![Act::Hear, Act::Say(b"N".to_vec())]),
    ] {
        let mut server = Server::start(&[beginning, demand()].concat());
        let mut config = resolve(&format!(
            "host=127.0.0.1 port={} user=u sslmode={mode}",
            server.port
        ));
        let asked = give_token(&mut config);
        let error = Connection::connect(&config).await.unwrap_err();
        assert!(
            error.to_string().ends_with(
                "server requires OAuth authentication, but a bearer token is sent over TLS or a Unix-domain socket only"
            ),
            "{error}"
        );
        assert_eq!(error.sqlstate().as_str(), "28000");
        assert_eq!(asked.load(Ordering::SeqCst), times_asked, "{mode}");
        assert_eq!(server.last_words().await, b"", "{mode}");
    }
}

/// A server that speaks TLS, and then does this.
fn over_tls(script: Vec<Act>) -> (Server, Config) {
    let tls = script::tls(&Certificates::new(), None);
    let beginning = vec![Act::Hear, Act::Say(b"S".to_vec()), Act::StartTls(tls)];
    let server = Server::start(&[beginning, script].concat());
    let config = resolve(&format!(
        "host=127.0.0.1 port={} user=u sslmode=require oauth_issuer=https://id.example oauth_client_id=x",
        server.port
    ));
    (server, config)
}

/// A server that demands a token, takes this one, and lets the client in.
fn take() -> Vec<Act> {
    let token = b"n,,\x01auth=Bearer the-token\x01\x01";
    let rest = vec![Act::Expect(token.to_vec()), Act::Say(WELCOME.to_vec())];
    [demand(), rest].concat()
}

#[tokio::test]
async fn a_token_is_sent_over_tls() {
    let (_server, mut config) = over_tls(take());
    let asked = give_token(&mut config);
    Connection::connect(&config).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_is_sent_over_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let _server = Server::start_at(&folder.path().join(".s.PGSQL.5432"), &take());
    let mut config = resolve(&format!("host={} user=u", folder.path().display()));
    let asked = give_token(&mut config);
    // It may happen on any thread.
    let connecting = tokio::spawn(async move { Connection::connect(&config).await });
    connecting.await.unwrap().unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_that_demands_a_token_must_be_given_one() {
    let (_server, config) = over_tls(demand());
    let error = Connection::connect(&config).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("server requires OAuth authentication, but no bearer token was supplied"),
        "{error}"
    );
}

#[tokio::test]
async fn why_a_token_is_refused_is_told() {
    let refusal = br#"{"status":"invalid_token","scope":"db"}"#;
    let (_server, mut config) = over_tls(
        [
            demand(),
            vec![
                Act::Hear,
                Act::Say(authentication(11, refusal)),
                Act::Hear,
                Act::Say(fatal("28000", "OAuth bearer authentication failed")),
            ],
        ]
        .concat(),
    );
    give_token(&mut config);
    let error = Connection::connect(&config).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("server rejected OAuth bearer token: ")
            && text.contains("invalid_token")
            && text.contains("FATAL: OAuth bearer authentication failed")
            && !text.contains("the-token"),
        "{text}"
    );
    assert_eq!(error.sqlstate().as_str(), "28000");
}

#[tokio::test]
async fn what_this_client_does_not_speak_is_named() {
    for (code, name) in [(7, "GSSAPI"), (9, "SSPI")] {
        let server = Server::start(&[Act::Hear, Act::Say(authentication(code, b""))]);
        let error = Connection::connect(&welcoming(&server)).await.unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with(&format!("{name} authentication not supported")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_demand_for_what_this_client_does_not_speak_is_refused() {
    let server = Server::start(&[Act::Hear, Act::Say(WELCOME.to_vec())]);
    let connect = async |list: &str| {
        let config = resolve(&format!(
            "host=127.0.0.1,127.0.0.1 port={0},{0} user=u sslmode=disable require_auth={list}",
            server.port
        ));
        Connection::connect(&config).await
    };
    for list in ["gss", "sspi", "gss,sspi"] {
        let error = connect(list).await.unwrap_err();
        assert_eq!(error.attempts.len(), 1, "{error}");
        assert_eq!(error.sqlstate().as_str(), "0A000");
        let expected = format!("\"{list}\" cannot be met: this client has neither GSSAPI nor SSPI");
        assert!(error.to_string().ends_with(&expected), "{error}");
    }
    assert_eq!(server.connections(), 0);
    for list in ["gss,none", "!gss"] {
        connect(list).await.unwrap();
    }
}

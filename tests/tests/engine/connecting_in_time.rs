//! How long connecting may take, wherever a server falls silent.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use dblink_engine::connection::Connection;
use dblink_engine::net::{AttemptError, ConnectError};
use tokio::time::timeout;

use crate::conninfo::resolve;
use crate::script::{Act, Server, authentication, sasl};
use crate::support::WELCOME;

/// So long that it passes only where the test says so.
const LIMIT: Duration = Duration::from_secs(3600);
/// How long a test may really take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a server falls silent, the options that lead there, and what it does before that.
fn silences() -> Vec<(&'static str, &'static str, Vec<Act>)> {
    let plain = "sslmode=disable";
    vec![
        ("before it answers SSLRequest", "sslmode=require", vec![Act::Hear]),
        (
            "in the TLS handshake",
            "sslmode=require",
            vec![Act::Hear, Act::Say(b"S".to_vec()), Act::Hear],
        ),
        (
            "in the TLS handshake of direct TLS",
            "sslmode=require sslnegotiation=direct",
            vec![Act::Hear],
        ),
        ("after the startup packet", plain, vec![Act::Hear]),
        (
            "before its challenge",
            plain,
            vec![Act::Hear, Act::Say(sasl("SCRAM-SHA-256")), Act::Hear],
        ),
        (
            "after its challenge",
            plain,
            vec![
                Act::Hear,
                Act::Say(sasl("SCRAM-SHA-256")),
                Act::Challenge(1),
                Act::Hear,
            ],
        ),
        (
            "before ReadyForQuery",
            plain,
            vec![Act::Hear, Act::Say(authentication(0, b""))],
        ),
        (
            "when it is asked what it is",
            "sslmode=disable target_session_attrs=read-write",
            vec![Act::Hear, Act::Say(WELCOME.to_vec()), Act::Hear],
        ),
    ]
}

type Connecting<'a> = Pin<&'a mut dyn Future<Output = Result<Connection, ConnectError>>>;

/// Lets the limit pass when the server has fallen silent.
async fn pass_time(connecting: &mut Connecting<'_>, server: &mut Server) {
    let silence = async {
        tokio::select! {
            result = connecting.as_mut() => panic!("{result:?}"),
            () = server.silence() => {}
        }
    };
    timeout(PATIENCE, silence).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(LIMIT).await;
    tokio::time::resume();
}

async fn failure(connecting: Connecting<'_>) -> ConnectError {
    timeout(PATIENCE, connecting).await.unwrap().unwrap_err()
}

#[track_caller]
fn assert_timeouts(error: &ConnectError, count: usize, place: &str) {
    assert_eq!(error.attempts.len(), count, "{place}: {error}");
    for attempt in &error.attempts {
        assert!(
            matches!(attempt.cause, AttemptError::Timeout(LIMIT)),
            "{place}: {error}"
        );
        assert_eq!(attempt.cause.to_string(), "timeout expired after 3600 s");
    }
}

#[tokio::test]
async fn the_whole_has_its_time() {
    for (place, options, script) in silences() {
        let mut server = Server::start(&script);
        let other = Server::start(&[]);
        let config = resolve(&format!(
            "host=127.0.0.1,127.0.0.1 port={},{} user=u password=p {options}",
            server.port, other.port
        ));
        let mut connecting: Connecting<'_> = pin!(Connection::connect_within(&config, LIMIT));
        pass_time(&mut connecting, &mut server).await;
        assert_timeouts(&failure(connecting).await, 1, place);
        assert_eq!(other.connections(), 0, "{place}");
    }
}

#[tokio::test]
async fn each_address_has_its_time() {
    for (place, options, script) in silences() {
        let mut servers = [Server::start(&script), Server::start(&script)];
        let config = resolve(&format!(
            "host=127.0.0.1,127.0.0.1 port={},{} user=u password=p {options} connect_timeout={}",
            servers[0].port,
            servers[1].port,
            LIMIT.as_secs()
        ));
        let mut connecting: Connecting<'_> = pin!(Connection::connect(&config));
        for server in &mut servers {
            pass_time(&mut connecting, server).await;
        }
        assert_timeouts(&failure(connecting).await, 2, place);
    }
}

/// So many iterations take a while, and are not begun here but on a thread for such things.
#[tokio::test]
async fn deriving_keys_counts_and_keeps_nobody_waiting() {
    let mut server = Server::start(&[
        Act::Hear,
        Act::Say(sasl("SCRAM-SHA-256")),
        Act::Challenge(300_000),
    ]);
    let config = resolve(&format!(
        "host=127.0.0.1 port={} user=u password=p sslmode=disable",
        server.port
    ));
    let mut connecting: Connecting<'_> = pin!(Connection::connect_within(&config, LIMIT));
    pass_time(&mut connecting, &mut server).await;
    assert_timeouts(&failure(connecting).await, 1, "deriving keys");
    // It was given up before the proof was there.
    assert_eq!(server.last_words().await, b"");
}

/// What blocks has threads of its own. Where they are all busy, names are not looked up, and files not read.
#[test]
fn what_blocks_counts() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let (release, released) = std::sync::mpsc::channel::<()>();
    runtime.spawn_blocking(move || released.recv());
    let server = Server::start(&[Act::Hear, Act::Say(b"S".to_vec())]);
    for (host, place) in [
        ("localhost", "connection to server at \"localhost\" failed"),
        ("127.0.0.1", "connection to server at \"127.0.0.1\", port "),
    ] {
        let config = resolve(&format!(
            "host={host} port={} user=u sslmode=require",
            server.port
        ));
        let error = runtime.block_on(async {
            let connecting = Connection::connect_within(&config, Duration::from_millis(200));
            timeout(PATIENCE, connecting).await.unwrap().unwrap_err()
        });
        assert_eq!(error.attempts.len(), 1);
        assert!(error.to_string().starts_with(place), "{error}");
        assert!(
            matches!(error.attempts[0].cause, AttemptError::Timeout(_)),
            "{error}"
        );
    }
    drop(release);
}

#[tokio::test]
async fn a_limit_beyond_all_time_is_no_limit() {
    let server = Server::start(&[Act::Hear, Act::Say(WELCOME.to_vec())]);
    let config = resolve(&format!(
        "host=127.0.0.1 port={} user=u sslmode=disable",
        server.port
    ));
    Connection::connect_within(&config, Duration::MAX).await.unwrap();
}

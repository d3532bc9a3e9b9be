//! Several hosts: which of them is taken, and what is told of the others.
//!
//! PostgreSQL manual:
//! [Specifying Multiple Hosts](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS).

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use dblink_engine::connection::Connection;
use dblink_engine::net::ConnectError;
use dblink_tests::proxy::{Beginning, Proxy};
use dblink_tests::{Cluster, refused_port, roles};

use crate::conninfo::resolve;
use crate::support::{WELCOME, scripted, value};

/// A list of these ports of `127.0.0.1`, for the user without a password.
fn list(ports: &[u16]) -> String {
    let hosts = vec!["127.0.0.1"; ports.len()].join(",");
    let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
    format!(
        "host={hosts} port={} dbname=postgres user={} sslmode=disable",
        ports.join(","),
        roles::TRUST_USER
    )
}

async fn connect(conninfo: &str) -> Result<Connection, ConnectError> {
    Connection::connect(&resolve(conninfo)).await
}

/// The port of the server that a session is with.
async fn port(connection: &mut Connection) -> u16 {
    let port = value(connection, "select inet_server_port()").await.unwrap();
    port.try_into().unwrap()
}

/// The text of each attempt's failure.
fn causes(error: &ConnectError) -> Vec<String> {
    let attempts = error.attempts.iter();
    attempts.map(|attempt| attempt.cause.to_string()).collect()
}

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    /// A primary whose sessions begin read-only.
    ReadOnly,
    Standby,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Primary, Self::ReadOnly, Self::Standby];

    /// Why it is not what is asked for, if it is not.
    fn refusal(self, attrs: &str) -> Option<&'static str> {
        match (attrs, self) {
            ("read-write", Self::ReadOnly | Self::Standby) => Some("session is read-only"),
            ("read-only", Self::Primary) => Some("session is not read-only"),
            ("primary", Self::Standby) => Some("server is in hot standby mode"),
            ("standby", Self::Primary | Self::ReadOnly) => Some("server is not in hot standby mode"),
            _ => None,
        }
    }
}

/// Every list of one to three different kinds.
fn lists_of_kinds() -> Vec<Vec<Kind>> {
    let mut lists = vec![vec![]];
    let mut next = 0;
    while next < lists.len() {
        for kind in Kind::ALL {
            if !lists[next].contains(&kind) {
                lists.push([&lists[next][..], &[kind]].concat());
            }
        }
        next += 1;
    }
    lists.remove(0);
    assert_eq!(lists.len(), 15);
    lists
}

/// All of them, with every demand.
#[tokio::test]
async fn target_session_attrs() {
    let primary = Cluster::start();
    let standby = primary.standby();
    let read_only = Cluster::start();
    read_only.psql("alter role trust_user set default_transaction_read_only = on");
    let cluster = |kind| match kind {
        Kind::Primary => &primary,
        Kind::ReadOnly => &read_only,
        Kind::Standby => &standby,
    };
    for kinds in lists_of_kinds() {
        let ports: Vec<_> = kinds.iter().map(|kind| cluster(*kind).port()).collect();
        for attrs in [
            "any",
            "read-write",
            "read-only",
            "primary",
            "standby",
            "prefer-standby",
        ] {
            let expected = match attrs {
                "prefer-standby" => kinds
                    .iter()
                    .find(|kind| **kind == Kind::Standby)
                    .or_else(|| kinds.first()),
                _ => kinds.iter().find(|kind| kind.refusal(attrs).is_none()),
            };
            let result = connect(&format!("{} target_session_attrs={attrs}", list(&ports))).await;
            match (result, expected) {
                (Ok(mut connection), Some(kind)) => {
                    assert_eq!(
                        port(&mut connection).await,
                        cluster(*kind).port(),
                        "{attrs} of {kinds:?}"
                    );
                }
                (Err(error), None) => {
                    let refusals: Vec<_> = kinds.iter().map(|kind| kind.refusal(attrs).unwrap()).collect();
                    assert_eq!(causes(&error), refusals, "{attrs} of {kinds:?}");
                }
                (result, expected) => panic!("{attrs} of {kinds:?}: {result:?}, {expected:?} was expected"),
            }
        }
    }
}

/// What servers before 14 do not report, they are asked for.
#[tokio::test]
async fn target_session_attrs_of_an_old_server() {
    // RowDescription, DataRow, CommandComplete, ReadyForQuery.
    const ON: &[u8] = b"T\0\0\0\x1a\0\x01a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0\
                        D\0\0\0\x0c\0\x01\0\0\0\x02onC\0\0\0\x09SHOW\0Z\0\0\0\x05I";
    const TRUE: &[u8] = b"T\0\0\0\x1a\0\x01a\0\0\0\0\0\0\0\0\0\0\x10\0\x01\xff\xff\xff\xff\0\0\
                          D\0\0\0\x0b\0\x01\0\0\0\x01tC\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I";
    for (attrs, answer, refusal) in [
        ("any", ON, None),
        ("read-only", ON, None),
        ("read-write", ON, Some("session is read-only")),
        ("standby", TRUE, None),
        ("prefer-standby", TRUE, None),
        ("primary", TRUE, Some("server is in hot standby mode")),
    ] {
        let conninfo = list(&[scripted(WELCOME, answer)]);
        let result = connect(&format!("{conninfo} target_session_attrs={attrs}")).await;
        let refusals = result.err().map(|error| causes(&error));
        assert_eq!(refusals, refusal.map(|text| vec![text.to_owned()]), "{attrs}");
    }
}

/// The session with a server that is no standby is kept for the case that there is none. libpq dials once more.
#[tokio::test]
async fn prefer_standby_keeps_the_first_session() {
    let cluster = Cluster::shared();
    let proxies = [(); 3].map(|()| Proxy::to(cluster.port()));
    let down = refused_port();
    let ports = [down, proxies[0].port(), proxies[1].port(), proxies[2].port()];
    let conninfo = format!("{} target_session_attrs=prefer-standby", list(&ports));
    let mut connection = connect(&conninfo).await.unwrap();
    assert_eq!(value(&mut connection, "select 7").await.unwrap(), 7);
    for proxy in &proxies {
        assert_eq!(proxy.seen(), [Beginning::Startup]);
    }
    // It can be cancelled through the proxy that it goes through.
    let limit = Duration::from_secs(10);
    connection.cancel_handle().unwrap().cancel(limit).await.unwrap();
    assert_eq!(proxies[0].seen(), [Beginning::Startup, Beginning::Cancel]);
}

#[tokio::test]
async fn random_order_reaches_all() {
    let proxies = [(); 3].map(|()| Proxy::to(Cluster::shared().port()));
    let conninfo = list(&[proxies[0].port(), proxies[1].port(), proxies[2].port()]);
    let counts = || [0, 1, 2].map(|index: usize| proxies[index].seen().len());
    for _ in 0..10 {
        connect(&format!("{conninfo} load_balance_hosts=disable"))
            .await
            .unwrap();
    }
    assert_eq!(counts(), [10, 0, 0]);
    // That one is left out by chance happens once in four million times.
    for _ in 0..40 {
        connect(&format!("{conninfo} load_balance_hosts=random"))
            .await
            .unwrap();
    }
    let counts = counts();
    assert_eq!(counts.iter().sum::<usize>(), 50);
    assert!(counts[0] > 10 && counts[1] > 0 && counts[2] > 0, "{counts:?}");
}

/// Hosts that cannot be reached, each for a reason of its own, and all of them told.
#[tokio::test]
async fn hosts_that_are_down() {
    let cluster = Cluster::shared();
    let down = refused_port();
    let up = cluster.port();
    let hosts = "host=127.0.0.1,a..b,broadcast.example,/nonexistent,localhost,127.0.0.1";
    let addresses = "hostaddr=,,255.255.255.255,,127.0.0.1,";
    let options = format!("dbname=postgres user={} sslmode=disable", roles::TRUST_USER);
    let ports = |last: u16| format!("port={down},{down},{down},{down},{down},{last}");

    let mut connection = connect(&format!("{hosts} {addresses} {} {options}", ports(up)))
        .await
        .unwrap();
    assert_eq!(port(&mut connection).await, up);

    let error = connect(&format!("{hosts} {addresses} {} {options}", ports(down)))
        .await
        .unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "08001");
    let attempts: Vec<_> = error.attempts.iter().map(ToString::to_string).collect();
    let beginnings = [
        format!("connection to server at \"127.0.0.1\", port {down} failed: Connection refused"),
        "could not translate host name \"a..b\" to address: ".to_owned(),
        format!("connection to server at \"255.255.255.255\", port {down} failed: "),
        format!(
            "connection to server on socket \"/nonexistent/.s.PGSQL.{down}\" failed: No such file or directory"
        ),
        format!("connection to server at \"127.0.0.1\", port {down} failed: Connection refused"),
        format!("connection to server at \"127.0.0.1\", port {down} failed: Connection refused"),
    ];
    assert_eq!(attempts.len(), beginnings.len(), "{error}");
    for (attempt, beginning) in attempts.iter().zip(&beginnings) {
        assert!(attempt.starts_with(beginning), "{attempt}");
    }
    assert_eq!(error.to_string(), attempts.join("\n"));
}

/// The host that was taken, as it was given, where it is, and its port.
#[tokio::test]
async fn the_host_that_was_taken_is_told() {
    let cluster = Cluster::shared();
    let (down, up) = (refused_port(), cluster.port());
    let folder = cluster.socket_dir().to_str().unwrap().to_owned();
    let localhost = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    for (hosts, host, hostaddr) in [
        (
            "host=127.0.0.1,localhost hostaddr=,127.0.0.1".to_owned(),
            "localhost",
            localhost,
        ),
        ("hostaddr=127.0.0.1,127.0.0.1".to_owned(), "127.0.0.1", localhost),
        (format!("host=127.0.0.1,{folder}"), folder.as_str(), None),
    ] {
        let options = format!("dbname=postgres user={} sslmode=disable", roles::TRUST_USER);
        let connection = connect(&format!("{hosts} port={down},{up} {options}"))
            .await
            .unwrap();
        assert_eq!(connection.host(), Some(host), "{hosts}");
        assert_eq!(connection.hostaddr(), hostaddr, "{hosts}");
        assert_eq!(connection.port(), Some(up), "{hosts}");
    }
}

/// A port that cannot be is a host that is down.
#[tokio::test]
async fn ports_that_cannot_be() {
    let cluster = Cluster::shared();
    let options = format!("dbname=postgres user={}", roles::TRUST_USER);
    let hosts = "host=127.0.0.1,127.0.0.1,127.0.0.1";
    let conninfo = format!("{hosts} port=0,65536,{} {options}", cluster.port());
    connect(&conninfo).await.unwrap();
    let error = connect(&format!("{hosts} port=0,65536,{} {options}", refused_port()))
        .await
        .unwrap_err();
    let causes = causes(&error);
    assert_eq!(
        causes[..2],
        ["invalid port number: \"0\"", "invalid port number: \"65536\""]
    );
}

/// One name with several addresses: all of them are tried.
#[tokio::test]
async fn a_name_with_two_addresses() {
    let addresses = tokio::net::lookup_host(("localhost", 1)).await.unwrap().count();
    let error = connect(&format!("host=localhost port={} user=u", refused_port()))
        .await
        .unwrap_err();
    assert_eq!(error.attempts.len(), addresses, "{error}");
}

#[tokio::test]
async fn an_address_may_be_written_in_every_way() {
    let cluster = Cluster::shared();
    for address in ["127.1", "0x7f.0.0.1", "2130706433"] {
        let conninfo = format!("{} hostaddr={address}", list(&[cluster.port()]));
        connect(&conninfo).await.unwrap();
    }
    // What cannot be an address or a path is passed over.
    let long = format!("/{}", "x".repeat(100));
    let conninfo = format!(
        "host=name,{long} hostaddr=nonsense, port={} user=u",
        cluster.port()
    );
    let error = connect(&conninfo).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "could not parse network address \"nonsense\": Name or service not known\n\
             Unix-domain socket path \"{long}/.s.PGSQL.{}\" is too long (maximum 107 bytes)",
            cluster.port()
        )
    );
}

#[tokio::test]
async fn the_cause_of_the_last_attempt_is_the_source() {
    let ports = [refused_port(), refused_port()];
    let conninfo = format!("host=/nowhere,127.0.0.1 port={},{} user=u", ports[0], ports[1]);
    let error = connect(&conninfo).await.unwrap_err();
    let attempt = error.source().unwrap();
    assert_eq!(attempt.to_string(), error.attempts[1].to_string());
    let cause = attempt.source().unwrap();
    assert_eq!(cause.to_string(), "Connection refused");
    let io = cause.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(io.kind(), io::ErrorKind::ConnectionRefused);
}

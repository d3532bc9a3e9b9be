//! Connecting by connection string.

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use dblink_engine::connection::Connection;
use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, roles};

use crate::conninfo::{over_tcp, refused_port, resolve};
use crate::support::{WELCOME, scripted, value};

#[tokio::test]
async fn over_tcp_and_over_a_socket() {
    let cluster = Cluster::shared();
    let socket = format!(
        "host={} port={} dbname=postgres user={}",
        cluster.socket_dir().display(),
        cluster.port(),
        roles::SUPERUSER
    );
    for conninfo in [
        over_tcp(cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD),
        over_tcp(cluster, roles::MD5_USER, roles::MD5_PASSWORD),
        socket,
    ] {
        let mut connection = Connection::connect(&resolve(&conninfo)).await.unwrap();
        assert_eq!(value(&mut connection, "select 7").await.unwrap(), 7);
    }
}

#[tokio::test]
async fn a_host_that_refuses_is_passed_over() {
    let cluster = Cluster::shared();
    let down = refused_port();
    let config = resolve(&format!(
        "host=127.0.0.1,127.0.0.1 port={down},{} dbname=postgres user={}",
        cluster.port(),
        roles::TRUST_USER
    ));
    Connection::connect(&config).await.unwrap();
}

#[tokio::test]
async fn a_server_that_refuses_a_password_is_the_last() {
    let cluster = Cluster::shared();
    let port = cluster.port();
    let config = resolve(&format!(
        "host=127.0.0.1,127.0.0.1 port={port},{port} dbname=postgres user={} password=wrong sslmode=disable",
        roles::SCRAM_USER
    ));
    let error = Connection::connect(&config).await.unwrap_err();
    assert_eq!(error.attempts.len(), 1, "{error}");
    assert_eq!(error.sqlstate().as_str(), "28P01");
    assert_eq!(
        error.to_string(),
        format!(
            "connection to server at \"127.0.0.1\", port {port} failed: FATAL: password authentication failed for user \
             \"{}\" (SQLSTATE 28P01)",
            roles::SCRAM_USER
        )
    );
}

#[tokio::test]
async fn every_address_that_was_tried_is_told() {
    let (one, two) = (refused_port(), refused_port());
    let config = resolve(&format!("host=127.0.0.1,localhost port={one},{two} user=u"));
    let error = Connection::connect(&config).await.unwrap_err();
    assert!(error.attempts.len() >= 2, "{error}");
    let text = error.to_string();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some(&*format!(
            "connection to server at \"127.0.0.1\", port {one} failed: Connection refused"
        ))
    );
    let advice = "\tIs the server running on that host and accepting TCP/IP connections?";
    assert_eq!(lines.next(), Some(advice));
    assert!(
        text.contains(&format!(
            "\nconnection to server at \"localhost\" (127.0.0.1), port {two} failed: Connection refused\n{advice}"
        )),
        "{text}"
    );
    assert_eq!(error.sqlstate().as_str(), "08001");
}

/// A server that takes the connection and says nothing.
#[tokio::test]
async fn a_silent_server_is_given_up_in_time() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    let cluster = Cluster::shared();
    let hosts = format!(
        "host=127.0.0.1,127.0.0.1 port={port},{} dbname=postgres user={}",
        cluster.port(),
        roles::TRUST_USER
    );
    // Each address has its time: the second host answers.
    let start = Instant::now();
    Connection::connect(&resolve(&format!("{hosts} connect_timeout=1")))
        .await
        .unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));

    // The whole has its time: nothing else is tried.
    let start = Instant::now();
    let error = Connection::connect_within(&resolve(&hosts), Duration::from_millis(200))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("timeout expired"), "{error}");
    assert_eq!(error.attempts.len(), 1, "{error}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// A server that lets us in, and then does not say what it is.
#[tokio::test]
async fn asking_for_the_session_has_the_same_time() {
    let port = scripted(WELCOME, b"");
    let conninfo =
        format!("host=127.0.0.1 port={port} user=u sslmode=disable target_session_attrs=read-write");
    for config in [
        resolve(&format!("{conninfo} connect_timeout=1")),
        resolve(&conninfo),
    ] {
        let error = Connection::connect_within(&config, Duration::from_secs(1))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("timeout expired"), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_asks_for_is_not_enough_where_it_must_be() {
    let conninfo = over_tcp(Cluster::shared(), roles::SCRAM_USER, roles::SCRAM_PASSWORD);
    for mode in ["disable", "prefer"] {
        let config = resolve(&format!("{conninfo} sslmode={mode} sslcertmode=require"));
        let error = Connection::connect(&config).await.unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("server did not request an SSL certificate"),
            "{error}"
        );
    }
}

/// A server that says why it ends the session, and keeps the connection open.
#[tokio::test]
async fn the_servers_last_word_is_enough() {
    let port = scripted(WELCOME, b"E\0\0\0\x1cVFATAL\0C57P01\0Mthe end\0\0");
    let config = resolve(&format!("host=127.0.0.1 port={port} user=u sslmode=disable"));
    let mut connection = Connection::connect(&config).await.unwrap();
    let error = connection.execute("select 1", &[]).await.unwrap_err();
    assert_eq!(error.sqlstate().as_str(), "57P01", "{error}");
    assert!(connection.is_closed());
}

#[tokio::test]
async fn a_session_is_what_was_asked_for() {
    let cluster = Cluster::shared();
    let read_only = Cluster::start();
    read_only.psql("alter role trust_user set default_transaction_read_only = on");
    let config = |attrs: &str| {
        resolve(&format!(
            "host=127.0.0.1,127.0.0.1 port={},{} dbname=postgres user={} target_session_attrs={attrs}",
            read_only.port(),
            cluster.port(),
            roles::TRUST_USER
        ))
    };
    for (attrs, port) in [
        ("any", read_only.port()),
        ("read-only", read_only.port()),
        ("read-write", cluster.port()),
        ("primary", read_only.port()),
        ("prefer-standby", read_only.port()),
    ] {
        let mut connection = Connection::connect(&config(attrs)).await.unwrap();
        assert_eq!(
            value(&mut connection, "select inet_server_port()").await.unwrap(),
            i32::from(port),
            "{attrs}"
        );
    }
    let error = Connection::connect(&config("standby")).await.unwrap_err();
    assert_eq!(error.attempts.len(), 2);
    assert!(
        error
            .to_string()
            .contains("failed: server is not in hot standby mode"),
        "{error}"
    );
}

#[tokio::test]
async fn the_server_behind_a_socket_must_be_who_it_should() {
    let cluster = Cluster::shared();
    let config = |peer: &str| {
        resolve(&format!(
            "host={} port={} dbname=postgres user={} requirepeer={peer}",
            cluster.socket_dir().display(),
            cluster.port(),
            roles::SUPERUSER
        ))
    };
    // It is the end: no other host is tried.
    let mut two = config("nobody_at_all");
    two.hosts.push(two.hosts[0].clone());
    let error = Connection::connect(&two).await.unwrap_err();
    assert_eq!(error.attempts.len(), 1, "{error}");
    let text = error.to_string();
    let actual = text.split('"').rev().nth(1).unwrap();
    assert!(
        text.contains("requirepeer specifies \"nobody_at_all\", but actual peer user name is"),
        "{text}"
    );
    Connection::connect(&config(actual)).await.unwrap();
}

/// From another task, while the connection is busy; over TLS too, with the same demands on the certificate.
#[tokio::test]
async fn a_running_query_is_cancelled() {
    let certificates = Certificates::new();
    let cluster = Cluster::builder().tls(&certificates).start();
    for mode in ["disable", "require"] {
        let conninfo = over_tcp(&cluster, roles::SCRAM_USER, roles::SCRAM_PASSWORD);
        let config = resolve(&format!("{conninfo} sslmode={mode}"));
        let mut connection = Connection::connect(&config).await.unwrap();
        let handle = connection.cancel_handle().unwrap();
        // The notice tells that it runs.
        let (running, runs) = tokio::sync::oneshot::channel::<()>();
        let mut running = Some(running);
        connection.on_notice(move |_| drop(running.take()));
        let cancel = async {
            runs.await.unwrap_err();
            handle.cancel(Duration::from_secs(10)).await.unwrap();
        };
        let query = connection.execute(
            "do $$ begin raise notice 'running'; perform pg_sleep(3600); end $$",
            &[],
        );
        let (result, ()) = tokio::join!(query, cancel);
        assert_eq!(result.unwrap_err().sqlstate().as_str(), "57014", "{mode}");
        assert_eq!(value(&mut connection, "select 1").await.unwrap(), 1);
    }
}

#[tokio::test]
async fn an_address_may_be_written_in_every_way() {
    let cluster = Cluster::shared();
    let conninfo = over_tcp(cluster, roles::TRUST_USER, "none");
    for address in ["127.1", "0x7f.0.0.1", "2130706433"] {
        let config = resolve(&format!("{conninfo} hostaddr={address}"));
        Connection::connect(&config).await.unwrap();
    }
    // What cannot be an address or a path is passed over.
    let long = format!("/{}", "x".repeat(100));
    let config = resolve(&format!(
        "host=name,{long} hostaddr=nonsense, port={} user=u",
        cluster.port()
    ));
    let error = Connection::connect(&config).await.unwrap_err();
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
async fn a_name_without_an_address_is_told() {
    // Nobody can have it: RFC 6761.
    let error = Connection::connect(&resolve("host=nowhere.invalid user=u"))
        .await
        .unwrap_err();
    let text = error.to_string();
    let reason = text.strip_prefix("could not translate host name \"nowhere.invalid\" to address: ");
    assert!(reason.is_some_and(|reason| !reason.contains("lookup")), "{text}");
}

#[tokio::test]
async fn a_password_from_a_file_is_told_with_the_file() {
    let cluster = Cluster::shared();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passwords");
    std::fs::write(&file, "*:*:*:*:not-the-one\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let port = cluster.port();
    let connect = async |user: &str| {
        let config = resolve(&format!(
            "host=127.0.0.1 port={port} user={user} dbname=postgres sslmode=disable passfile={}",
            file.display()
        ));
        Connection::connect(&config).await.unwrap_err()
    };
    let error = connect(roles::SCRAM_USER).await;
    let text = error.to_string();
    assert!(
        text.ends_with(&format!(
            "\n\tpassword retrieved from file \"{}\"",
            file.display()
        )),
        "{text}"
    );
    assert!(!format!("{error:?}{text}").contains("not-the-one"), "{text}");
    assert_eq!(error.attempts[0].password_file.as_ref(), Some(&file));
    // Where the password is not the reason, the file is not told.
    let error = connect(roles::SUPERUSER).await;
    assert_eq!(error.sqlstate().as_str(), "28000");
    assert_eq!(error.attempts[0].password_file, None);
}

#[tokio::test]
async fn the_cause_of_the_last_attempt_is_the_source() {
    let config = resolve(&format!(
        "host=/nowhere,127.0.0.1 port={},{} user=u",
        refused_port(),
        refused_port()
    ));
    let error = Connection::connect(&config).await.unwrap_err();
    let attempt = error.source().unwrap();
    assert_eq!(attempt.to_string(), error.attempts[1].to_string());
    let cause = attempt.source().unwrap();
    assert_eq!(cause.to_string(), "Connection refused");
    let io = cause.source().unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(io.kind(), std::io::ErrorKind::ConnectionRefused);
    // The first one is told with the others.
    assert!(
        error.to_string().contains(
            "failed: No such file or directory\n\tIs the server running locally and accepting connections on that \
             socket?\n"
        ),
        "{error}"
    );
}

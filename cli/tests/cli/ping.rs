//! `dblink ping`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use dblink_tests::tls::Certificates;
use dblink_tests::{Cluster, refused_port, roles};

use crate::pty::Terminal;
use crate::support::{dblink, run};

/// The text with its times and its port left out.
fn steady(text: &str, cluster: &Cluster) -> String {
    let version = cluster.psql("show server_version");
    let text = text
        .replace(&cluster.port().to_string(), "PORT")
        .replace(&version, "VERSION")
        .replace(cluster.socket_dir().to_str().unwrap(), "SOCKETS");
    let lines = text.lines().map(|line| match line.strip_suffix(" ms") {
        Some(start) => {
            let (title, number) = start.rsplit_once(' ').unwrap();
            assert!(number.parse::<f64>().unwrap() > 0.0, "{line}");
            format!("{title} T ms\n")
        }
        None => format!("{line}\n"),
    });
    lines.collect()
}

fn tcp(cluster: &Cluster) -> String {
    format!(
        "host={} port={} dbname=postgres user={}",
        cluster.host(),
        cluster.port(),
        roles::TRUST_USER
    )
}

#[test]
fn a_server_that_is_there_tells_of_itself() {
    let cluster = Cluster::shared();
    let said = run(["ping", &tcp(cluster)]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!(steady(&said.out, cluster), @"
    127.0.0.1:PORT - accepting connections
    address:     127.0.0.1:PORT
    server:      PostgreSQL VERSION, primary
    encryption:  none
    connecting:  T ms
    round trip:  T ms
    ");
    let said = run(["ping", &cluster.conninfo()]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!(steady(&said.out, cluster), @"
    SOCKETS:PORT - accepting connections
    address:     SOCKETS/.s.PGSQL.PORT
    server:      PostgreSQL VERSION, primary
    encryption:  none
    connecting:  T ms
    round trip:  T ms
    ");
}

#[test]
fn encryption_is_told() {
    let cluster = Cluster::builder().tls(&Certificates::new()).start();
    let said = run(["ping", &format!("{} sslmode=require", tcp(&cluster))]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("\nencryption:  TLSv1.3, TLS_"), "{}", said.out);
}

#[test]
fn a_standby_is_told() {
    let primary = Cluster::start();
    let standby = primary.standby();
    let said = run(["ping", &standby.conninfo()]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains(", standby\n"), "{}", said.out);
    // Where there are several hosts, it is told which one it was.
    let (first, second) = (primary.port(), standby.port());
    let conn = format!(
        "host=127.0.0.1,127.0.0.1 port={first},{second} user={} dbname=postgres target_session_attrs=standby",
        roles::TRUST_USER
    );
    let said = run(["ping", &conn]);
    assert!(
        said.out
            .starts_with(&format!("127.0.0.1:{second} - accepting connections\n")),
        "{}",
        said.out
    );

    let conn = format!("{} target_session_attrs=primary", standby.conninfo());
    let said = run(["ping", &conn]);
    assert_eq!((said.code, said.out.lines().count()), (Some(1), 1));
    assert!(said.out.ends_with(" - accepting connections\n"), "{}", said.out);
}

#[test]
fn a_login_that_is_refused_is_the_answer_of_a_server() {
    let cluster = Cluster::shared();
    let said = run([
        "ping",
        &format!(
            "{} password=wrong",
            tcp(cluster).replace(roles::TRUST_USER, roles::SCRAM_USER)
        ),
    ]);
    assert_eq!(said.code, Some(1));
    insta::assert_snapshot!(steady(&said.out, cluster), @"127.0.0.1:PORT - accepting connections");
    insta::assert_snapshot!(said.err.replace(&cluster.port().to_string(), "PORT"), @r#"dblink: connection to server at "127.0.0.1", port PORT failed: FATAL:  password authentication failed for user "scram_user""#);
}

#[test]
fn nobody_is_asked_for_a_password() {
    let cluster = Cluster::shared();
    let mut command = dblink();
    command.args([
        "ping",
        &tcp(cluster).replace(roles::TRUST_USER, roles::SCRAM_USER),
    ]);
    let (text, code) = Terminal::run(command).end();
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(steady(&text, cluster), @"
    127.0.0.1:PORT - accepting connections
    The server wants a password, so no more is known of it.
    ");
}

#[test]
fn who_does_not_answer_is_told() {
    let port = refused_port();
    let said = run(["ping", &format!("host=127.0.0.1,127.0.0.1 port={port},{port}")]);
    assert_eq!(said.code, Some(2));
    assert_eq!(said.out, format!("127.0.0.1:{port} - no response\n").repeat(2));
    assert_eq!(said.err.matches("Connection refused").count(), 2, "{}", said.err);

    // Somebody who takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let said = run([
        "ping",
        &format!("host=127.0.0.1 port={port}"),
        "--timeout",
        "50ms",
    ]);
    assert_eq!(
        (said.code, said.out),
        (Some(2), format!("127.0.0.1:{port} - no response\n"))
    );
    assert!(said.err.contains("timeout expired"), "{}", said.err);

    let said = run(["ping", "host=name.invalid"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(2), "name.invalid - no response\n")
    );
}

#[test]
fn a_server_that_starts_up_rejects() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut length = [0; 4];
        client.read_exact(&mut length).unwrap();
        let mut startup = vec![0; u32::from_be_bytes(length) as usize - 4];
        client.read_exact(&mut startup).unwrap();
        client
            .write_all(b"E\0\0\0\x29SFATAL\0C57P03\0Mstill starting, wait\0\0")
            .unwrap();
    });
    let said = run(["ping", &format!("host=127.0.0.1 port={port} sslmode=disable")]);
    server.join().unwrap();
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert_eq!(said.out, format!("127.0.0.1:{port} - rejecting connections\n"));
    assert!(said.err.contains("FATAL:  still starting, wait"), "{}", said.err);
}

#[test]
fn what_cannot_be_tried_is_told() {
    let said = run(["ping", "sslmode=x"]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(2), "", "dblink: invalid sslmode value: \"x\"\n")
    );
}

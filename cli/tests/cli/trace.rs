//! `dblink trace`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use dblink_tests::{Cluster, refused_port, roles};
use tempfile::TempDir;

use crate::support::{Limit, Said, dblink, interrupt, run};

/// Runs until it is cancelled, and says when it runs.
const SLEEP: &str = "do $$ begin raise notice 'runs'; perform pg_sleep(600); end $$";

/// The program as a proxy.
struct Proxy {
    child: Child,
    /// Until somebody else reads it.
    out: Option<BufReader<ChildStdout>>,
    err: BufReader<ChildStderr>,
    address: String,
    _limit: Limit,
}

impl Proxy {
    fn start(listen: &str, to: &str, args: &[&str]) -> Self {
        let mut command = dblink();
        command.args(["trace", "--listen", listen, "--to", to]).args(args);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = child.stdout.take().map(BufReader::new);
        let mut err = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        err.read_line(&mut first).unwrap();
        let address = first
            .strip_prefix("dblink: listening on ")
            .and_then(|rest| rest.split_once(" for "))
            .unwrap_or_else(|| panic!("{first}"))
            .0
            .to_owned();
        Self {
            _limit: Limit::of(&child),
            child,
            out,
            err,
            address,
        }
    }

    /// In front of the shared server.
    fn of_the_server(args: &[&str]) -> Self {
        Self::start("127.0.0.1:0", &server(), args)
    }

    fn port(&self) -> u16 {
        self.address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// Where a user without a password reaches the server.
    fn conn(&self) -> String {
        format!(
            "host=127.0.0.1 port={} dbname=postgres user={}",
            self.port(),
            roles::TRUST_USER
        )
    }

    /// psql through it.
    fn psql(&self, user: &str, args: &[&str]) -> Said {
        self.psql_command(user).args(args).output().unwrap().into()
    }

    fn psql_command(&self, user: &str) -> Command {
        let mut command = Cluster::shared().psql_command();
        command
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.port().to_string())
            .env("PGUSER", user);
        command
    }

    /// psql through it, with a statement that runs.
    fn sleeping_psql(&mut self) -> Child {
        let psql = self
            .psql_command(roles::TRUST_USER)
            .args(["-c", SLEEP])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        self.lines_until("NoticeResponse");
        psql
    }

    /// The lines up to one that has this.
    fn lines_until(&mut self, text: &str) -> String {
        let mut lines = String::new();
        loop {
            let mut line = String::new();
            assert!(
                self.out.as_mut().unwrap().read_line(&mut line).unwrap() > 0,
                "{text:?} does not come, but: {lines}"
            );
            lines.push_str(&line);
            if line.contains(text) {
                return lines;
            }
        }
    }

    /// What else it says, when it has ended by itself.
    fn end(mut self) -> Said {
        let mut said = Said {
            code: None,
            out: String::new(),
            err: String::new(),
        };
        if let Some(out) = &mut self.out {
            out.read_to_string(&mut said.out).unwrap();
        }
        self.err.read_to_string(&mut said.err).unwrap();
        said.code = self.child.wait().unwrap().code();
        said
    }

    /// Presses Ctrl-C.
    fn interrupt(self) -> Said {
        interrupt(&self.child);
        self.end()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn server() -> String {
    let cluster = Cluster::shared();
    format!("{}:{}", cluster.host(), cluster.port())
}

#[test]
fn a_conversation_of_psql_is_printed() {
    let mut proxy = Proxy::of_the_server(&["--once", "--regress"]);
    let said = proxy.psql(roles::TRUST_USER, &["-c", "select 1 as n"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "1\n"), "{}", said.err);
    let mut trace = proxy.lines_until("ReadyForQuery");
    // What the server reports of itself differs from version to version.
    trace = trace
        .lines()
        .filter(|line| !line.contains("ParameterStatus"))
        .map(|line| format!("{line}\n"))
        .collect();
    let said = proxy.end();
    assert_eq!(said.code, Some(0));
    trace.push_str(&said.out);
    let startup = trace
        .lines()
        .position(|line| line.contains("StartupMessage"))
        .unwrap();
    let session: Vec<_> = trace.lines().skip(startup + 1).collect();
    insta::assert_snapshot!(session.join("\n").replace('\t', " "), @r#"
    B 8 AuthenticationOk
    B 12 BackendKeyData  NNNN 'BBBB'
    B 5 ReadyForQuery  I
    F 18 Query  "select 1 as n"
    B 26 RowDescription  1 "n" NNNN 0 NNNN 4 -1 0
    B 11 DataRow  1 1 '1'
    B 13 CommandComplete  "SELECT 1"
    B 5 ReadyForQuery  I
    F 4 Terminate
    "#);
    insta::assert_snapshot!(said.err, @"dblink: a client asks for encryption, and is told that there is none: what is encrypted cannot be read. It needs sslmode=prefer or sslmode=disable");
}

#[test]
fn secrets_are_left_out() {
    for (user, password) in [
        (roles::SCRAM_USER, roles::SCRAM_PASSWORD),
        (roles::CLEARTEXT_USER, roles::CLEARTEXT_PASSWORD),
        (roles::MD5_USER, roles::MD5_PASSWORD),
    ] {
        let proxy = Proxy::of_the_server(&["--once"]);
        let conn = format!(
            "host=127.0.0.1 port={} dbname=postgres user={user} password={password}",
            proxy.port()
        );
        let said = run(["pkey", &conn, "pg_catalog.pg_class"]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        let said = proxy.end();
        assert!(
            said.out.contains("***") && !said.out.contains(password),
            "{}",
            said.out
        );
    }
}

#[test]
fn lines_have_their_connection_and_the_time() {
    let mut proxy = Proxy::of_the_server(&[]);
    let mut trace_of_one = || {
        let said = proxy.psql(roles::TRUST_USER, &["-c", "select 1"]);
        assert_eq!(said.code, Some(0), "{}", said.err);
        proxy.lines_until("Terminate")
    };
    let (trace, trace_of_second) = (trace_of_one(), trace_of_one());
    for (number, trace) in [("1", trace), ("2", trace_of_second)] {
        for line in trace.lines() {
            let fields: Vec<_> = line.split('\t').collect();
            assert_eq!(fields[0], number, "{line}");
            assert_eq!(fields[1].len(), "2026-11-22 10:00:00.000001".len(), "{line}");
            assert!(["F", "B"].contains(&fields[2]), "{line}");
        }
    }
    let said = proxy.interrupt();
    assert_eq!(said.code, Some(130));
    assert_eq!(
        said.err.matches("told that there is none").count(),
        1,
        "{}",
        said.err
    );
}

#[test]
fn who_demands_encryption_is_told_no() {
    let proxy = Proxy::of_the_server(&["--once", "--no-timestamps"]);
    let mut command = proxy.psql_command(roles::SUPERUSER);
    command.env("PGSSLMODE", "require");
    let psql: Said = command.args(["-c", "select 1"]).output().unwrap().into();
    assert!(
        psql.err
            .contains("server does not support SSL, but SSL was required"),
        "{}",
        psql.err
    );
    let said = proxy.end();
    assert_eq!(said.out, "F\t8\tSSLRequest\t 1234 5679\nB\t1\tSSLResponse\t N\n");
    assert_eq!(said.code, Some(0));
}

#[test]
fn a_request_to_cancel_goes_through() {
    let mut proxy = Proxy::of_the_server(&["--no-timestamps"]);
    let psql = proxy.sleeping_psql();
    interrupt(&psql);
    let said: Said = psql.wait_with_output().unwrap().into();
    assert!(
        said.err.contains("canceling statement due to user request"),
        "{}",
        said.err
    );
    let trace = proxy.lines_until("Terminate");
    assert!(trace.contains("2\tF\t16\tCancelRequest\t 1234 5678"), "{trace}");
    assert!(
        !trace.contains("BackendKeyData") || trace.contains("'***'"),
        "{trace}"
    );
}

#[test]
fn with_once_a_request_to_cancel_goes_through_untraced() {
    let mut proxy = Proxy::of_the_server(&["--once", "--no-timestamps"]);
    let psql = proxy.sleeping_psql();
    interrupt(&psql);
    psql.wait_with_output().unwrap();
    let said = proxy.end();
    assert!(
        said.out.contains("57014") && !said.out.contains("CancelRequest"),
        "{}",
        said.out
    );
    assert_eq!(said.code, Some(0));
}

#[test]
fn much_data_goes_through_as_it_is() {
    let mut proxy = Proxy::of_the_server(&["--once", "--regress"]);
    // Whoever reads the trace slowly holds both sides back, and nothing more.
    let reader = {
        let mut out = proxy.out.take().unwrap();
        std::thread::spawn(move || {
            let mut count = 0;
            let mut line = Vec::new();
            while out.read_until(b'\n', &mut line).unwrap() > 0 {
                count +=
                    usize::from(line.starts_with(b"B\t") && line.windows(8).any(|name| name == b"CopyData"));
                line.clear();
            }
            count
        })
    };
    let said = proxy.psql(
        roles::TRUST_USER,
        &[
            "-c",
            "copy (select repeat('x', 100), n from generate_series(1, 200000) n) to stdout",
        ],
    );
    assert_eq!(said.code, Some(0), "{}", said.err);
    let expected: String = (1..=200_000)
        .map(|n| format!("{}\t{n}\n", "x".repeat(100)))
        .collect();
    assert!(said.out == expected, "{} bytes", said.out.len());
    assert_eq!(reader.join().unwrap(), 200_000);
    assert_eq!(proxy.end().code, Some(0));
}

#[test]
fn what_is_no_protocol_goes_through_unchanged() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    let proxy = Proxy::start("127.0.0.1:0", &server.to_string(), &["--once", "--no-timestamps"]);
    let mut client = TcpStream::connect(&proxy.address).unwrap();
    client.write_all(b"\x16\x03\x01 GET / HTTP/1.1\r\n\0").unwrap();
    let (mut server, _) = listener.accept().unwrap();
    let mut received = [0; 21];
    server.read_exact(&mut received).unwrap();
    assert_eq!(&received, b"\x16\x03\x01 GET / HTTP/1.1\r\n\0");
    server.write_all(b"\0\0\0\0what?").unwrap();
    drop(server);
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"\0\0\0\0what?");
    drop(client);
    let said = proxy.end();
    assert_eq!(said.code, Some(0));
    assert!(
        said.out.contains("no more is traced of what the client sends"),
        "{}",
        said.out
    );
    assert!(said.err.contains("a client begins with TLS"), "{}", said.err);
}

#[test]
fn sockets_have_paths() {
    let folder = TempDir::new().unwrap();
    let cluster = Cluster::shared();
    let listen = format!("{}:6000", folder.path().display());
    let to = format!("{}:{}", cluster.socket_dir().display(), cluster.port());
    let mut proxy = Proxy::start(&listen, &to, &["--no-timestamps"]);
    let path = folder.path().join(".s.PGSQL.6000");
    assert_eq!(proxy.address, path.to_str().unwrap());
    // Somebody who connects and says nothing has said nothing.
    drop(UnixStream::connect(&path).unwrap());
    let mut psql = Cluster::shared().psql_command();
    psql.env("PGHOST", folder.path()).env("PGPORT", "6000");
    let psql: Said = psql.args(["-c", "select 1"]).output().unwrap().into();
    assert_eq!(psql.out, "1\n", "{}", psql.err);
    let trace = proxy.lines_until("Terminate");
    assert!(trace.starts_with("2\tF\t"), "{trace}");
    assert_eq!(proxy.interrupt().code, Some(130));
    assert!(!path.exists());
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let port = refused_port();
    let mut proxy = Proxy::start("127.0.0.1:0", &format!("127.0.0.1:{port}"), &[]);
    assert_eq!(
        run(["pkey", &format!("{} sslmode=disable", proxy.conn()), "t"]).code,
        Some(2)
    );
    let mut line = String::new();
    proxy.err.read_line(&mut line).unwrap();
    assert_eq!(
        line,
        format!("dblink: connection 1: could not connect to 127.0.0.1:{port}: Connection refused\n")
    );

    let proxy = Proxy::start("127.0.0.1:0", &format!("127.0.0.1:{port}"), &["--once"]);
    assert_eq!(
        run(["pkey", &format!("{} sslmode=disable", proxy.conn()), "t"]).code,
        Some(2)
    );
    let said = proxy.end();
    assert_eq!(
        (said.code, said.err),
        (
            Some(2),
            format!("dblink: could not connect to 127.0.0.1:{port}: Connection refused\n")
        )
    );
}

#[test]
fn an_address_that_is_taken_or_none_is_told() {
    let said = run(["trace", "--listen", &server(), "--to", "db1"]);
    assert_eq!(
        (said.code, said.err),
        (
            Some(2),
            format!(
                "dblink: could not listen on {}: Address already in use\n",
                server()
            )
        )
    );
    let said = run(["trace", "--listen", "db1:x", "--to", "db1"]);
    assert_eq!(said.code, Some(2));
    insta::assert_snapshot!(said.err, @r#"
    dblink: invalid value 'db1:x' for '--listen <ADDRESS>': "x" is no port

    For more information, try '--help'.
    "#);
}

#[test]
fn it_ends_when_nobody_reads_the_trace() {
    let mut proxy = Proxy::of_the_server(&[]);
    drop(proxy.out.take());
    run(["pkey", &proxy.conn(), "pg_catalog.pg_class"]);
    assert_eq!(proxy.end().code, Some(0));
}

#[test]
fn it_ends_with_ctrl_c_also_while_nobody_reads_the_trace() {
    let mut proxy = Proxy::of_the_server(&["--once"]);
    let mut psql = proxy.psql_command(roles::TRUST_USER);
    psql.args([
        "-c",
        "copy (select repeat('x', 1000) from generate_series(1, 100000)) to stdout",
    ])
    .stdout(Stdio::null())
    .stderr(Stdio::null());
    let mut psql = psql.spawn().unwrap();
    proxy.lines_until("CopyOutResponse");
    // The pipe fills, and what is behind it waits; whether it has done so by now or not.
    let out = proxy.out.take();
    assert_eq!(proxy.interrupt().code, Some(130));
    drop(out);
    psql.wait().unwrap();
}

#[test]
fn more_connections_than_the_system_allows_have_to_wait() {
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            "ulimit -n 24; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_dblink"),
        ])
        .args(["trace", "--listen", "127.0.0.1:0", "--to", &server()]);
    let mut proxy = Proxy::spawn(command);
    let clients: Vec<_> = (0..30)
        .map(|_| TcpStream::connect(&proxy.address).unwrap())
        .collect();
    let mut line = String::new();
    proxy.err.read_line(&mut line).unwrap();
    assert_eq!(line, "dblink: could not take a connection: Too many open files\n");
    drop(clients);
    let said = proxy.psql(roles::TRUST_USER, &["-c", "select 1"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "1\n"), "{}", said.err);
    assert_eq!(proxy.interrupt().code, Some(130));
}

#[test]
fn a_mere_port_is_one_of_this_machine() {
    let proxy = Proxy::start("0", &server(), &[]);
    assert!(proxy.address.starts_with("127.0.0.1:"), "{}", proxy.address);
    drop(proxy);
    let said = run(["trace", "--listen", "127.0.0.1:0", "--to", "6000"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(
        said.err.starts_with(
            "dblink: invalid value '6000' for '--to <ADDRESS>': it is a mere port: the address is HOST:PORT, such as localhost:6000\n"
        ),
        "{said:?}"
    );
}

//! `dblink listen`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, ChildStdout, Stdio};

use dblink_tests::{Cluster, roles};

use crate::pty::Terminal;
use crate::support::{Limit, Said, conn, dblink, interrupt, run};

/// The program while it listens.
struct Listener {
    child: Child,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
    _limit: Limit,
}

impl Listener {
    fn start(conn: &str, args: &[&str]) -> Self {
        let mut command = dblink();
        command.args(["listen", conn]).args(args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut listener = Self {
            out: BufReader::new(child.stdout.take().unwrap()),
            err: BufReader::new(child.stderr.take().unwrap()),
            _limit: Limit::of(&child),
            child,
        };
        let first = listener.remark();
        assert!(first.starts_with("dblink: listening on "), "{first}");
        listener
    }

    /// The next line on the standard error output.
    fn remark(&mut self) -> String {
        let mut line = String::new();
        self.err.read_line(&mut line).unwrap();
        line
    }

    /// The fields of the next notification, without the time and the process.
    fn notification(&mut self) -> (String, String) {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        let fields: Vec<_> = line.trim_end_matches('\n').split('\t').collect();
        let [time, channel, process, payload] = fields[..] else {
            panic!("{line:?}");
        };
        assert!(humantime::parse_rfc3339(time).is_ok(), "{time}");
        assert!(process.parse::<i32>().is_ok(), "{process}");
        (channel.to_owned(), payload.to_owned())
    }

    fn end(mut self) -> Said {
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        self.err.read_to_string(&mut err).unwrap();
        Said {
            code: self.child.wait().unwrap().code(),
            out,
            err,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn got(channel: &str, payload: &str) -> (String, String) {
    (channel.to_owned(), payload.to_owned())
}

#[test]
fn each_notification_is_a_line_at_once() {
    let cluster = Cluster::shared();
    let mut listener = Listener::start(&conn(), &["listen_orders", "Odd \"Name", "select"]);
    cluster.psql("notify listen_orders, 'one'");
    assert_eq!(listener.notification(), got("listen_orders", "one"));
    cluster.psql("notify \"Odd \"\"Name\", E'tab\\tline\\nend\\\\'; notify \"select\"; notify odd");
    assert_eq!(
        listener.notification(),
        got("Odd \"Name", "tab\\x09line\\x0aend\\")
    );
    assert_eq!(listener.notification(), got("select", ""));
    interrupt(&listener.child);
    let said = listener.end();
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(130), "", "dblink: interrupted\n")
    );
}

#[test]
fn json_has_every_payload_as_it_is() {
    let listener = Listener::start(&conn(), &["listen_json", "--format", "jsonl", "--count", "2"]);
    let pid = Cluster::shared().psql("select pg_notify('listen_json', E'\"tab\\t grün'), pg_backend_pid()");
    let pid = pid.trim_start_matches('|').to_owned();
    Cluster::shared().psql("notify listen_json");
    let said = listener.end();
    assert_eq!(said.code, Some(0));
    let lines: Vec<_> = said
        .out
        .lines()
        .map(|line| line.split_once(", ").unwrap())
        .collect();
    assert!(lines[0].0.starts_with("{\"time\": \"20"), "{}", said.out);
    assert_eq!(
        lines[0].1,
        format!("\"channel\": \"listen_json\", \"pid\": {pid}, \"payload\": \"\\\"tab\\t grün\"}}")
    );
    assert!(lines[1].1.ends_with("\"payload\": \"\"}"), "{}", said.out);
    assert_eq!(lines.len(), 2);
}

#[test]
fn it_ends_when_its_time_is_over() {
    let said = run(["listen", &conn(), "listen_for", "--for", "50ms"]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(0), "", "dblink: listening on listen_for\n")
    );
}

#[test]
fn a_connection_that_is_lost_is_made_again() {
    let cluster = Cluster::shared();
    let conn = format!("{} application_name=listen_again", conn());
    let mut listener = Listener::start(&conn, &["listen_again"]);
    for payload in ["first", "second"] {
        cluster.psql(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listen_again'",
        );
        let lost = listener.remark();
        assert_eq!(
            lost,
            "dblink: the connection is lost, and made again: FATAL:  terminating connection due to administrator command\n"
        );
        // What libpq adds to that.
        while !listener.remark().starts_with("dblink: connected again") {}
        cluster.psql(&format!("notify listen_again, '{payload}'"));
        assert_eq!(listener.notification(), got("listen_again", payload));
    }
}

#[test]
fn a_server_that_does_not_want_us_any_more_ends_it() {
    let cluster = Cluster::builder().hba("local all listen_gone trust").start();
    cluster.psql("create role listen_gone login");
    let conn = cluster.conninfo().replace("user=postgres", "user=listen_gone");
    let mut listener = Listener::start(&conn, &["c"]);
    cluster.psql("alter role listen_gone nologin");
    cluster.psql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'listen_gone'");
    assert!(listener.remark().contains("is lost"));
    let said = listener.end();
    assert_eq!(said.code, Some(2));
    assert!(
        said.err
            .ends_with("FATAL:  role \"listen_gone\" is not permitted to log in\n"),
        "{}",
        said.err
    );
}

#[test]
fn the_first_connection_has_to_come_about() {
    let said = run(["listen", &format!("{} user=nobody_at_all", conn()), "c"]);
    assert_eq!(said.code, Some(2));
    let said = run(["listen", &conn(), ""]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(2), "dblink: a channel's name cannot be empty\n")
    );
}

#[test]
fn it_ends_when_its_reader_does() {
    let mut command = dblink();
    command
        .args(["listen", &conn(), "listen_closed"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _limit = Limit::of(&child);
    let mut err = BufReader::new(child.stderr.take().unwrap());
    err.read_line(&mut String::new()).unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_password_that_was_typed_serves_again() {
    let cluster = Cluster::shared();
    let conn = format!(
        "host={} port={} dbname=postgres user={} application_name=listen_typed",
        cluster.host(),
        cluster.port(),
        roles::SCRAM_USER
    );
    let mut command = dblink();
    command.args(["listen", &conn, "listen_typed", "--count", "1"]);
    let mut terminal = Terminal::run(command);
    terminal.wait_for("Password for user scram_user: ");
    terminal.type_in(&format!("{}\r", roles::SCRAM_PASSWORD));
    terminal.wait_for("listening on");
    cluster.psql(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listen_typed'",
    );
    terminal.wait_for("connected again");
    cluster.psql("notify listen_typed, 'here'");
    terminal.wait_for("here");
    let (text, code) = terminal.end();
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(text.matches("Password").count(), 1, "{text}");
}

//! What a session must be like: `target_session_attrs`, with servers that report it and with servers that are asked.
//!
//! PostgreSQL manual:
//! [`target_session_attrs`](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS).

use super::script::{Script, Step, error_response, message, ok, ready};
use super::{Case, assert_same_in};

/// Every demand but prefer-standby, where libpq dials twice and we do not.
const WAYS: [&str; 5] = [
    "target_session_attrs=any",
    "target_session_attrs=read-write",
    "target_session_attrs=read-only",
    "target_session_attrs=primary",
    "target_session_attrs=standby",
];

/// AuthenticationOk, these parameters, and ReadyForQuery.
fn welcome(parameters: &[(&str, &str)]) -> Step {
    let mut messages = ok();
    for (name, value) in parameters {
        let body = format!("{name}\0{value}\0");
        messages.extend(message(b'S', body.as_bytes()));
    }
    messages.extend(ready());
    Step::Say(messages)
}

/// A result of these rows, each of one column.
fn rows(values: &[&str]) -> Vec<u8> {
    let column = b"\0\x01a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0";
    let mut messages = message(b'T', column);
    for value in values {
        let mut row = vec![0, 1];
        row.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
        row.extend(value.as_bytes());
        messages.extend(message(b'D', &row));
    }
    messages.extend(message(b'C', b"SHOW\0"));
    messages.extend(ready());
    messages
}

/// Servers that report what they are, and wait for the client to say goodbye.
fn reporting_servers() -> Vec<Case> {
    let mut servers = Vec::new();
    for standby in ["on", "off"] {
        for read_only in ["on", "off"] {
            let script = reporting(read_only, standby);
            servers.push(Case::new(
                &format!("read-only {read_only}, standby {standby}"),
                script,
            ));
        }
    }
    servers
}

fn reporting(read_only: &str, standby: &str) -> Script {
    let parameters = [
        ("server_version", "18.0"),
        ("default_transaction_read_only", read_only),
        ("in_hot_standby", standby),
    ];
    Script::session(vec![welcome(&parameters), Step::Await])
}

/// Servers that report nothing, and give this answer when they are asked.
fn asked_servers(name: &str, answer: fn(&[u8]) -> Vec<u8>) -> Vec<Case> {
    let servers = ["9.6.24", "13.4"].map(|version| {
        let steps = vec![
            welcome(&[("server_version", version)]),
            Step::Answer(answer),
            Step::Await,
        ];
        Case::new(&format!("{name} from version {version}"), Script::session(steps))
    });
    servers.into()
}

fn servers() -> Vec<Case> {
    let yes = asked_servers("yes", |query| {
        rows(&[if query.starts_with(b"SHOW") { "on" } else { "t" }])
    });
    let no = asked_servers("no", |query| {
        rows(&[if query.starts_with(b"SHOW") { "off" } else { "f" }])
    });
    let odd = asked_servers("something else", |_| rows(&["perhaps"]));
    [reporting_servers(), yes, no, odd].concat()
}

/// The same servers with a second one, which is a primary.
fn with_a_primary(cases: Vec<Case>) -> impl Iterator<Item = Case> {
    cases.into_iter().map(|mut case| {
        case.hosts.push(reporting("off", "off"));
        case
    })
}

#[test]
fn one_host() {
    assert_same_in(&WAYS, servers());
}

#[test]
fn two_hosts() {
    assert_same_in(&WAYS, with_a_primary(servers()));
}

/// An answer that is none: the session is given up, and the next host tried.
#[test]
fn no_answer() {
    let nothing = asked_servers("nothing", |_| rows(&[]));
    let twice = asked_servers("two rows", |_| rows(&["on", "on"]));
    let cases = [reporting_servers(), nothing, twice].concat();
    assert_same_in(&WAYS, cases.clone());
    assert_same_in(&WAYS, with_a_primary(cases));
}

/// A server that refuses the question is told goodbye.
#[test]
fn an_error() {
    let refusing = asked_servers("an error", |_| {
        [error_response("ERROR", "42501"), ready()].concat()
    });
    let cases = [reporting_servers(), refusing].concat();
    assert_same_in(&WAYS, cases.clone());
    assert_same_in(&WAYS, with_a_primary(cases));
}

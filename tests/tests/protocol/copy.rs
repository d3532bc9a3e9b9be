//! COPY.

use dblink_protocol::conversation::{CommandError, Event, ProtocolError, Reply};
use dblink_tests::Cluster;
use dblink_tests::blocking::{Client, Error};

use crate::golden;
use crate::support::{flight, lines, rows, session, socket};

const ROWS: usize = 100_000;

/// Waits until the server takes COPY data.
fn until_copying(client: &mut Client) {
    while client.conversation.copy_in().is_none() {
        client.event().unwrap();
    }
}

#[test]
fn in_and_out_a_hundred_thousand_rows() {
    let (mut client, golden) = golden::session();
    client.query("create temp table t (a int, b text)").unwrap();
    let copy = client.conversation.query("copy t from stdin").unwrap();
    until_copying(&mut client);
    for index in 0..ROWS {
        let line = format!("{index}\trow number {index}\n");
        client.conversation.copy_data(line.as_bytes()).unwrap();
        if client.conversation.outgoing().len() > 1 << 20 {
            client.flush().unwrap();
        }
    }
    client.conversation.copy_done().unwrap();
    assert_eq!(
        lines(&client.until_ready(copy).unwrap()),
        ["COPY 100000", "ready Idle"]
    );

    let copy = client
        .conversation
        .query("copy (table t order by a) to stdout")
        .unwrap();
    let lines = lines(&client.until_ready(copy).unwrap());
    assert_eq!(lines[0], "copy out");
    assert_eq!(
        lines[1..=ROWS]
            .iter()
            .zip(0..)
            .filter(|(line, index): &(_, u32)| **line == format!("{index}\trow number {index}\n"))
            .count(),
        ROWS
    );
    assert_eq!(lines[ROWS + 1..], ["CopyDone", "COPY 100000", "ready Idle"]);
    golden.check("copy_in_and_out");
}

#[test]
fn in_by_the_extended_protocol_with_its_sync_sent_ahead() {
    let (mut client, golden) = golden::session();
    client.query("create temp table t (a int)").unwrap();
    let sync = flight(&mut client.conversation, "copy t from stdin", &[]);
    until_copying(&mut client);
    client.conversation.copy_data(b"1\n2\n").unwrap();
    client.conversation.copy_done().unwrap();
    assert_eq!(
        lines(&client.until_ready(sync).unwrap()),
        ["COPY 2", "ready Idle"]
    );
    assert_eq!(rows(&mut client, "select sum(a) from t"), ["3"]);
    golden.check("copy_in_extended");
}

/// Each COPY takes the Sync behind it for its own and ignores it.
#[test]
fn in_twice_by_one_query_with_syncs_sent_ahead() {
    let mut client = session();
    client.query("create temp table t (a int)").unwrap();
    client
        .conversation
        .query("copy t from stdin; copy t from stdin")
        .unwrap();
    client.conversation.sync().unwrap();
    let last = client.conversation.sync().unwrap();
    for line in [b"1\n", b"2\n"] {
        until_copying(&mut client);
        client.conversation.copy_data(line).unwrap();
        client.conversation.copy_done().unwrap();
    }
    client.until_ready(last).unwrap();
    assert!(client.conversation.is_idle());
    assert_eq!(rows(&mut client, "select sum(a) from t"), ["3"]);
}

#[test]
fn in_failed_by_the_client() {
    let mut client = session();
    client.query("create temp table t (a int)").unwrap();
    for extended in [false, true] {
        let last = if extended {
            flight(&mut client.conversation, "copy t from stdin", &[])
        } else {
            client.conversation.query("copy t from stdin").unwrap()
        };
        until_copying(&mut client);
        client.conversation.copy_data(b"1\n").unwrap();
        client.conversation.copy_fail("changed my mind").unwrap();
        assert_eq!(
            lines(&client.until_ready(last).unwrap()),
            [
                "error 57014 COPY from stdin failed: changed my mind",
                "ready Idle"
            ]
        );
        assert!(client.conversation.is_idle());
        assert_eq!(rows(&mut client, "select count(*) from t"), ["0"]);
    }
}

/// By the simple protocol, so that the trace is the same every time.
#[test]
fn in_failed_by_the_client_leaves_its_trace() {
    let (mut client, golden) = golden::session();
    client.query("create temp table t (a int)").unwrap();
    let copy = client.conversation.query("copy t from stdin").unwrap();
    until_copying(&mut client);
    client.conversation.copy_data(b"1\n").unwrap();
    client.conversation.copy_fail("changed my mind").unwrap();
    client.until_ready(copy).unwrap();
    golden.check("copy_in_failed");
}

/// The server fails at the first line, and says so while we still send: before our end of the COPY, or behind it.
#[test]
fn in_failed_by_the_server() {
    let mut client = session();
    client.query("create temp table t (a int)").unwrap();
    let expected = "error 22P02 invalid input syntax for type integer: \"not a number\"";
    for extended in [false, true] {
        for ended in [false, true] {
            let last = if extended {
                flight(&mut client.conversation, "copy t from stdin", &[])
            } else {
                client.conversation.query("copy t from stdin").unwrap()
            };
            until_copying(&mut client);
            client.conversation.copy_data(b"not a number\n").unwrap();
            if ended {
                client.conversation.copy_data(b"2\n").unwrap();
                client.conversation.copy_done().unwrap();
            }
            assert_eq!(lines(&[client.event().unwrap()]), [expected]);
            assert!(matches!(
                client.conversation.copy_data(b"3\n"),
                Err(CommandError::NoCopy { .. })
            ));
            assert_eq!(lines(&client.until_ready(last).unwrap()), ["ready Idle"]);
            assert_eq!(rows(&mut client, "select count(*) from t"), ["0"]);
        }
    }
}

/// A server that is cancelled before it reads the Sync behind the COPY answers it, one that is cancelled later ignores it.
/// Whichever it is, the answers stay in step.
#[test]
fn in_cancelled_at_any_time() {
    let address = socket(Cluster::shared());
    let mut client = session();
    client.query("create temp table t (a int)").unwrap();
    for round in 0..40 {
        let sync = flight(&mut client.conversation, "copy t from stdin", &[]);
        client.flush().unwrap();
        if round % 2 == 0 {
            until_copying(&mut client);
        }
        Client::cancel(&address, &client.conversation.cancel_key().unwrap().request()).unwrap();
        let mut errors = Vec::new();
        loop {
            if client.conversation.copy_in().is_some() {
                // A server that waits for data looks for a cancel request when it has got some.
                client.conversation.copy_data(b"1\n").unwrap();
                client.conversation.copy_fail("too late for the cancel").unwrap();
            }
            match client.event().unwrap() {
                Event::Reply {
                    reply: Reply::Error(error),
                    ..
                } => errors.push(error.sqlstate().unwrap().to_string()),
                Event::Reply {
                    to,
                    reply: Reply::ReadyForQuery(_),
                } => {
                    assert_eq!(to, sync);
                    break;
                }
                _ => {}
            }
        }
        assert_eq!(errors, ["57014"]);
        assert_eq!(rows(&mut client, "select count(*) from t"), ["0"]);
    }
}

#[test]
fn a_command_behind_a_copy_in_ends_the_session() {
    let mut client = session();
    client.query("create temp table t (a int)").unwrap();
    flight(&mut client.conversation, "copy t from stdin", &[]);
    let last = flight(&mut client.conversation, "select 1", &[]);
    assert!(matches!(
        client.until_ready(last),
        Err(Error::Protocol(ProtocolError::CommandsBehindCopy))
    ));
}

#[test]
fn out_in_the_middle_of_a_pipeline() {
    let mut client = session();
    flight(&mut client.conversation, "copy (values (1), (2)) to stdout", &[]);
    let last = flight(&mut client.conversation, "select 3", &[]);
    assert_eq!(
        lines(&client.until_ready(last).unwrap()),
        [
            "ParseComplete",
            "BindComplete",
            "NoData",
            "copy out",
            "1\n",
            "2\n",
            "CopyDone",
            "COPY 2",
            "ready Idle",
            "ParseComplete",
            "BindComplete",
            "columns ?column?",
            "3",
            "SELECT 1",
            "ready Idle"
        ]
    );
}

#[test]
fn an_abandoned_copy_leaves_nothing() {
    let mut client = session();
    client.query("create temp table t (a int)").unwrap();
    for extended in [false, true] {
        for begun in [false, true] {
            if extended {
                flight(&mut client.conversation, "copy t from stdin", &[]);
            } else {
                client.conversation.query("copy t from stdin").unwrap();
            }
            if begun {
                until_copying(&mut client);
                client.conversation.copy_data(b"1\n").unwrap();
            }
            client.conversation.abandon().unwrap();
            client.drain().unwrap();
            assert_eq!(rows(&mut client, "select count(*) from t"), ["0"]);
        }
    }
}

//! The simple protocol.

use dblink_protocol::backend::TransactionStatus;
use dblink_protocol::conversation::{Event, Reply};
use dblink_tests::blocking::Client;
use dblink_tests::{Cluster, roles};

use crate::golden;
use crate::support::{config, lines, rows, session, socket};

#[test]
fn several_statements_have_several_results() {
    let (mut client, golden) = golden::session();
    let events = client
        .query("create temp table t (a int, b text); insert into t values (1, 'x'), (2, null); ; table t; select")
        .unwrap();
    assert_eq!(
        lines(&events),
        [
            "CREATE TABLE",
            "INSERT 0 2",
            "columns a,b",
            "1|x",
            "2|null",
            "SELECT 2",
            "columns ",
            "",
            "SELECT 1",
            "ready Idle"
        ]
    );
    assert_eq!(
        lines(&client.query("").unwrap()),
        ["EmptyQueryResponse", "ready Idle"]
    );
    golden.check("several_statements");
}

#[test]
fn an_error_drops_the_rest_and_the_transaction() {
    let mut client = session();
    client.query("create temp table t (a int)").unwrap();
    let events = client
        .query("insert into t values (1); select 1/0; insert into t values (2)")
        .unwrap();
    assert_eq!(
        lines(&events),
        ["INSERT 0 1", "error 22012 division by zero", "ready Idle"]
    );
    assert_eq!(
        lines(&client.query("select count(*) from t").unwrap()),
        ["columns count", "0", "SELECT 1", "ready Idle"]
    );
}

#[test]
fn the_transaction_status_is_always_known() {
    let mut client = session();
    for (sql, status) in [
        ("begin", TransactionStatus::InTransaction),
        ("select 1", TransactionStatus::InTransaction),
        ("select 1/0", TransactionStatus::Failed),
        ("select 1", TransactionStatus::Failed),
        ("rollback", TransactionStatus::Idle),
    ] {
        client.query(sql).unwrap();
        assert_eq!(client.conversation.transaction_status(), status, "{sql}");
    }
}

#[test]
fn a_parameter_that_changes_is_told() {
    let mut client = session();
    let events = client.query("set timezone to 'Europe/Prague'").unwrap();
    assert_eq!(lines(&events), ["SET", "TimeZone=Europe/Prague", "ready Idle"]);
    assert_eq!(
        client.conversation.parameters().get("TimeZone").unwrap(),
        "Europe/Prague"
    );
}

#[test]
fn a_cursor_may_be_binary() {
    let mut client = session();
    let events = client
        .query("begin; declare c binary cursor for select 258; fetch c; commit")
        .unwrap();
    assert_eq!(
        lines(&events)[2..5],
        ["columns ?column?", "\0\0\u{1}\u{2}", "FETCH 1"]
    );
}

/// Whoever drops a result half-way can go on when it has gone by.
#[test]
fn an_abandoned_result_does_not_leak_into_the_next() {
    let mut client = session();
    client
        .conversation
        .query("select generate_series(1, 100000); select 'late'")
        .unwrap();
    client.event().unwrap();
    client.event().unwrap();
    client.conversation.abandon().unwrap();
    assert!(client.conversation.is_draining());
    let events = client.query("select 'mine'").unwrap();
    assert_eq!(
        lines(&events),
        ["columns ?column?", "mine", "SELECT 1", "ready Idle"]
    );
}

/// Rules make one statement into several, each with its result, but it completes once.
#[test]
fn a_statement_that_rules_have_multiplied() {
    let mut client = session();
    client
        .query(
            "create temp table t (a int); \
             create rule one as on insert to t do also select 1 as x; \
             create rule two as on insert to t do also select 2 as y, 3 as z",
        )
        .unwrap();
    assert_eq!(
        lines(&client.query("insert into t values (0)").unwrap()),
        ["columns x", "1", "columns y,z", "2|3", "INSERT 0 1", "ready Idle"]
    );
}

/// Its archives come by COPY, and a result follows without the COPY's completion.
#[test]
fn a_base_backup_goes_by() {
    let mut config = config(roles::SUPERUSER, None);
    config
        .parameters
        .push(("replication".to_owned(), "database".to_owned()));
    let cluster = Cluster::builder()
        .hba("local replication postgres trust")
        .conf("wal_level", "replica")
        .start();
    let mut client = Client::connect(&socket(&cluster), config, None).unwrap();
    let backup = client.conversation.query("BASE_BACKUP").unwrap();
    let events = client.until_ready(backup).unwrap();
    let failed = events.iter().any(|event| {
        matches!(
            event,
            Event::Reply {
                reply: Reply::Error(_),
                ..
            }
        )
    });
    assert!(!failed);
    assert!(rows(&mut client, "select 1").len() == 1);
}

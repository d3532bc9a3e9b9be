//! Pipelines.

use dblink_protocol::conversation::{Event, Reply, ResultColumns};
use dblink_protocol::frontend::Bind;

use crate::golden;
use crate::support::{bind, flight, lines, parse, rows, session};

const STATEMENTS: u32 = 1000;
const FAILING: u32 = 500;

/// One segment: what precedes the failure is rolled back, what follows it is skipped.
#[test]
fn a_thousand_statements_in_one_segment_one_failing() {
    let (mut client, golden) = golden::session();
    client.query("create temp table t (a int)").unwrap();
    let conversation = &mut client.conversation;
    conversation
        .parse(&parse("insert", "insert into t values (1 / ($1::int - 500))"))
        .unwrap();
    for index in 0..STATEMENTS {
        conversation
            .bind(&Bind {
                parameters: vec![Some(index.to_string().as_bytes())],
                ..bind("", "insert")
            })
            .unwrap();
        conversation.execute("", 0, ResultColumns::None).unwrap();
    }
    let sync = conversation.sync().unwrap();
    let events = client.until_ready(sync).unwrap();

    let lines = lines(&events);
    let failed = 1 + 2 * FAILING as usize + 1;
    assert_eq!(lines.len(), 1 + 2 * STATEMENTS as usize + 1);
    assert_eq!(lines[0], "ParseComplete");
    for pair in lines[1..failed - 1].chunks(2) {
        assert_eq!(pair, ["BindComplete", "INSERT 0 1"]);
    }
    assert_eq!(lines[failed - 1], "BindComplete");
    assert_eq!(lines[failed], "error 22012 division by zero");
    assert!(
        lines[failed + 1..lines.len() - 1]
            .iter()
            .all(|line| line == "Skipped")
    );
    assert_eq!(lines[lines.len() - 1], "ready Idle");
    // Each reply names its command, in the order of the commands.
    let ids: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Reply { to, .. } => *to,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "one reply each");
    assert_eq!(rows(&mut client, "select count(*) from t"), ["0"]);
    golden.check("pipeline_one_segment");
}

/// A segment each: only the failing one is lost.
#[test]
fn a_thousand_segments_one_failing() {
    let mut client = session();
    client
        .query("create temp table t (a int check (a <> 500))")
        .unwrap();
    let syncs: Vec<_> = (0..STATEMENTS)
        .map(|index| {
            flight(
                &mut client.conversation,
                "insert into t values ($1::int)",
                &[Some(index.to_string().as_bytes())],
            )
        })
        .collect();
    for (index, sync) in syncs.into_iter().enumerate() {
        let events = client.until_ready(sync).unwrap();
        let failed = events.iter().any(|event| {
            matches!(
                event,
                Event::Reply {
                    reply: Reply::Error(_),
                    ..
                }
            )
        });
        assert_eq!(failed, index == FAILING as usize);
    }
    assert!(client.conversation.is_idle());
    assert_eq!(
        rows(
            &mut client,
            "select count(*), count(*) filter (where a = 500) from t"
        ),
        ["999|0"]
    );
}

/// More than both socket buffers hold, in both directions at once: who does not read while it writes hangs here.
#[test]
fn a_pipeline_larger_than_the_socket_buffers() {
    let mut client = session();
    let padding = "x".repeat(10_000);
    let syncs: Vec<_> = (0..STATEMENTS)
        .map(|_| {
            flight(
                &mut client.conversation,
                "select $1::text",
                &[Some(padding.as_bytes())],
            )
        })
        .collect();
    for sync in syncs {
        let events = client.until_ready(sync).unwrap();
        assert_eq!(lines(&events)[3], padding);
    }
}

#[test]
fn an_explicit_transaction_spans_segments() {
    let (mut client, golden) = golden::session();
    let conversation = &mut client.conversation;
    flight(conversation, "begin", &[]);
    flight(conversation, "select 1/0", &[]);
    flight(conversation, "select 1", &[]);
    let last = flight(conversation, "rollback", &[]);
    let mut states = Vec::new();
    for event in client.until_ready(last).unwrap() {
        match event {
            Event::Reply {
                reply: Reply::ReadyForQuery(status),
                ..
            } => states.push(format!("{status:?}")),
            Event::Reply {
                reply: Reply::Error(error),
                ..
            } => {
                states.push(error.sqlstate().unwrap().to_string());
            }
            _ => {}
        }
    }
    assert_eq!(
        states,
        ["InTransaction", "22012", "Failed", "25P02", "Failed", "Idle"]
    );
    golden.check("pipeline_transaction");
}

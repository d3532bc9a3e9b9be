//! Prepared statements.

use dblink_protocol::conversation::{Event, Reply, ResultColumns};
use dblink_protocol::frontend::{Bind, Parse, Target};
use dblink_protocol::oid;
use dblink_protocol::wire::Format;

use crate::golden;
use crate::support::{bind, flight, lines, parse, session};

#[test]
fn a_statement_takes_binary_and_text_parameters() {
    let (mut client, golden) = golden::session();
    let conversation = &mut client.conversation;
    conversation
        .parse(&Parse {
            parameter_types: vec![oid::INT4].into(),
            ..parse("add", "select $1 + 1, $2 || '!', $3::text")
        })
        .unwrap();
    conversation.describe(Target::Statement("add".into())).unwrap();
    conversation
        .bind(&Bind {
            parameter_formats: vec![Format::Binary, Format::Text, Format::Text].into(),
            parameters: vec![Some(&41_i32.to_be_bytes()), Some(b"hey"), None],
            result_formats: vec![Format::Binary, Format::Text, Format::Text].into(),
            ..bind("", "add")
        })
        .unwrap();
    conversation.describe(Target::Portal("".into())).unwrap();
    conversation.execute("", 0, ResultColumns::AsDescribed).unwrap();
    let sync = conversation.sync().unwrap();
    let events = client.until_ready(sync).unwrap();

    let replies: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Reply { reply, .. } => reply,
            other => panic!("{other:?}"),
        })
        .collect();
    let Reply::ParameterDescription(types) = replies[1] else {
        panic!("{:?}", replies[1])
    };
    assert_eq!(types, &[oid::INT4, oid::TEXT, oid::TEXT]);
    let Reply::RowDescription(statement) = replies[2] else {
        panic!("{:?}", replies[2])
    };
    let Reply::RowDescription(portal) = replies[4] else {
        panic!("{:?}", replies[4])
    };
    assert_eq!(
        portal.as_ref(),
        &statement
            .as_ref()
            .clone()
            .with_formats(&[Format::Binary, Format::Text, Format::Text]),
        "the portal differs from the statement in its formats only"
    );
    let Reply::Rows(rows) = replies[5] else {
        panic!("{:?}", replies[5])
    };
    let row = rows.iter().next().unwrap();
    assert_eq!(
        row.values().collect::<Vec<_>>(),
        [Some(&42_i32.to_be_bytes()[..]), Some(b"hey!"), None]
    );

    // Once more, with the columns known from before: no Describe.
    let columns = portal.as_ref().clone();
    let conversation = &mut client.conversation;
    conversation
        .bind(&Bind {
            parameters: vec![Some(b"1"), Some(b"a"), Some(b"b")],
            ..bind("", "add")
        })
        .unwrap();
    let columns = ResultColumns::Known(columns.with_formats(&[Format::Text]).into());
    conversation.execute("", 0, columns).unwrap();
    conversation.close(Target::Statement("add".into())).unwrap();
    let sync = conversation.sync().unwrap();
    assert_eq!(
        lines(&client.until_ready(sync).unwrap()),
        [
            "BindComplete",
            "2|a!|b",
            "SELECT 1",
            "CloseComplete",
            "ready Idle"
        ]
    );
    golden.check("prepared_statement");
}

#[test]
fn a_statement_without_rows_has_no_columns() {
    let mut client = session();
    let sync = flight(&mut client.conversation, "create temp table t ()", &[]);
    assert_eq!(
        lines(&client.until_ready(sync).unwrap()),
        [
            "ParseComplete",
            "BindComplete",
            "NoData",
            "CREATE TABLE",
            "ready Idle"
        ]
    );
}

#[test]
fn a_deferred_constraint_fails_the_sync() {
    let mut client = session();
    client
        .query("create temp table t (a int unique deferrable initially deferred)")
        .unwrap();
    let sync = flight(
        &mut client.conversation,
        "insert into t values ($1::int), ($1::int)",
        &[Some(b"1")],
    );
    let events = client.until_ready(sync).unwrap();
    assert_eq!(
        lines(&events)[3..],
        [
            "INSERT 0 2",
            "error 23505 duplicate key value violates unique constraint \"t_a_key\"",
            "ready Idle"
        ]
    );
    let Event::Reply { to, .. } = events[4] else {
        panic!("{:?}", events[4])
    };
    assert_eq!(to, sync, "the error is the Sync's");
}

//! Notices.

use dblink_protocol::backend::Severity;
use dblink_protocol::conversation::Event;

use crate::golden;
use crate::support::{lines, session};

#[test]
fn a_flood_of_them() {
    const NOTICES: usize = 20_000;
    let (mut client, golden) = golden::session();
    let events = client
        .query("do $$ begin for i in 1..20000 loop raise notice 'notice %', i; end loop; end $$")
        .unwrap();
    let lines = lines(&events);
    assert_eq!(lines.len(), NOTICES + 2);
    for (index, line) in lines[..NOTICES].iter().enumerate() {
        assert_eq!(*line, format!("notice 00000 notice {}", index + 1));
    }
    assert_eq!(lines[NOTICES..], ["DO", "ready Idle"]);
    golden.check("notice_flood");
}

#[test]
fn every_field_is_there() {
    let mut client = session();
    let events = client
        .query(
            "do $$ begin raise warning 'm' using errcode = '01234', detail = 'd', hint = 'h', schema = 's', \
             table = 't', column = 'c', datatype = 'y', constraint = 'n'; end $$",
        )
        .unwrap();
    let Event::Notice(notice) = &events[0] else {
        panic!("{:?}", events[0])
    };
    assert_eq!(notice.severity(), Severity::Warning);
    assert_eq!(notice.severity_text().unwrap(), "WARNING");
    assert_eq!(notice.sqlstate().unwrap().as_str(), "01234");
    let texts = [
        (notice.message(), "m"),
        (notice.detail(), "d"),
        (notice.hint(), "h"),
        (notice.schema(), "s"),
        (notice.table(), "t"),
        (notice.column(), "c"),
        (notice.data_type(), "y"),
        (notice.constraint(), "n"),
        (notice.file(), "pl_exec.c"),
        (notice.routine(), "exec_stmt_raise"),
    ];
    for (text, expected) in texts {
        assert_eq!(text.unwrap(), expected);
    }
    assert!(notice.line().is_some());
    let context = notice.context().unwrap();
    assert!(
        context
            .to_string()
            .starts_with("PL/pgSQL function inline_code_block"),
        "{context}"
    );

    let events = client
        .query("do $$ begin execute 'select nowhere'; end $$")
        .unwrap();
    let Event::Reply {
        reply: dblink_protocol::conversation::Reply::Error(error),
        ..
    } = &events[0]
    else {
        panic!("{:?}", events[0])
    };
    assert_eq!(error.position(), None);
    assert_eq!(error.internal_position(), Some(8));
    assert_eq!(error.internal_query().unwrap(), "select nowhere");
}

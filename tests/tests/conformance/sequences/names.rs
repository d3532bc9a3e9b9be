//! Names of connections: long ones, odd ones, missing ones.

use crate::call::{Call, Unnamed};
use crate::place::REMOTE;
use crate::sequence::*;

pub(crate) fn sequences() -> Vec<Sequence> {
    let long = |length: usize| "n".repeat(length);
    // 62 bytes, and then a character of two or more.
    let wide = |end: &str| long(62) + end;
    let mut sequences = Vec::new();
    for (what, name, others) in [
        ("63 bytes", long(63), vec![long(62), long(64), long(65), long(70)]),
        ("65 bytes", long(65), vec![long(63), long(70), long(62)]),
        ("70 bytes", long(70), vec![long(63), long(65)]),
        (
            "64 bytes, the last two one character",
            wide("é"),
            vec![long(62), long(63), wide("éx")],
        ),
        (
            "63 bytes, the last two one character",
            long(61) + "é",
            vec![long(61), long(61) + "éx"],
        ),
        (
            "65 bytes, the last three one character",
            wide("€"),
            vec![long(62), wide("€x")],
        ),
        ("no bytes", String::new(), vec![" ".to_owned()]),
        ("a blank", " ".to_owned(), vec![String::new()]),
        (
            "upper case and blanks",
            "My Name".to_owned(),
            vec!["my name".to_owned(), "\"My Name\"".to_owned()],
        ),
        ("a line's end and quotes", "a'b\"c\nd\\e".to_owned(), vec![]),
    ] {
        let mut steps = vec![
            connect(&*name, REMOTE).into(),
            connect(&*name, REMOTE).into(),
            get_connections().into(),
            query(&*name, "select 1").columns("a int").into(),
            query(&*name, "select 1/0").columns("a int").into(),
            exec(&*name, "drop table nowhere").into(),
        ];
        for other in &others {
            steps.push(is_busy(&**other).into());
            // An empty connection string leads to whatever server the machine may have.
            if !other.trim().is_empty() {
                steps.push(query(&**other, "select 1").columns("a int").into());
            }
        }
        steps.push(disconnect(&*name).into());
        steps.push(disconnect(&*name).into());
        sequences.push(Sequence::new(format!("name of {what}"), steps));
    }
    let calls: Vec<Call> = vec![
        disconnect("missing"),
        open("missing", "c", "select 1"),
        open("missing", "c", "select 1").fail(false),
        fetch("missing", "c", 1).columns("a int"),
        fetch("missing", "c", 1).columns("a int").fail(false),
        close("missing", "c"),
        close("missing", "c").fail(false),
        send_query("missing", "select 1"),
        is_busy("missing"),
        get_result("missing").columns("a int"),
        get_result("missing").columns("a int").fail(false),
        cancel_query("missing"),
        error_message("missing"),
        get_notify("missing"),
        query("missing", "select 1").columns("a int"),
        query("missing", "select 1").columns("a int").fail(false),
        exec("missing", "select 1"),
        exec("missing", "select 1").fail(false),
        open(Unnamed, "c", "select 1"),
        fetch(Unnamed, "c", 1).columns("a int"),
        close(Unnamed, "c"),
    ];
    sequences.push(Sequence::new(
        "a missing name",
        calls.into_iter().map(Into::into).collect(),
    ));
    sequences.push(sequence!["several names";
        connect("a", REMOTE),
        connect("b", REMOTE),
        connect("c", REMOTE),
        get_connections(),
        disconnect("b"),
        get_connections(),
        connect("B", REMOTE),
        connect("ü", REMOTE),
        get_connections(),
    ]);
    sequences
}

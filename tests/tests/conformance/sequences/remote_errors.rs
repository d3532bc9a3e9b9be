//! Errors and notices of the remote server, with all that they carry.

use crate::call::Call;
use crate::place::REMOTE;
use crate::sequence::*;

/// Statements that fail, each in its way.
const FAILING: [(&str, &str); 13] = [
    ("division", "select 1/0"),
    (
        "detail and hint",
        "do $$ begin raise exception 'message' using detail = 'the detail', hint = 'the hint', errcode = '22012'; end $$",
    ),
    (
        "lines",
        "do $$ begin raise exception E'two\nlines' using detail = E'detail\nof two', hint = E'hint\nof two'; end $$",
    ),
    (
        "SQLSTATE of its own",
        "do $$ begin raise exception 'message' using errcode = 'AB123'; end $$",
    ),
    (
        "empty message",
        "do $$ begin raise exception '' using errcode = 'AB123'; end $$",
    ),
    (
        "names",
        "do $$ begin raise exception 'message' using schema = 's', table = 't', column = 'c', datatype = 'd', constraint = 'e'; end $$",
    ),
    ("nested context", "select outer_function(0)"),
    ("constraint", "insert into u values (5)"),
    ("check", "insert into u values (-1)"),
    ("syntax", "selekt 1"),
    ("position", "select 1, nowhere.column from u"),
    (
        "fatal",
        "do $$ begin perform pg_terminate_backend(pg_backend_pid()); end $$",
    ),
    (
        "division after notices",
        "do $$ begin raise notice 'a notice'; raise warning 'a warning'; perform 1/0; end $$",
    ),
];

pub(crate) fn sequences() -> Vec<Sequence> {
    let mut sequences = Vec::new();
    for (what, statement) in FAILING {
        let calls: [(&str, Vec<Call>); 6] = [
            ("dblink", vec![query("n", statement).columns("a text")]),
            (
                "dblink, false",
                vec![query("n", statement).columns("a text").fail(false)],
            ),
            ("exec", vec![exec("n", statement)]),
            ("exec, false", vec![exec("n", statement).fail(false)]),
            (
                "get_result",
                vec![
                    send_query("n", statement),
                    get_result("n").columns("a text"),
                    get_result("n").columns("a text"),
                ],
            ),
            (
                "get_result, false",
                vec![
                    send_query("n", statement),
                    get_result("n").columns("a text").fail(false),
                    get_result("n").columns("a text").fail(false),
                ],
            ),
        ];
        for (by, calls) in calls {
            let mut steps = vec![connect("n", REMOTE).into()];
            steps.extend(calls.into_iter().map(Into::into));
            steps.extend([
                error_message("n").into(),
                is_busy("n").into(),
                query("n", "select 1").columns("a int").into(),
                error_message("n").into(),
            ]);
            sequences.push(
                Sequence::new(format!("{by}, which fails with {what}"), steps)
                    .setup("create table u(a int primary key check (a > 0))")
                    .setup("insert into u values (5)")
                    .setup(
                        "create function inner_function(a int) returns int language plpgsql \
                         as $$ begin return 1/a; end $$",
                    )
                    .setup(
                        "create function outer_function(a int) returns text language plpgsql \
                         as $$ begin return inner_function(a); end $$",
                    ),
            );
        }
        // A failed open leaves a failed transaction behind.
        if statement.starts_with("select") {
            sequences.push(
                sequence![format!("open and fetch, which fail with {what}");
                    connect("n", REMOTE),
                    open("n", "c", statement),
                    error_message("n"),
                    fetch("n", "c", 1).columns("a text"),
                    fetch("n", "c", 1).columns("a text").fail(false),
                    error_message("n"),
                    close("n", "c").fail(false),
                    close("n", "c"),
                    remote_states(),
                    exec("n", "rollback"),
                    open("n", "c", statement).fail(false),
                    remote_states(),
                ]
                .setup("create table u(a int primary key check (a > 0))")
                .setup(
                    "create function outer_function(a int) returns text language plpgsql \
                     as $$ begin return 1/a; end $$",
                ),
            );
        }
    }
    sequences.push(sequence!["notices of the remote server";
        connect("n", REMOTE),
        exec("n", "do $$ begin raise notice 'a notice'; raise warning 'a warning'; end $$"),
        query("n", "do $$ begin raise notice 'a notice'; end $$").columns("a text"),
        exec("n", "drop table if exists nowhere"),
        exec("n", "begin"),
        exec("n", "begin"),
        exec("n", "commit"),
        exec("n", "commit"),
        error_message("n"),
    ]);
    sequences.push(sequence!["the last error stays until a command succeeds";
        connect("n", REMOTE),
        error_message("n"),
        exec("n", "drop table nowhere").fail(false),
        error_message("n"),
        is_busy("n"),
        get_notify("n"),
        cancel_query("n"),
        error_message("n"),
        exec("n", "select 1"),
        error_message("n"),
        exec("n", "nonsense").fail(false),
        query("n", "select 1").columns("a int, b int"),
        error_message("n"),
        query("n", "select 'x'").columns("a int"),
        error_message("n"),
        exec("n", "nonsense").fail(false),
        query("n", "select 1").columns("a int"),
        error_message("n"),
    ]);
    sequences
}

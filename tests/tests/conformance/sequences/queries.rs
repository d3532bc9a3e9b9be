//! `dblink` and `dblink_exec`: what comes back, and as what.

use crate::call::Unnamed;
use crate::place::REMOTE;
use crate::sequence::*;

pub(crate) fn sequences() -> Vec<Sequence> {
    let mut sequences = Vec::new();
    for (statement, columns) in [
        ("select 1", "a int, b int"),
        ("select 1, 2", "a int"),
        ("select", "a int"),
        ("select 1 where false", "a int"),
        ("select 1, 2 where false", "a int"),
        ("select 'x'", "a int"),
        ("select 1.5", "a int"),
        ("select 70000", "a int2"),
        ("select 'x'", "a date"),
        ("select 'f'::text", "a bool"),
        ("select '{1,2}'", "a int[]"),
        ("select null", "a int"),
        (
            "select 1, 'x', null, now() is not null, 1.5, '1 day'::interval, '{1,2}'::int[], '\\x01ff'::bytea, '(1,a)'::record is null",
            "a int, b text, c date, d bool, e numeric, f interval, g int[], h bytea, i bool",
        ),
        ("select 'longer'", "a varchar(3)"),
        ("select 1.239", "a numeric(3, 2)"),
        ("select 'a'", "a char(3)"),
        ("create table t(a int)", "status text"),
        ("create table t(a int)", "status int"),
        ("create table t(a int)", "status text, b int"),
        ("create table t(a int)", "status varchar"),
        (
            "create table t(a int); insert into t values (1), (2); select * from t",
            "a int",
        ),
        (
            "create table t(a int); select 1; insert into t values (1), (2)",
            "a text",
        ),
        ("select 1; select 2", "a int"),
        ("select 1, 2; select 3", "a int"),
        ("select 'x'; select 3", "a int"),
        ("select 1; select 2, 3", "a int"),
        ("select 7; select 1/0", "a int"),
        ("select 1/(4 - g) from generate_series(1, 5) g", "a int"),
        ("select 1/0; select 7", "a int"),
        ("", "a int"),
        (";", "a int"),
        ("-- nothing", "a int"),
        ("select 1;", "a int"),
        (";select 1;;", "a int"),
        ("nonsense", "a int"),
        ("select nonsense", "a int"),
        ("select * from nowhere", "a int"),
        ("begin", "a text"),
        ("begin; select 1", "a int"),
        ("commit", "a text"),
        ("set work_mem = '1MB'", "a text"),
        ("show work_mem", "a text"),
        ("values (1), (2), (null)", "a int"),
        ("explain (costs off) select 1", "a text"),
        ("table pg_am limit 0", "a oid, b name, c text, d text"),
        ("do $$ begin end $$", "a text"),
        ("listen x", "a text"),
        ("select $1", "a int"),
        ("prepare p as select 1; execute p", "a int"),
        ("insert into u values (1) returning a", "a int"),
        ("insert into u values (1), (2)", "a text"),
        ("update u set a = 1", "a text"),
        ("delete from u", "a text"),
        ("select * into v from u", "a text"),
        ("create table v as select 1", "a text"),
        ("fetch 1 from nowhere", "a int"),
    ] {
        let statement_of = |target: crate::call::Text| {
            [
                query(target.clone(), statement).columns(columns),
                query(target.clone(), statement).columns(columns).fail(false),
                exec(target.clone(), statement),
                exec(target, statement).fail(false),
            ]
        };
        // Each of them in a session of its own: the statement may leave something behind.
        let first = ["dblink", "dblink, false", "exec", "exec, false"];
        for (what, call) in first.into_iter().zip(statement_of("n".into())) {
            sequences.push(
                sequence![format!("{what}: {statement:?} as {columns:?}");
                    connect("n", REMOTE),
                    call,
                    error_message("n"),
                    is_busy("n"),
                    remote_states(),
                    bystander("select to_regclass('t'), to_regclass('v'), (select count(*) from u)"),
                ]
                .setup("create table u(a int)")
                .setup("insert into u values (5)"),
            );
        }
    }
    sequences.push(sequence!["the same types where values are read by another style";
        connect("n", "<remote> options='-c datestyle=sql,dmy -c intervalstyle=postgres_verbose'"),
        query("n", "select '2020-02-01'::date, '1 day 02:00'::interval").columns("a date, b interval"),
        query("n", "select '2020-02-01'::date, '1 day 02:00'::interval").columns("a text, b text"),
        query("n", "select '2020-02-01'::date").columns("a date"),
        query(Unnamed, "select 1").columns("a int"),
    ]);
    sequences.push(sequence!["a function that runs before its rows are refused";
        connect("n", REMOTE),
        exec("n", "create table t(a int)"),
        exec("n", "create function f() returns int language sql as 'insert into t values (1) returning a'"),
        exec("n", "select f()"),
        bystander("select * from t"),
        exec("n", "select f()").fail(false),
        bystander("select * from t"),
    ]);
    sequences.push(sequence!["one implicit transaction";
        connect("n", REMOTE),
        exec("n", "create table t(a int)"),
        exec("n", "insert into t values (1); select 1/0"),
        bystander("select * from t"),
        exec("n", "insert into t values (1); commit; select 1/0"),
        bystander("select * from t"),
        exec("n", "begin; insert into t values (2)"),
        bystander("select * from t"),
        exec("n", "rollback; insert into t values (3)"),
        bystander("select * from t"),
    ]);
    sequences.push(sequence!["transactions";
        connect("n", REMOTE),
        exec("n", "begin"),
        exec("n", "begin"),
        exec("n", "create table t(a int)"),
        exec("n", "savepoint s"),
        exec("n", "nonsense"),
        exec("n", "select 1"),
        query("n", "select 1").columns("a int"),
        exec("n", "rollback to s"),
        query("n", "select 1").columns("a int"),
        exec("n", "nonsense").fail(false),
        exec("n", "commit"),
        exec("n", "commit"),
        bystander("select to_regclass('t')"),
    ]);
    sequences
}

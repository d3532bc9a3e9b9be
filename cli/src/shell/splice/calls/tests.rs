//! Which calls are found, and which refused.

use super::*;

fn calls(sql: &str) -> Calls {
    match find(sql, true) {
        Found::Calls(calls) => calls,
        found => panic!("{sql}: {found:?}"),
    }
}

/// What is found of each call, in order: the text that it is.
fn texts(sql: &str) -> Vec<&str> {
    calls(sql)
        .calls
        .iter()
        .map(|call| sql.get(call.place.clone()).unwrap())
        .collect()
}

fn refused(sql: &str) -> String {
    match find(sql, true) {
        Found::Refused(refused) => refused.message,
        Found::Calls(calls) => {
            let refused = calls.calls.iter().find_map(|call| call.refused(sql));
            refused
                .unwrap_or_else(|| panic!("{sql:.200}: not refused"))
                .message
        }
        Found::Nothing => panic!("{sql}: nothing found"),
    }
}

#[test]
fn a_statement_without_a_call_is_left_alone() {
    for sql in [
        "select 1",
        "select 'dblink(1)'",
        "select dblink from t",
        "select dblink_exec from t -- dblink('a')",
        "select other.dblink('a', 'b')",
        "select dblink_exec(variadic array['a'])",
        "select dblink_exec(a => 'b')",
        "select dblink('a', 'b'",
        "do $$ begin perform 'dblink'; end $$",
    ] {
        assert!(matches!(find(sql, true), Found::Nothing), "{sql}");
    }
}

#[test]
fn calls_are_made_from_within_and_from_first_to_last() {
    assert_eq!(
        texts("select dblink_exec('a', dblink_build_sql_delete('t', '1', 1, '{1}'))"),
        [
            "dblink_build_sql_delete('t', '1', 1, '{1}')",
            "dblink_exec('a', dblink_build_sql_delete('t', '1', 1, '{1}'))"
        ]
    );
    assert_eq!(
        texts(
            "with c as (select * from dblink('c') as t(i int)) \
             select dblink_is_busy('x') from c, PUBLIC.dblink /* ( */ ( 'f' ) as t(i int)"
        ),
        [
            "dblink('c')",
            "PUBLIC.dblink /* ( */ ( 'f' )",
            "dblink_is_busy('x')"
        ]
    );
}

#[test]
fn arguments_are_told_apart() {
    let sql = "select dblink_open('a,', ('b'), 'c' || f(1, 2), not true)";
    let calls = calls(sql);
    let arguments = calls.calls[0]
        .arguments
        .iter()
        .map(|argument| sql.get(argument.place.clone()).unwrap());
    assert_eq!(
        arguments.collect::<Vec<_>>(),
        ["'a,'", "('b')", "'c' || f(1, 2)", "not true"]
    );
    let literals = calls.calls[0]
        .arguments
        .iter()
        .map(|argument| argument.literal.is_some());
    assert_eq!(literals.collect::<Vec<_>>(), [true, true, false, false]);
}

#[test]
fn definition_lists_are_found_behind_any_alias() {
    for (sql, name, aliased) in [
        ("select * from dblink('a') as t(i int, n numeric(3,2))", "t", true),
        (
            "select * from dblink('a') t (i int, n numeric(3,2)) where i > 7",
            "t",
            true,
        ),
        (
            "select * from dblink('a') as (i int, n numeric(3,2))",
            "dblink",
            false,
        ),
        (
            "select * from x, lateral dblink('a') as \"T\"(i int, n numeric(3,2))",
            "T",
            true,
        ),
    ] {
        let calls = calls(sql);
        let Stands::From(from) = &calls.calls[0].stands else {
            panic!("{sql}");
        };
        let list = from.definition.as_ref().unwrap();
        assert_eq!((from.name.as_str(), from.aliased), (name, aliased), "{sql}");
        assert_eq!(list.names, ["i", "n"], "{sql}");
        assert_eq!(
            sql.get(list.inside.clone()).unwrap(),
            "i int, n numeric(3,2)",
            "{sql}"
        );
        assert_eq!(
            sql.get(list.place.clone()).unwrap(),
            "(i int, n numeric(3,2))",
            "{sql}"
        );
        assert_eq!(from.lateral.is_some(), sql.contains("lateral"), "{sql}");
    }
}

#[test]
fn strings_are_read_as_the_server_reads_them() {
    let sql = r"select dblink_exec('a\\b')";
    let literal = calls(sql).calls[0].arguments[0].literal.clone().unwrap();
    assert_eq!(literal.text.as_deref(), Some(r"a\\b"));
    // The scanner knows only of standard strings.
    let Found::Refused(refused) = find(sql, false) else {
        panic!("not refused");
    };
    assert!(refused.message.contains("standard_conforming_strings"));
    assert!(matches!(find("select dblink_exec('ab')", false), Found::Calls(_)));
}

#[test]
fn a_call_that_cannot_be_made_is_refused_with_its_name_and_the_reason() {
    for (sql, name, reason) in [
        (
            "do $$ begin perform dblink_exec('a'); end $$",
            "dblink_exec()",
            "a DO block",
        ),
        (
            "create function f() returns text language sql as 'select dblink_exec(''a'')'",
            "dblink_exec()",
            "a server-side function",
        ),
        (
            "create view v as select * from dblink('a') as t(i int)",
            "dblink()",
            "a view",
        ),
        (
            "prepare p as select dblink_exec('a')",
            "dblink_exec()",
            "a prepared statement",
        ),
        (
            "explain analyze select dblink_exec('a')",
            "dblink_exec()",
            "EXPLAIN",
        ),
        (
            "create table t (x text default dblink_exec('a'))",
            "dblink_exec()",
            "computes it later",
        ),
        (
            "select 1; select dblink_exec('a')",
            "dblink_exec()",
            "several statements",
        ),
        ("select dblink_exec('a') from t", "dblink_exec()", "for each row"),
        (
            "update t set x = dblink_exec('a')",
            "dblink_exec()",
            "for each row",
        ),
        (
            "select * from t where x = dblink_exec('a')",
            "dblink_exec()",
            "for each row",
        ),
        (
            "select coalesce(x, dblink_exec('a'))",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select case when x then dblink_exec('a') end",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select dblink_exec('a') where x",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select dblink_exec('a') limit 0",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "values (dblink_exec('a')) limit 0",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select case when x then (select y from dblink_exec('a') y) end",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select (select x from dblink_exec('a') x) from t",
            "dblink_exec()",
            "for each row",
        ),
        (
            "with q as (update t set x = dblink_exec('a') returning x) select * from q",
            "dblink_exec()",
            "for each row",
        ),
        (
            "copy (delete from t where x = dblink_exec('a') returning x) to stdout",
            "dblink_exec()",
            "for each row",
        ),
        (
            "select 1 from t a join t b on dblink_exec('a') = ''",
            "dblink_exec()",
            "for each row",
        ),
        (
            "declare c cursor for select dblink_exec('a')",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "create table if not exists t as select dblink_exec('a')",
            "dblink_exec()",
            "there already",
        ),
        (
            "create table t as select * from dblink('a') as d(i int) with no data",
            "dblink()",
            "without data",
        ),
        (
            "with q as (select dblink_exec('a')) select 1 from x.q",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select dblink_exec('a') union all select 'b' limit 1",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select * from dblink_exec('a') limit 1 - 1",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "with q as (select dblink_exec('a') x), r as (select * from q) select 1",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "with recursive q as (select dblink_exec('a') x union all select x from q where false) select 1",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "with q as (select dblink_exec('a') x) select * from q where current_user = 'nobody'",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select * from (select dblink_exec('a') x) q where x = 'a' and false",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select * from dblink_exec('a') q where q = null",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select replace('a', null::text, dblink_exec('a'))",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select dblink_exec('a') between 'A' and 'Z'",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select dblink_exec('a') || null",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select row(dblink_exec('a'), 1) is null",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select * from t, (select dblink_exec('a')) s",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "delete from t using (select dblink_exec('a')) s",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "with w as (select dblink_exec('a')) insert into t select 1",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select exists (select dblink_exec('a'))",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select 1 order by dblink_exec('a')",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select dblink_exec('a') limit ' 0'",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "values (dblink_exec('a')), (1) limit 1",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select 1 where dblink_exec('a') = 'b' limit -1",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select coalesce((select x from t), dblink_exec('a'))",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select case 1 when 2 then 3 when dblink_exec('a') then 4 end",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "select dblink_exec('a'), 1 case where f() union select 2, 3 end where g()",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "with t as (select 1) select dblink_exec('a') where exists (select from t)",
            "dblink_exec()",
            "rest of the statement",
        ),
        (
            "with t as (select 1) select dblink_exec((select 'a' from t))",
            "dblink_exec()",
            "own rows",
        ),
        (
            "copy t from stdin where dblink_exec('a') = 'b'",
            "dblink_exec()",
            "for each row",
        ),
        (
            "select dblink_exec('a'), dblink_get_pkey('t')",
            "dblink_exec()",
            "for each row",
        ),
        (
            "select true or dblink_exec('a') = ''",
            "dblink_exec()",
            "rest of the statement",
        ),
        ("select dblink_is_busy(x) from t", "dblink_is_busy()", "own rows"),
        ("select * from t, dblink(t.x) as d(i int)", "dblink()", "own rows"),
    ] {
        let message = refused(sql);
        assert!(
            message.starts_with(name) && message.contains(reason),
            "{sql}: {message}"
        );
    }
    for depth in [5000, 20_000] {
        let deep = format!("select dblink_exec('a'{})", " || 'b'".repeat(depth));
        assert!(refused(&deep).contains("nested too deeply"), "{depth}");
    }
    assert!(matches!(
        find(&format!("select 'dblink'{}", " || 'b'".repeat(200)), true),
        Found::Nothing
    ));
}

/// The conditions on which the last call is made, as they are written.
fn conditions(sql: &str) -> Vec<String> {
    let shown = |place: &Range<usize>| sql.get(place.clone()).unwrap().to_owned();
    let all = |places: &[Range<usize>]| places.iter().map(shown).collect::<Vec<_>>().join(", ");
    let calls = calls(sql);
    let guards = calls.calls.last().unwrap().guards.iter().rev();
    let text = guards.map(|guard| match &guard.asks {
        Asks::Where(place) => shown(place),
        Asks::Branch(case, branch) => {
            let case = &calls.cases[*case];
            let compared = case.compared.as_ref().map_or(String::new(), shown);
            format!("{compared}: {} -> {branch}", all(&case.whens))
        }
        Asks::Nulls(places) => format!("null: {}", all(places)),
    });
    text.collect()
}

#[test]
fn conditions_are_found() {
    for (sql, found) in [
        ("select dblink_exec('a')", &[] as &[&str]),
        ("select dblink_exec('a') where f(1) limit 1", &["f(1)"]),
        (
            "create table t as select dblink_exec('a') where'x'::timestamp with time zone < now() with data",
            &["'x'::timestamp with time zone < now()"],
        ),
        (
            "(select 1 as \"where\", dblink_exec('a') where (true) order by 1) union select 2",
            &["(true)"],
        ),
        (
            "select case when a() then 1 when b() then dblink_exec('a') end",
            &[": a(), b() -> 1"],
        ),
        (
            "select case f(1) when 1 + 1 then 1 else (select case when true then dblink_exec('a') end) end",
            &["f(1): 1 + 1 -> 1", ": true -> 0"],
        ),
        (
            "select coalesce(null, 'a' || 'b', dblink_exec('a'))",
            &["null: null, 'a' || 'b'"],
        ),
        // These are not the same for each row, or nobody knows whether they are.
        ("select case when x then dblink_is_busy('a') end from t", &[]),
        (
            "select case when random() > 0 then dblink_is_busy('a') end from t",
            &[],
        ),
        (
            "select case when dblink_is_busy('b') = 0 then dblink_is_busy('a') end from t",
            &[": dblink_is_busy('b') = 0 -> 0"],
        ),
        // There may be an aggregate.
        ("select dblink_is_busy('a'), count(*) where false", &[]),
    ] {
        assert_eq!(conditions(sql), found, "{sql}");
    }
}

#[test]
fn conditions_within_conditions_take_no_time() {
    let depth = 1000;
    let whens = "case when ".repeat(depth);
    let within = format!(
        "select {whens} dblink_exec('a') = 'b' {}",
        "then true end ".repeat(depth)
    );
    assert_eq!(conditions(&within), [""; 0]);
    let elses = "case when f() then 1 else ".repeat(depth);
    let within = format!("select {elses} dblink_exec('a') {}", "end ".repeat(depth));
    assert_eq!(conditions(&within).len(), depth);
    let thens = "case when ".repeat(200);
    let ends = "then dblink_error_message('a') is null end ".repeat(200);
    assert_eq!(calls(&format!("select {thens}true {ends}")).calls.len(), 200);
    let many = format!(
        "select coalesce({} dblink_error_message('a'))",
        "dblink_error_message('b'), ".repeat(depth)
    );
    assert_eq!(calls(&many).calls.len(), depth + 1);
}

#[test]
fn what_is_asked_only_once_may_stand_beside_rows() {
    let sql =
        "select dblink_is_busy('a'), dblink_get_connections() from t where x = dblink_error_message('a')";
    assert!(calls(sql).calls.iter().all(|call| call.refused(sql).is_none()));
}

#[test]
fn a_statement_of_one_call_needs_no_server() {
    let alone = |sql| calls(sql).alone;
    assert_eq!(
        alone("select dblink_connect('a', 'b')"),
        Some(vec![Projected::Value("dblink_connect".to_owned())])
    );
    assert_eq!(
        alone("select t.b as x, a from dblink('a') as t(a int, b int)"),
        Some(vec![
            Projected::Column {
                name: "b".to_owned(),
                as_: "x".to_owned()
            },
            Projected::Column {
                name: "a".to_owned(),
                as_: "a".to_owned()
            }
        ])
    );
    assert_eq!(
        alone("select * from dblink('a') as t(a int)"),
        Some(vec![Projected::All])
    );
    for sql in [
        "select * from dblink('a') as t(a int) where a > 1",
        "select a + 1 from dblink('a') as t(a int)",
        "select u.a from dblink('a') as t(a int)",
        "select distinct * from dblink('a') as t(a int)",
        "select dblink_is_busy('a') from t",
        "select dblink_is_busy('a') + 1",
    ] {
        assert_eq!(alone(sql), None, "{sql}");
    }
}

#[test]
fn nothing_that_is_written_makes_it_panic() {
    for sql in [
        "dblink",
        "dblink(",
        "select dblink()",
        "select dblink_exec(",
        "select * from rows from (dblink('a') as (",
        "dblink \u{0}",
        "select dblink_exec('ä', E'\\'', $$)$$, $a$($a$)",
        "select * from dblink('a') with ordinality",
        "select U&\"dblink_exec\"('a')",
        "select dblink_exec /* ",
        "values (dblink_exec('a')); ;",
    ] {
        drop(find(sql, true));
        drop(find(sql, false));
    }
}

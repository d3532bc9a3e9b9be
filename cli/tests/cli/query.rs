//! `dblink query`: what is asked, and what is told when it fails.

use dblink_tests::{Cluster, refused_port, roles};

use crate::support::{Said, conn, database, dblink, run};

#[track_caller]
fn fails(code: i32, args: &[&str]) -> String {
    let said = run(args);
    assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{}", said.err);
    said.err
}

#[test]
fn help() {
    insta::assert_snapshot!(run(["query", "--help"]).out, @"");
}

#[test]
fn parameters_are_values_of_types_that_the_server_finds() {
    let sql = "select $1::int + 1 as sum, $2 as text, $3::date - 1 as day, $4::jsonb -> 'a' as json";
    let said = run([
        "query",
        &conn(),
        sql,
        "-p",
        "41",
        "-p",
        "it's; drop",
        "--param",
        "2026-03-01",
        "-p",
        r#"{"a": "-1"}"#,
        "--format",
        "jsonl",
    ]);
    insta::assert_snapshot!(said.out, @"");
    // A value may begin with a dash, and be empty.
    let said = run([
        "query",
        &conn(),
        "select $1::int as a, $2 || '.' as b",
        "-p",
        "-5",
        "-p",
        "",
    ]);
    assert_eq!(said.out, "a,b\n-5,.\n");
}

#[test]
fn values_come_as_the_same_text_with_parameters_and_without() {
    let sql =
        "select true, 1.50, now() is null, '1 day'::interval, '\\xff'::bytea, array[1,null], row(1,'a b')";
    let plain = run(["query", &conn(), sql]);
    let with = run(["query", &conn(), &format!("{sql} where $1 = 'x'"), "-p", "x"]);
    assert_eq!(plain, with);
    assert!(
        plain
            .out
            .contains("1 day,\\xff,\"{1,NULL}\",\"(1,\"\"a b\"\")\"\n"),
        "{}",
        plain.out
    );
}

#[test]
fn a_statement_without_rows_tells_its_tag_beside() {
    let name = database("query_tags");
    let said = run([
        "query",
        &name,
        "create table t (a int); insert into t values (1), (2); select sum(a) from t",
    ]);
    insta::assert_snapshot!(said.err, @"");
    assert_eq!((said.code, said.out.as_str()), (Some(0), "sum\n3\n"));
    let said = run(["query", &name, "delete from t where a = $1", "-p", "1"]);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", "DELETE 1\n"));
    let said = run(["query", &name, "delete from t returning a"]);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("a\n2\n", ""));
}

#[test]
fn several_statements_are_one_transaction() {
    let name = database("query_several");
    let said = run([
        "query",
        &name,
        "create table t (a int); select 1 as one; select 1/0",
    ]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), "one\n1\n"));
    insta::assert_snapshot!(said.err, @"");
    let said = run(["query", &name, "select to_regclass('t') is null"]);
    assert_eq!(said.out, "?column?\nt\n");
}

#[test]
fn notices_go_to_stderr() {
    let said = run(["query", &conn(), "do $$ begin raise notice 'hello'; end $$"]);
    assert_eq!(
        said,
        Said {
            code: Some(0),
            out: String::new(),
            err: "NOTICE:  00000: hello\nDO\n".to_owned()
        }
    );
}

#[test]
fn errors_of_the_server() {
    let conn = conn();
    insta::assert_snapshot!(fails(1, &["query", &conn, "select 1,\n  nobody from pg_class"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "select * from atlantis"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "selekt 1"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "select $1::int", "-p", "one"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "select $1, $2", "-p", "one"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "select 1", "-p", "one"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "select $1"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "select 1; select $1", "-p", "one"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "copy pg_class to stdout"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "create temp table t (a int); copy t from stdin"]), @"");
    insta::assert_snapshot!(fails(1, &["query", &conn, "do $$ begin raise 'oh' using detail = 'd', hint = 'h', errcode = 'P0042'; end $$"]), @"");
}

#[test]
fn no_connection() {
    let port = refused_port();
    let refused = fails(2, &["query", &format!("host=127.0.0.1 port={port}"), "select 1"]);
    insta::assert_snapshot!(refused.replace(&port.to_string(), "PORT"), @"");
    insta::assert_snapshot!(fails(2, &["query", "host=nowhere.invalid", "select 1"]), @"");
    let wrong = format!(
        "host=127.0.0.1 port={} dbname=postgres user={} password=wrong",
        Cluster::shared().port(),
        roles::SCRAM_USER
    );
    let wrong = fails(2, &["query", &wrong, "select 1"]);
    insta::assert_snapshot!(wrong.replace(&Cluster::shared().port().to_string(), "PORT"), @"");
    insta::assert_snapshot!(fails(2, &["query", "hots=x", "select 1"]), @"");
}

#[test]
fn a_time_limit_cancels_at_the_server() {
    let conn = format!("{} application_name=query_limit", conn());
    insta::assert_snapshot!(fails(1, &["query", &conn, "select pg_sleep(60)", "--timeout", "50ms"]), @"");
    // The time goes on while rows come.
    let said = run([
        "query",
        &conn,
        "select i, pg_sleep(0.01) from generate_series(1, 10000) i",
        "--timeout",
        "300ms",
    ]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("57014"), "{}", said.err);
    let left = Cluster::shared()
        .psql("select count(*) from pg_stat_activity where application_name = 'query_limit'");
    assert_eq!(left, "0");
    insta::assert_snapshot!(fails(2, &["query", &conn, "select 1", "--timeout", "soon"]), @"");
}

#[test]
fn arguments_are_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let args = [b"query".as_slice(), b"host=x", b"select '\xff'"].map(std::ffi::OsStr::from_bytes);
    let said = Said::from(dblink().args(args).output().unwrap());
    assert_eq!(said.code, Some(2));
    insta::assert_snapshot!(said.err, @"");
}

#[test]
fn what_is_printed_is_utf8_whatever_the_database_has() {
    let cluster = Cluster::shared();
    cluster.psql("drop database if exists query_latin1");
    cluster.psql("create database query_latin1 encoding 'LATIN1' locale 'C' template template0");
    let conn = conn().replace("dbname=postgres", "dbname=query_latin1");
    let said = run(["query", &conn, "select 'é' as \"ü\""]);
    assert_eq!(said.out, "ü\né\n");
    let said = run([
        "query",
        &format!("{conn} client_encoding=latin1"),
        "show client_encoding",
    ]);
    assert_eq!(said.out, "client_encoding\nlatin1\n");
}

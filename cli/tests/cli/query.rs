//! `dblink query`: what is asked, and what is told when it fails.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

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
    insta::assert_snapshot!(run(["query", "--help"]).out, @r"
    Run a query and print its rows

    Rows are printed as they come. Of a statement that gives none, its tag, such as INSERT 0 1, goes to
    stderr. Several statements, separated by semicolons, are one transaction, and the rows of each are
    printed; with --param only one statement can be run.

    Usage: dblink query [OPTIONS] <CONN> <SQL>

    Arguments:
      <CONN>
              Where to connect to

      <SQL>
              The query; $1, $2, … are the values of --param

    Options:
      -p, --param <VALUE>
              The value of the next parameter, $1 first; its type is what the server makes of it

          --format <FORMAT>
              How rows are printed [default: table on a terminal, else csv]

              Possible values:
              - table: For people, as wide as the terminal at most; null is NULL
              - csv:   The bytes of psql --csv; null is nothing, as is the empty string
              - tsv:   The bytes of COPY's text format, with a header: \t, \n, \r and \\ in values, \N
                for null
              - jsonl: An object a line: numbers, booleans and JSON as such, all else as strings, NaN
                and Infinity, too; a second column a is a_2

          --timeout <DURATION>
              Cancel the query when it takes longer, connecting included, such as 90s or 1m30s

      -o, --output <FILE>
              Write the rows to this file, which is there when all of them are, or not at all; - is the
              standard output

      -h, --help
              Print help (see a summary with '-h')
    ");
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
    insta::assert_snapshot!(said.out, @r#"{"sum":42,"text":"it's; drop","day":"2026-02-28","json":"-1"}"#);
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
    insta::assert_snapshot!(said.err, @r"
    CREATE TABLE
    INSERT 0 2
    ");
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
    insta::assert_snapshot!(said.err, @r"
    CREATE TABLE
    dblink: ERROR:  22012: division by zero
    ");
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
            err: "NOTICE:  00000: hello\nCONTEXT:  PL/pgSQL function inline_code_block line 1 at RAISE\nDO\n"
                .to_owned()
        }
    );
}

#[test]
fn errors_of_the_server() {
    let conn = conn();
    insta::assert_snapshot!(fails(1, &["query", &conn, "select 1,\n  nobody from pg_class"]), @r#"
    dblink: ERROR:  42703: column "nobody" does not exist
    LINE 2:   nobody from pg_class
              ^
    "#);
    insta::assert_snapshot!(fails(1, &["query", &conn, "select * from atlantis"]), @r#"
    dblink: ERROR:  42P01: relation "atlantis" does not exist
    LINE 1: select * from atlantis
                          ^
    "#);
    insta::assert_snapshot!(fails(1, &["query", &conn, "selekt 1"]), @r#"
    dblink: ERROR:  42601: syntax error at or near "selekt"
    LINE 1: selekt 1
            ^
    "#);
    insta::assert_snapshot!(fails(1, &["query", &conn, "select $1::int", "-p", "one"]), @r#"
    dblink: ERROR:  22P02: invalid input syntax for type integer: "one"
    CONTEXT:  unnamed portal parameter $1 = '...'
    "#);
    insta::assert_snapshot!(fails(1, &["query", &conn, "select $1, $2", "-p", "one"]), @r#"dblink: ERROR:  08P01: bind message supplies 1 parameters, but prepared statement "" requires 2"#);
    insta::assert_snapshot!(fails(1, &["query", &conn, "select 1", "-p", "one"]), @"dblink: ERROR:  42P18: could not determine data type of parameter $1");
    insta::assert_snapshot!(fails(1, &["query", &conn, "select $1"]), @r"
    dblink: ERROR:  42P02: there is no parameter $1
    LINE 1: select $1
                   ^
    ");
    insta::assert_snapshot!(fails(1, &["query", &conn, "select 1; select $1", "-p", "one"]), @r"
    dblink: ERROR:  42601: cannot insert multiple commands into a prepared statement
    HINT:  With --param only one statement can be run.
    ");
    insta::assert_snapshot!(fails(1, &["query", &conn, "copy pg_class to stdout"]), @r"
    dblink: ERROR:  0A000: the statement is a COPY, which gives or takes data in a way of its own
    HINT:  Use dblink copy, or psql.
    ");
    insta::assert_snapshot!(fails(1, &["query", &conn, "create temp table t (a int); copy t from stdin"]), @r"
    dblink: ERROR:  0A000: the statement is a COPY, which gives or takes data in a way of its own
    HINT:  Use dblink copy, or psql.
    ");
    insta::assert_snapshot!(fails(1, &["query", &conn, "do $$ begin raise 'oh' using detail = 'd', hint = 'h', errcode = 'P0042'; end $$"]), @r"
    dblink: ERROR:  P0042: oh
    DETAIL:  d
    HINT:  h
    CONTEXT:  PL/pgSQL function inline_code_block line 1 at RAISE
    ");
}

/// A server in which a process has crashed warns all clients, and leaves them.
#[test]
fn what_a_server_says_as_it_goes_is_told_once() {
    let cluster = Cluster::start();
    let conn = cluster.conninfo();
    let on = format!("a={conn}");
    let sql = "do $$ begin raise notice 'on'; perform pg_sleep(600); end $$";
    let commands = [
        (&["query", &conn, sql][..], 2),
        (&["exec", &conn, sql], 2),
        (&["scatter", sql, "--on", &on], 1),
    ];
    let running = commands.map(|(args, code)| {
        let mut child = dblink().args(args).stderr(Stdio::piped()).spawn().unwrap();
        let mut err = BufReader::new(child.stderr.take().unwrap());
        let mut noticed = String::new();
        err.read_line(&mut noticed).unwrap();
        assert_eq!(noticed, "NOTICE:  00000: on\n");
        (child, err, code)
    });
    let process = cluster.psql("select pid from pg_stat_activity where backend_type = 'background writer'");
    cluster.kill(process.parse().unwrap());
    for (mut child, mut err, code) in running {
        let mut told = String::new();
        err.read_to_string(&mut told).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{told}");
        for once in [
            "WARNING:  57P02: terminating connection because of crash of another server process",
            "terminating connection",
            "server closed the connection unexpectedly",
        ] {
            assert_eq!(told.matches(once).count(), 1, "{told}");
        }
    }
}

#[test]
fn no_connection() {
    let port = refused_port();
    let refused = fails(2, &["query", &format!("host=127.0.0.1 port={port}"), "select 1"]);
    insta::assert_snapshot!(refused.replace(&port.to_string(), "PORT"), @r#"
    dblink: connection to server at "127.0.0.1", port PORT failed: Connection refused
    	Is the server running on that host and accepting TCP/IP connections?
    "#);
    // Why not is for the system's resolver to say.
    let unknown = fails(2, &["query", "host=nowhere.invalid", "select 1"]);
    assert!(
        unknown.starts_with("dblink: could not translate host name \"nowhere.invalid\" to address: "),
        "{unknown}"
    );
    assert_eq!(unknown.lines().count(), 1);
    let wrong = format!(
        "host=127.0.0.1 port={} dbname=postgres user={} password=wrong",
        Cluster::shared().port(),
        roles::SCRAM_USER
    );
    let wrong = fails(2, &["query", &wrong, "select 1"]);
    insta::assert_snapshot!(wrong.replace(&Cluster::shared().port().to_string(), "PORT"), @r#"dblink: connection to server at "127.0.0.1", port PORT failed: FATAL:  password authentication failed for user "scram_user""#);
    insta::assert_snapshot!(fails(2, &["query", "hots=x", "select 1"]), @r#"dblink: invalid connection option "hots""#);
}

#[test]
fn a_connection_that_is_lost() {
    let sql = "do $$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(60); end $$";
    let ended = fails(1, &["query", &conn(), sql]);
    insta::assert_snapshot!(ended, @r#"
    dblink: FATAL:  57P01: terminating connection due to administrator command
    CONTEXT:  SQL statement "SELECT pg_terminate_backend(pg_backend_pid())"
    PL/pgSQL function inline_code_block line 1 at PERFORM
    "#);
}

#[test]
fn a_time_limit_cancels_at_the_server() {
    let conn = format!("{} application_name=query_limit", conn());
    insta::assert_snapshot!(fails(1, &["query", &conn, "select pg_sleep(60)", "--timeout", "2s"]), @"dblink: ERROR:  57014: the statement was cancelled, since its deadline of 2s has passed");
    // The time goes on while rows come.
    let said = run([
        "query",
        &conn,
        "select i, pg_sleep(0.01) from generate_series(1, 10000) i",
        "--timeout",
        "2s",
    ]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("57014"), "{}", said.err);
    let left = Cluster::shared()
        .psql("select count(*) from pg_stat_activity where application_name = 'query_limit'");
    assert_eq!(left, "0");
    insta::assert_snapshot!(fails(2, &["query", &conn, "select 1", "--timeout", "soon"]), @r"
    dblink: invalid value 'soon' for '--timeout <DURATION>': expected number at 0

    For more information, try '--help'.
    ");
}

#[test]
fn arguments_are_utf8() {
    use std::os::unix::ffi::OsStrExt as _;
    let args = [b"query".as_slice(), b"host=x", b"select '\xff'"].map(std::ffi::OsStr::from_bytes);
    let said = Said::from(dblink().args(args).output().unwrap());
    assert_eq!(said.code, Some(2));
    insta::assert_snapshot!(said.err, @r"
    dblink: invalid UTF-8 was detected in one or more arguments

    Usage: dblink query [OPTIONS] <CONN> <SQL>

    For more information, try '--help'.
    ");
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
    assert_eq!(said.out, "client_encoding\nLATIN1\n");
}

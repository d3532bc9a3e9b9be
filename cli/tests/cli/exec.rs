//! `dblink exec`.

use crate::support::{conn, database, run, run_full};

#[test]
fn help() {
    insta::assert_snapshot!(run(["exec", "--help"]).out, @r"
    Run a command and print its tag

    A statement that gives rows is refused before it is run. Several statements, separated by
    semicolons, are one transaction, and the tag is that of the last; with --param only one statement
    can be run.

    Usage: dblink exec [OPTIONS] <CONN> <SQL>

    Arguments:
      <CONN>
              Where to connect to

      <SQL>
              The command; $1, $2, … are the values of --param

    Options:
      -p, --param <VALUE>
              The value of the next parameter, $1 first; its type is what the server makes of it

          --timeout <DURATION>
              Cancel the command when it takes longer, connecting included, such as 90s or 1m30s

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn a_command_gives_its_tag() {
    let conn = database("exec_tags");
    let tag = |args: &[&str]| {
        let said = run(["exec", &conn].iter().chain(args));
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{args:?}");
        said.out
    };
    assert_eq!(tag(&["create table t (a int, b text)"]), "CREATE TABLE\n");
    assert_eq!(tag(&["insert into t values (1), (2)"]), "INSERT 0 2\n");
    assert_eq!(
        tag(&["insert into t values ($1, $2)", "-p", "-3", "-p", "it's"]),
        "INSERT 0 1\n"
    );
    assert_eq!(
        tag(&["update t set a = 0 where b = $1", "-p", "it's"]),
        "UPDATE 1\n"
    );
    assert_eq!(tag(&["begin; delete from t; commit"]), "COMMIT\n");
    assert_eq!(tag(&["insert into t values (1); delete from t"]), "DELETE 1\n");
    assert_eq!(tag(&["vacuum t"]), "VACUUM\n");
    assert_eq!(tag(&["do $$ begin perform 1; end $$"]), "DO\n");
}

#[test]
fn rows_are_refused_before_they_are_made() {
    let conn = database("exec_rows");
    run(["exec", &conn, "create table t (a int)"]);
    for args in [
        &["insert into t values (1) returning a"][..],
        &["insert into t values ($1) returning a", "-p", "1"],
    ] {
        let said = run(["exec", &conn].iter().chain(args));
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
        insta::allow_duplicates! { insta::assert_snapshot!(said.err, @r"
        dblink: ERROR:  2F003: statement returning results not allowed
        HINT:  Use dblink query.
        "); }
    }
    assert_eq!(run(["exec", &conn, "select 1; select 2"]).code, Some(1));
    assert_eq!(run(["query", &conn, "select count(*) from t"]).out, "count\n0\n");
}

#[test]
fn errors() {
    let fails = |args: &[&str]| {
        let said = run(["exec", &conn()]
            .iter()
            .map(ToString::to_string)
            .chain(args.iter().map(ToString::to_string)));
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{}", said.err);
        said.err
    };
    insta::assert_snapshot!(fails(&["drop table\n  atlantis"]), @r#"dblink: ERROR:  42P01: table "atlantis" does not exist"#);
    insta::assert_snapshot!(fails(&["drop tabel t"]), @r#"
    dblink: ERROR:  42601: syntax error at or near "tabel"
    LINE 1: drop tabel t
                 ^
    "#);
    insta::assert_snapshot!(fails(&["drop table t; drop tabel t"]), @r#"
    dblink: ERROR:  42601: syntax error at or near "tabel"
    LINE 1: drop table t; drop tabel t
                               ^
    "#);
    insta::assert_snapshot!(fails(&["create table t (a int); drop table t", "-p", "1"]), @r"
    dblink: ERROR:  42601: cannot insert multiple commands into a prepared statement
    HINT:  With --param only one statement can be run.
    ");
    insta::assert_snapshot!(fails(&["copy pg_class to stdout"]), @r"
    dblink: ERROR:  0A000: the statement is a COPY, which gives or takes data in a way of its own
    HINT:  Use dblink copy, or psql.
    ");
    let said = run(["exec", &conn(), " -- nothing"]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(2), "", "dblink: there is no command to run\n")
    );
    insta::assert_snapshot!(fails(&["do $$ begin perform pg_sleep(60); end $$", "--timeout", "2s"]), @"dblink: ERROR:  57014: the statement was cancelled, since its deadline of 2s has passed");
}

#[test]
fn a_copy_among_others_leaves_nothing_half_done() {
    let conn = database("exec_copy");
    let count = || run(["query", &conn, "select count(*) from t"]).out;
    run(["exec", &conn, "create table t (a int)"]);
    let on = format!("a={conn}");
    for sql in [
        "insert into t values (1); copy t to stdout; insert into t values (2)",
        "insert into t values (1); /* then */ COPY t FROM stdin",
        "copy (insert into t values (1) returning a) to stdout",
    ] {
        for args in [
            &["exec", &conn, sql][..],
            &["query", &conn, sql],
            &["scatter", sql, "--on", &on],
        ] {
            let said = run(args);
            assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
            insta::allow_duplicates! { insta::assert_snapshot!(said.err, @r"
            dblink: ERROR:  0A000: the statement is a COPY, which gives or takes data in a way of its own
            HINT:  Use dblink copy, or psql.
            "); }
            assert_eq!(count(), "count\n0\n", "{args:?}");
        }
    }
    // To the server's own files it is a command like others.
    let file = "copy (select 1) to '/dev/null'; insert into t values (1)";
    assert_eq!(run(["exec", &conn, file]).out, "INSERT 0 1\n");
}

#[test]
fn a_tag_that_cannot_be_told_is_no_success() {
    let said = run_full(["exec", &conn(), "do 'begin end'"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (
            Some(2),
            "dblink: could not write the output: No space left on device; the command was run (DO) all the same\n"
        )
    );
}

#[test]
fn the_time_limit_holds_while_connecting() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    // A limit of its own ends the test where ours does not hold.
    let conn = format!("host=127.0.0.1 port={port} user=u dbname=d connect_timeout=20");
    for command in ["exec", "query"] {
        let said = run([command, &conn, "do 'begin end'", "--timeout", "300ms"]);
        assert_eq!(
            (said.code, said.out.as_str(), said.err.as_str()),
            (
                Some(2),
                "",
                "dblink: there was no connection yet when the time limit of 300ms passed\n"
            ),
            "{command}"
        );
    }
}

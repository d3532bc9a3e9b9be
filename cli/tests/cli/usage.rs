//! Wrong usage, and help.

use crate::support::{conn, run, run_with};

#[test]
fn wrong_usage_is_told_with_exit_code_2() {
    let said = run(["quary"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.starts_with("dblink: unrecognized subcommand 'quary'"),
        "{}",
        said.err
    );
    assert_eq!(said.out, "");
}

#[test]
fn what_a_connection_string_lacks_is_told_in_libpqs_words() {
    let said = run_with(["query", "host", "select 1"], &conn());
    assert_eq!(said.code, Some(2));
}

#[test]
fn no_time_at_all_is_no_limit() {
    let conn = conn();
    let on = format!("a={conn}");
    for (args, option) in [
        (&["query", &conn, "select 1", "--timeout", "0s"][..], "--timeout"),
        (&["exec", &conn, "vacuum", "--timeout", "0ms"], "--timeout"),
        (
            &["scatter", "select 1", "--on", &on, "--timeout", "0s"],
            "--timeout",
        ),
        (
            &[
                "copy",
                "--from",
                &conn,
                "--to",
                &conn,
                "--table",
                "t",
                "--timeout",
                "0s",
            ],
            "--timeout",
        ),
        (&["ping", &conn, "--timeout", "0"], "--timeout"),
        (&["listen", &conn, "a", "--for", "0s"], "--for"),
    ] {
        let said = run(args);
        assert_eq!(
            (said.code, said.out.as_str()),
            (Some(2), ""),
            "{args:?}: {said:?}"
        );
        let time = args.last().unwrap();
        let expected = format!(
            "dblink: invalid value '{time}' for '{option} <DURATION>': the time has to be longer than nothing\n"
        );
        assert!(said.err.starts_with(&expected), "{said:?}");
    }
}

#[test]
fn nothing_to_run_is_told_before_connecting() {
    for sql in ["", " -- nothing", "/* select 1 */ ;;"] {
        for (args, noun) in [
            (&["query", "host=/nowhere", sql, "-p", "1"][..], "query"),
            (&["exec", "host=/nowhere", sql], "command"),
            (&["exec", "host=/nowhere", sql, "-p", "1"], "command"),
            (&["scatter", sql, "--on", "a=host=/nowhere"], "query"),
        ] {
            let said = run(args);
            assert_eq!(
                (said.code, said.out.as_str(), said.err),
                (Some(2), "", format!("dblink: there is no {noun} to run\n")),
                "{args:?}"
            );
        }
    }
}

/// A CONN in the wrong place is not printed: it may have a password.
#[test]
fn passwords_are_not_printed_by_slips() {
    let uri = "postgresql://scott:sesame@db1/sales?sslmode=disable";
    let keywords = "host=db1 password=sesame";
    for args in [
        &[
            "scatter",
            "select 1",
            "--on",
            "postgresql://scott:sesame@db1/sales",
        ][..],
        &["scatter", "select 1", "--on", uri],
        &["scatter", "select 1", "--on", uri, "--on", uri],
        &["scatter", "select 1", "--on", "scott:sesame@db1/sales?a=b"],
        &["build-sql", uri, "t", "insert", "--key", "1"],
        &["build-sql", keywords, "t", "insert", "--key", "1"],
        &["trace", "--listen", "127.0.0.1:0", "--to", uri],
        &["trace", "--listen", "127.0.0.1:0", "--to", keywords],
        &["trace", "--listen", "127.0.0.1:0", "--to", "scott:sesame@db1"],
        &["trace", "--listen", uri, "--to", "db1"],
        &["trace", "--listen", keywords, "--to", "db1"],
        &["copy", "--from", "a", "--to", "b", "--table", uri],
        &["copy", "--from", "a", "--to", "b", "--table", keywords],
        &["scatter", "select 1", "--on", "a=b", "--ordered-by", uri],
        &["scatter", "select 1", "--on", "a=b", "--timeout", keywords],
        &["query", "a", "select 1", uri],
        &["query", "a", "select 1", "--format", keywords],
        &["query", "a", "select 1", "--param-password=sesame"],
        &["ping", "postgres:/scott:sesame@db1/sales"],
        &["query", "postgresql//scott:sesame@db1/sales", "select 1"],
        &["ping", "postgresql://scott:sesame/sesame@db1/sales"],
        &["conninfo", "scott:sesame@db1"],
        &["exec", "scott:ses=ame sesame@db1", "vacuum"],
        &["scatter", "select 1", "--on", "a=scott:sesame@db1"],
        &["copy", "--from", "scott:sesame@db1", "--to", "b", "--table", "t"],
        &[uri],
        &[keywords],
    ] {
        let said = run(args);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args:?}");
        assert!(said.err.starts_with("dblink: "), "{args:?}: {}", said.err);
        assert!(!said.err.contains("sesame"), "{args:?}: {}", said.err);
    }
    // What is none is shown.
    let said = run(["ping", "postgresql://scott:sesame@db1:five/sales"]);
    assert!(said.err.contains("\"five\""), "{}", said.err);
}

/// Only secrets are hidden, and never what the program calls its options.
#[test]
fn what_is_no_password_is_shown_of_slips() {
    for (args, first) in [
        (
            &["shell", "service=shop"][..],
            "unexpected argument 'service=shop' found",
        ),
        (
            &["shell", "service=shop password='se same'"],
            "unexpected argument 'service=shop password=***' found",
        ),
        (
            &["ping", "a", "postgresql://scott:sesame@db1/sales"],
            "unexpected argument 'postgresql://scott:***@db1/sales' found",
        ),
        (&["service=shop"], "unrecognized subcommand 'service=shop'"),
        (
            &["scatter", "select 1", "--on", "scott:sesame@db1/sales?a=b"],
            "invalid value 'scott:***@db1/sales?a=b' for '--on <NAME=CONN>': it is not a name (without white space, /, :, @ and ?), =, \
             and a connection string",
        ),
        (
            &["scatter", "select 1", "--on", "shop", "--limit", "2"],
            "invalid value 'shop' for '--on <NAME=CONN>': it is not a name (without white space, /, :, @ and ?), =, \
             and a connection string",
        ),
        (
            &[
                "trace",
                "--listen",
                "localhost:0",
                "--to",
                "host=db1 password=sesame",
            ],
            "invalid value 'host=db1 password=***' for '--to <ADDRESS>': it is a connection string or URI, and not an address",
        ),
    ] {
        let said = run(args);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args:?}");
        assert_eq!(said.err.lines().next(), Some(&*format!("dblink: {first}")));
    }
}

#[test]
fn what_may_have_been_meant_is_told() {
    let tell = |args: &[&str]| {
        let said = run(args);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args:?}");
        said.err
    };
    insta::assert_snapshot!(tell(&["shell", "service=shop password=sesame"]), @r#"
    dblink: unexpected argument 'service=shop password=***' found

      tip: the database is named by --local: dblink shell --local 'service=shop password=***'

    Usage: dblink shell [OPTIONS]

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(tell(&["copy", "A", "B", "--table", "t"]), @r#"
    dblink: unexpected argument 'A' found

      tip: the databases are named by --from CONN and --to CONN

    Usage: dblink copy [OPTIONS] --from <CONN> --to <CONN> <--table <TABLE>|--query <SQL>>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(tell(&["query", "select 1"]), @r#"
    dblink: the following required arguments were not provided:
      <SQL>

      tip: CONN comes first, and "" is what the environment says: dblink query "" SQL

    Usage: dblink query <CONN> <SQL>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(tell(&["exec", "vacuum"]), @r#"
    dblink: the following required arguments were not provided:
      <SQL>

      tip: CONN comes first, and "" is what the environment says: dblink exec "" SQL

    Usage: dblink exec <CONN> <SQL>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(tell(&["query"]), @r#"
    dblink: the following required arguments were not provided:
      <CONN>
      <SQL>

    Usage: dblink query <CONN> <SQL>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(tell(&["copy", "--from", "A", "--to", "B"]), @r#"
    dblink: the following required arguments were not provided:
      <--table <TABLE>|--query <SQL>>

    Usage: dblink copy --from <CONN> --to <CONN> <--table <TABLE>|--query <SQL>>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(tell(&["query", "shop", "select 1"]), @r#"
    dblink: missing "=" after "shop" in connection info string
    HINT:  A database is dbname=shop, a service is service=shop, and a profile is @shop.
    "#);
    // What is no name gets no names.
    insta::assert_snapshot!(tell(&["query", "scott@shop", "select 1"]), @r#"dblink: missing "=" after "scott@shop" in connection info string"#);
}

#[test]
fn who_says_nothing_sees_the_help() {
    let said = run([] as [&str; 0]);
    let help = run(["-h"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert_eq!(said.err, help.out);
}

//! `dblink pkey` and `dblink build-sql`.

use dblink_tests::Cluster;

use crate::pty::Terminal;
use crate::support::{conn, database, dblink, run};

/// A database with tables, and its connection string.
fn tables(name: &str) -> String {
    let conn = database(name);
    let mut psql = Cluster::shared().psql_command();
    psql.env("PGDATABASE", name).args([
        "-c",
        "create schema s; \
         create table s.\"Odd Name\" (gone int, b text, \"A\" int, note text, primary key (\"A\", b)); \
         alter table s.\"Odd Name\" drop column gone; \
         insert into s.\"Odd Name\" values ('O''Hara', 1, null), ('x', -2, 'y'); \
         create table bare (a int)",
    ]);
    assert!(psql.status().unwrap().success());
    conn
}

const ODD: &str = "s.\"Odd Name\"";

#[test]
fn the_columns_of_a_key_are_in_its_order() {
    let conn = tables("keys_pkey");
    let said = run(["pkey", &conn, ODD]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert_eq!(said.out, "position,colname\n1,A\n2,b\n");
    let mut command = dblink();
    command.args(["pkey", &conn, ODD]);
    insta::assert_snapshot!(Terminal::run(command).end().0, @"
     position | colname
    ----------+---------
            1 | A
            2 | b
    (2 rows)
    ");

    let said = run(["pkey", &conn, "bare"]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(0), "position,colname\n", "dblink: bare has no primary key\n")
    );
    let said = run(["pkey", &conn, "none"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    insta::assert_snapshot!(said.err, @r#"dblink: ERROR:  42P01: relation "none" does not exist"#);
}

#[test]
fn statements_are_built_and_run_elsewhere() {
    let conn = tables("keys_build");
    let build = |args: &[&str]| {
        let said = run([&["build-sql", args[0], &conn, ODD], &args[1..]].concat());
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{args:?}");
        said.out
    };
    let insert = build(&[
        "insert", "--key", "1", "--key", "O'Hara", "--to-key", "5", "--to-key", "z",
    ]);
    insta::assert_snapshot!(insert, @r#"INSERT INTO s."Odd Name"(b,"A",note) VALUES('z','5',NULL);"#);
    let update = build(&[
        "update", "--key", "-2", "--key", "x", "--to-key", "1", "--to-key", "O'Hara",
    ]);
    insta::assert_snapshot!(update, @r#"UPDATE s."Odd Name" SET b = 'O''Hara', "A" = '1', note = 'y' WHERE "A" = '1' AND b = 'O''Hara';"#);
    // A value may begin with a hyphen, and the row need not be there.
    let delete = build(&["delete", "--key=-7", "--key", "--x"]);
    insta::assert_snapshot!(delete, @r#"DELETE FROM s."Odd Name" WHERE "A" = '-7' AND b = '--x';"#);
    let again = build(&["insert", "--key", "-2", "--key", "x"]);
    let mut psql = Cluster::shared().psql_command();
    psql.env("PGDATABASE", "keys_build");
    psql.args([
        "-c",
        &insert,
        "-c",
        &update,
        "-c",
        &delete,
        "-c",
        "delete from s.\"Odd Name\" where b = 'x'",
        "-c",
        &again,
    ]);
    psql.args(["-c", "select \"A\", b, note from s.\"Odd Name\" order by 1, 2"]);
    let rows = String::from_utf8(psql.output().unwrap().stdout).unwrap();
    assert_eq!(rows, "-2|x|y\n1|O'Hara|y\n5|z|\n");
}

#[test]
fn what_a_key_lacks_is_told() {
    let conn = tables("keys_wrong");
    let refused = |code: i32, args: &[&str]| {
        let said = run([&["build-sql", args[0], &conn], &args[1..]].concat());
        assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{args:?}");
        said.err
    };
    insta::assert_snapshot!(refused(2, &["insert", ODD, "--key", "1"]), @r#"dblink: the primary key of s."Odd Name" is (A, b): give --key once for each of its columns, in this order (2 needed, 1 given)"#);
    insta::assert_snapshot!(refused(2, &["update", ODD, "--key", "1", "--key", "x", "--to-key", "1"]), @r#"dblink: the primary key of s."Odd Name" is (A, b): give --to-key once for each of its columns, in this order (2 needed, 1 given)"#);
    insta::assert_snapshot!(refused(2, &["delete", ODD, "--key", "1", "--key", "x", "--to-key", "1"]), @"dblink: --to-key has no place in a DELETE: --key says which row");
    insta::assert_snapshot!(refused(2, &["insert", "bare", "--key", "1"]), @"dblink: bare has no primary key");
    insta::assert_snapshot!(refused(1, &["insert", ODD, "--key", "9", "--key", "x'y"]), @r#"
    dblink: ERROR:  21000: source row not found
    DETAIL:  s."Odd Name" has no row with (A, b) = (9, x'y).
    "#);
    insta::assert_snapshot!(refused(1, &["insert", ODD, "--key", "nine", "--key", "x"]), @r#"dblink: ERROR:  22P02: invalid input syntax for type integer: "nine""#);
    insta::assert_snapshot!(refused(2, &["insert", ODD]), @"
    dblink: the following required arguments were not provided:
      --key <VALUE>

    Usage: dblink build-sql --key <VALUE> <STATEMENT> <CONN> <RELATION>

    For more information, try '--help'.
    ");
}

#[test]
fn a_name_that_is_none_is_the_servers_error() {
    let said = run(["build-sql", "delete", &conn(), "a.b.c.d", "--key", "1"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    assert!(said.err.starts_with("dblink: ERROR:  "), "{}", said.err);
}

#[test]
fn text_is_utf_8_whatever_the_databases_encoding() {
    let cluster = Cluster::shared();
    cluster.psql("drop database if exists keys_latin");
    cluster.psql("create database keys_latin encoding 'LATIN1' template template0");
    let mut psql = cluster.psql_command();
    psql.env("PGDATABASE", "keys_latin")
        .args(["-c", "create table \"grün\" (\"ä\" int primary key)"]);
    assert!(psql.status().unwrap().success());
    let conn = cluster.conninfo().replace("dbname=postgres", "dbname=keys_latin");
    let said = run(["pkey", &conn, "\"grün\""]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "position,colname\n1,ä\n"),
        "{}",
        said.err
    );
}

/// What is written here is read by another server, with other settings.
#[test]
fn constants_are_written_the_same_whatever_is_set() {
    let conn = database("keys_settings");
    let cluster = Cluster::shared();
    let mut psql = cluster.psql_command();
    psql.env("PGDATABASE", "keys_settings").args([
        "-c",
        "create table \"tä\" (id int primary key, d date, i interval, f float8, b bytea); \
         insert into \"tä\" values (1, '2020-02-01', '-1 day 2:03', 0.1::float8 + 0.2, '\\x00ff'); \
         alter database keys_settings set bytea_output = escape",
    ]);
    assert!(psql.status().unwrap().success());
    let said: crate::support::Said = dblink()
        .args(["build-sql", "insert", &conn, "\"tä\"", "--key", "1"])
        .env("PGDATESTYLE", "German")
        .env(
            "PGOPTIONS",
            "-c intervalstyle=sql_standard -c extra_float_digits=-9",
        )
        .env("PGCLIENTENCODING", "LATIN1")
        .output()
        .unwrap()
        .into();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!(said.out, @r#"INSERT INTO "tä"(id,d,i,f,b) VALUES('1','2020-02-01','-1 days +02:03:00','0.30000000000000004',E'\\x00ff');"#);
    let said: crate::support::Said = dblink()
        .args(["pkey", &conn, "\"tä\""])
        .env("PGCLIENTENCODING", "LATIN1")
        .output()
        .unwrap()
        .into();
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "position,colname\n1,id\n")
    );
}

/// What the help says of it.
#[test]
fn the_value_of_a_generated_column_is_not_taken() {
    let conn = database("keys_generated");
    let sql = "create table t (a int primary key, b int generated always as (a + 1) stored); insert into t values (1)";
    assert_eq!(run(["exec", &conn, sql]).code, Some(0));
    for (statement, expected) in [
        ("insert", "INSERT INTO t(a,b) VALUES('1','2');\n"),
        ("update", "UPDATE t SET a = '1', b = '2' WHERE a = '1';\n"),
    ] {
        let built = run(["build-sql", statement, &conn, "t", "--key", "1"]).out;
        assert_eq!(built, expected);
        let said = run(["exec", &conn, &built]);
        assert!(said.err.starts_with("dblink: ERROR:  428C9: "), "{said:?}");
    }
}

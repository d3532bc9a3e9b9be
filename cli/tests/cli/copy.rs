//! `dblink copy`.

mod shown;
mod stopped;

use dblink_tests::{Cluster, refused_port, roles};

use crate::support::{Said, database, run};

/// Two databases of the test's own: their names and connection strings.
struct Two {
    from: String,
    to: String,
    source: String,
    target: String,
}

fn two(name: &str) -> Two {
    let (source, target) = (format!("{name}_from"), format!("{name}_to"));
    Two {
        from: database(&source),
        to: database(&target),
        source,
        target,
    }
}

impl Two {
    fn copy(&self, more: &[&str]) -> Said {
        run(self.args(more))
    }

    fn args<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["copy", "--from", &self.from, "--to", &self.to], more].concat()
    }
}

/// Runs SQL in a database; gives what psql prints.
#[track_caller]
fn psql(database: &str, sql: &str) -> String {
    let mut psql = Cluster::shared().psql_command();
    let output = psql.args(["-d", database, "-c", sql]).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    assert!(output.status.success(), "{}", text(output.stderr));
    text(output.stdout)
}

#[test]
fn a_table_is_copied_and_counted() {
    let two = two("copy_counted");
    psql(
        &two.source,
        "create table t as select g as a, 'x' || g as b from generate_series(1, 1000) g",
    );
    psql(&two.target, "create table t (b text, a int)");
    let said = two.copy(&["--table", "T"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), "COPY 1000\n"),
        "{said:?}"
    );
    let words: Vec<_> = said.err.split_whitespace().collect();
    let [
        rows,
        "rows,",
        bytes,
        "bytes,",
        seconds,
        "seconds,",
        rate,
        "rows/s",
    ] = words[..]
    else {
        panic!("{said:?}");
    };
    assert_eq!(rows, "1000");
    assert!(bytes.parse::<u64>().unwrap() > 10_000);
    // The seconds are rounded to thousandths.
    let took = 1000.0 / rate.parse::<f64>().unwrap();
    let seconds = seconds.parse::<f64>().unwrap();
    assert!((took - seconds).abs() < 0.000_51, "{said:?}");
    assert_eq!(
        psql(&two.target, "select count(*), sum(a), max(b) from t"),
        "1000|500500|x999"
    );

    // Into another, which is another way to say it.
    let said = two.copy(&[
        "--query",
        "select a from t where a < 3",
        "--into",
        "\"Other\"",
        "--create",
    ]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "COPY 2\n"), "{said:?}");
    assert_eq!(
        psql(
            &two.target,
            "select string_agg(a::text, ' ' order by a) from \"Other\""
        ),
        "1 2"
    );

    // One is one.
    let args = [
        "--query",
        "select a from t where a = 3",
        "--into",
        "one",
        "--create",
    ];
    let said = two.copy(&args);
    assert!(said.err.starts_with("1 row, "), "{said:?}");
}

#[test]
fn a_table_is_created_and_verified() {
    let two = two("copy_verified");
    psql(
        &two.source,
        "create table t (a int primary key, z timestamptz not null); insert into t select g, now() from generate_series(1, 10) g",
    );
    let said = two.copy(&["--table", "public.t", "--into", "u", "--create", "--verify"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "COPY 10\n"), "{said:?}");
    let last = said.err.lines().last().unwrap();
    let digest = last
        .strip_prefix("the same in source and target: 10 rows with checksum ")
        .unwrap();
    assert_eq!(digest.len(), 32);
    let key = "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'u'::regclass and contype = 'p'";
    assert_eq!(psql(&two.target, key), "PRIMARY KEY (a)");

    let said = two.copy(&["--table", "t", "--into", "u", "--create"]);
    assert_eq!(
        said,
        Said {
            code: Some(1),
            out: String::new(),
            err: "dblink: target: ERROR:  42P07: relation \"u\" already exists\n\
                HINT:  Leave out --create to copy into the table that is there, or name another one by --into.\n"
                .to_owned()
        }
    );
    let said = two.copy(&["--table", "t", "--into", "u", "--verify"]);
    assert_eq!(said.code, Some(1));
    assert_eq!(
        said.err,
        "dblink: ERROR:  55000: the target has rows already, and what is copied to them could not be verified: \"u\" has to be empty\n\
         HINT:  Empty the table, name another one by --into, or leave out --verify to add the rows to those that are there.\n"
    );
    // As the hint says.
    let said = two.copy(&["--table", "t", "--into", "v", "--create"]);
    assert_eq!(said.out, "COPY 10\n", "{said:?}");
    let said = two.copy(&["--query", "select a + 10, z from t", "--into", "u"]);
    assert_eq!(said.out, "COPY 10\n", "{said:?}");
}

/// What the help says is not created.
#[test]
fn little_of_a_table_is_created() {
    let two = two("copy_little");
    psql(
        &two.source,
        "create table other (a int primary key); insert into other values (1); \
         create table t (a int generated always as identity primary key, b int not null default 1 check (b > 0) unique, \
         c int generated always as (b + 1) stored, d int references other, e text collate \"C\"); \
         create index on t (d); comment on table t is 'x'; grant select on t to public; \
         insert into t (d) values (1)",
    );
    let said = two.copy(&["--table", "t", "--create"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "COPY 1\n"), "{said:?}");
    let columns = "select attname, attnotnull, atthasdef, attidentity, attgenerated from pg_attribute \
                   where attrelid = 't'::regclass and attnum > 0 order by attnum";
    assert_eq!(
        psql(&two.target, columns),
        "a|t|f||\nb|t|f||\nc|f|f||\nd|f|f||\ne|f|f||"
    );
    let rest = "select (select string_agg(contype::text, ' ') from pg_constraint where conrelid = c.oid and contype <> 'n'), \
                (select count(*) from pg_index where indrelid = c.oid), obj_description(oid), relacl is null, \
                (select count(*) from pg_attribute a, pg_type t where attrelid = c.oid and t.oid = atttypid \
                and attcollation <> typcollation) from pg_class c where oid = 't'::regclass";
    assert_eq!(psql(&two.target, rest), "p|1||t|0");
    assert_eq!(psql(&two.target, "select * from t"), "1|1|2|1|");
}

#[test]
fn rows_that_arrive_as_others_are_not_kept() {
    let two = two("copy_changed");
    psql(&two.source, "create table t as select 1 as a");
    psql(
        &two.target,
        "create table t (a int); create function f() returns trigger language plpgsql as $$ begin new.a := 2; return new; end $$; \
         create trigger f before insert on t for each row execute function f()",
    );
    let said = two.copy(&["--table", "t", "--verify"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    let told = said
        .err
        .strip_prefix("dblink: ERROR:  22000: the rows in the target are others than those of the source: 1 row with checksum ");
    let (sent, kept) = told
        .unwrap()
        .split_once(" in the source, 1 row with checksum ")
        .unwrap();
    assert_ne!(sent, kept.trim_end_matches(" in the target\n"));
    assert_eq!(psql(&two.target, "select count(*) from t"), "0");
}

#[test]
fn what_fails_is_told_with_its_side() {
    let two = two("copy_failing");
    psql(
        &two.source,
        "create table t as select 1 as a, 2 as b; create table lone as select 1 as a",
    );
    psql(&two.target, "create table t (a int)");
    for (args, err) in [
        (
            &["--table", "absent"][..],
            "dblink: source: ERROR:  42P01: relation \"absent\" does not exist\n",
        ),
        (
            &["--table", "lone"],
            "dblink: target: ERROR:  42P01: relation \"lone\" does not exist\n",
        ),
        (
            &["--table", "t"],
            "dblink: ERROR:  42703: the target has no such columns to copy: b\n",
        ),
        (
            &["--query", "select 1, 2", "--into", "t"],
            "dblink: ERROR:  42804: the query has 2 columns, and the target 1 to copy them to\n",
        ),
        (
            &["--query", "select a,\n  c from t", "--into", "t"],
            "dblink: source: ERROR:  42703: column \"c\" does not exist\nLINE 2:   c from t\n          ^\n",
        ),
        (
            &[
                "--query",
                "select 1 / (5 - g) as a from generate_series(1, 9) g",
                "--into",
                "t",
            ],
            "dblink: source: ERROR:  22012: division by zero\n",
        ),
        (
            &["--query", "select 'x' as a", "--into", "t"],
            "dblink: target: ERROR:  22P02: invalid input syntax for type integer: \"x\"\nCONTEXT:  COPY t, line 1, column a: \"x\"\n",
        ),
    ] {
        let said = two.copy(args);
        assert_eq!(
            (said.code, said.err.as_str(), said.out.as_str()),
            (Some(1), err, ""),
            "{args:?}"
        );
    }
    assert_eq!(psql(&two.target, "select count(*) from t"), "0");
}

/// Bytes that are no text go where they are none either.
#[test]
fn bytes_of_no_encoding_are_copied_as_they_are() {
    let cluster = Cluster::shared();
    let [from, to] = ["copy_bytes_from", "copy_bytes_to"].map(|name| {
        cluster.psql(&format!(
            "create database {name} encoding sql_ascii locale 'C' template template0"
        ));
        cluster
            .conninfo()
            .replace("dbname=postgres", &format!("dbname={name}"))
    });
    let bytes = "select encode(convert_to(a, 'sql_ascii'), 'hex') from t";
    psql(
        "copy_bytes_from",
        "create table t as select convert_from('\\xe4ff', 'sql_ascii') as a",
    );
    let said = run([
        "copy", "--from", &from, "--to", &to, "--table", "t", "--create", "--verify",
    ]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "COPY 1\n"), "{said:?}");
    assert_eq!(psql("copy_bytes_to", bytes), "e4ff");

    let text = database("copy_bytes_text");
    let said = run(["copy", "--from", &from, "--to", &text, "--table", "t", "--create"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    insta::assert_snapshot!(said.err, @r#"
    dblink: source: ERROR:  22021: invalid byte sequence for encoding "UTF8": 0xe4 0xff
    HINT:  The source's encoding is SQL_ASCII, which says nothing of its bytes, and these are not UTF-8. A target whose encoding is SQL_ASCII, too, takes them as they are; or convert them in a --query.
    "#);
    // As the hint says.
    let query =
        "select convert_from(convert(convert_to(a, 'sql_ascii'), 'latin1', 'utf8'), 'sql_ascii') as a from t";
    let said = run([
        "copy", "--from", &from, "--to", &text, "--query", query, "--into", "t", "--create",
    ]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "COPY 1\n"), "{said:?}");
    assert_eq!(psql("copy_bytes_text", bytes), "c3a4c3bf");
}

#[test]
fn a_side_that_is_not_there_is_named() {
    let two = two("copy_absent");
    let cluster = Cluster::shared();
    let refused = format!("host=127.0.0.1 port={} user=x", refused_port());
    let unknown = "host=no.such.host.invalid user=x".to_owned();
    let wrong = format!(
        "host=127.0.0.1 port={} user={} password=wrong dbname=postgres",
        cluster.port(),
        roles::SCRAM_USER
    );
    for (bad, tells) in [
        (&refused, "Connection refused"),
        (
            &unknown,
            "could not translate host name \"no.such.host.invalid\" to address",
        ),
        (&wrong, "password authentication failed for user \"scram_user\""),
        (
            &"host".to_owned(),
            "missing \"=\" after \"host\" in connection info string",
        ),
    ] {
        for (side, from, to) in [("source", bad, &two.to), ("target", &two.from, bad)] {
            let said = run(["copy", "--from", from, "--to", to, "--table", "t"]);
            assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
            assert!(said.err.starts_with(&format!("dblink: {side}: ")), "{said:?}");
            assert!(said.err.contains(tells), "{said:?}");
            assert!(!said.err.contains("wrong"), "{said:?}");
        }
    }
}

#[test]
fn wrong_usage() {
    let two = two("copy_usage");
    for args in [
        &[][..],
        &["--table", "t", "--query", "select 1", "--into", "t"],
        &["--query", "select 1"],
        &["--table", "a.b.c"],
        &["--table", "t", "--into", "\"t"],
    ] {
        let said = two.copy(args);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
        assert!(said.err.starts_with("dblink: "), "{said:?}");
    }
}

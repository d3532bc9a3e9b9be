//! The shell on a server without the extension, beside psql on the same server with it: the same scripts, which use every function
//! of dblink's.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use dblink_tests::Cluster;

use crate::support::{database, dblink, psql};

/// What differs, and where.
enum Differs {
    /// Always.
    Always,
    /// Unless the shell is to be exact.
    Mended,
}

use Differs::{Always, Mended};

/// The statements that give something else than with PostgreSQL's own module, and why.
const DIFFERENCES: &[(&str, Differs, &str)] = &[
    (
        r#"DO $$ begin perform dblink_exec('a', 'set a.b = 1'); end $$;"#,
        Always,
        "a server-side block cannot call it",
    ),
    (
        r#"CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$ begin return dblink_exec('a', 'set a.b = 1'); end $$;"#,
        Always,
        "a server-side function cannot call it",
    ),
    (
        r#"EXPLAIN (COSTS OFF) SELECT * FROM dblink('a', 'select 1') AS t(x int);"#,
        Always,
        "there is nothing that the server would run",
    ),
    (
        r#"CREATE VIEW v AS SELECT * FROM dblink('a', 'select 1') AS t(x int);"#,
        Always,
        "it would be run by the server later",
    ),
    (
        r#"CREATE MATERIALIZED VIEW mv AS SELECT * FROM dblink('a', 'select 1') AS t(x int);"#,
        Always,
        "it would be run by the server later",
    ),
    (
        r#"PREPARE p AS SELECT * FROM dblink('a', 'select 1') AS t(x int);"#,
        Always,
        "it would be run by the server later",
    ),
    (
        r#"CREATE TABLE d (x text DEFAULT dblink_exec('a', 'set a.b = 1'));"#,
        Always,
        "it would be computed by the server later",
    ),
    (
        r#"SELECT dblink_exec('a', 'set a.b = ' || f1) FROM foo;"#,
        Always,
        "calls are made before the statement runs, once each",
    ),
    (
        r#"SELECT dblink_exec('a', 'set a.b = 1') FROM foo;"#,
        Always,
        "calls are made before the statement runs, once each",
    ),
    (
        r#"SELECT f1, x FROM foo, dblink('a', 'select ' || foo.f1) AS t(x int);"#,
        Always,
        "calls are made before the statement runs, once each",
    ),
    (
        r#"SELECT f1, x FROM foo, dblink('a', (select 'select ' || foo.f1)) AS t(x int);"#,
        Always,
        "calls are made before the statement runs, once each",
    ),
    (
        r#"WITH q AS (SELECT 'select 5'::text AS sql) SELECT x FROM dblink('a', (SELECT sql FROM q)) AS t(x int);"#,
        Always,
        "calls are made before the statement runs, once each",
    ),
    (
        r#"UPDATE foo SET f2 = dblink_exec('a', 'set a.b = 1');"#,
        Always,
        "calls are made before the statement runs, once each",
    ),
    (
        r#"SELECT dblink_exec('a', 'do $$ begin raise notice ''noted''; raise warning ''warned'' using detail = ''d'', hint = ''h''; end $$');"#,
        Always,
        "what the server there notes is told",
    ),
    (
        r#"SELECT dblink_open('a', 'd', 'select * from nope', false);"#,
        Mended,
        "a cursor that is not opened leaves no failed transaction",
    ),
    (
        r#"SELECT dblink_open('a', 'd', 'select f1 from foo', true);"#,
        Mended,
        "the transaction that failed is not there any more",
    ),
    (
        r#"SELECT * FROM dblink_fetch('a', 'd', 1 + 1) AS t(a int);"#,
        Mended,
        "the cursor is there",
    ),
    (r#"SELECT dblink_close('a', 'd');"#, Mended, "the cursor is there"),
    (
        r#"SELECT * FROM dblink_fetch('a', 'd', '2') AS t(a int);"#,
        Always,
        "an untyped third argument is the number of rows",
    ),
    (
        r#"SELECT * FROM dblink_fetch('a', 'd', 'x') AS t(a int);"#,
        Always,
        "an untyped third argument is the number of rows",
    ),
    (
        r#"SELECT * FROM dblink_fetch('a', 'd', NULL) AS t(a int);"#,
        Always,
        "an untyped third argument is the number of rows",
    ),
    (
        r#"SELECT * FROM dblink('a', 'select 1');"#,
        Always,
        "no column list is needed",
    ),
    (
        r#"CREATE TABLE IF NOT EXISTS foo AS SELECT dblink_exec('a', 'set a.b = 1') AS f1;"#,
        Always,
        "whether it is called is for the server to find out",
    ),
    (
        r#"CREATE TABLE none AS SELECT * FROM dblink('a', 'select 1') AS t(x int) WITH NO DATA;"#,
        Always,
        "whether it is called is for the server to find out",
    ),
    (
        r#"WITH q AS (UPDATE foo SET f2 = dblink_exec('a', 'set a.b = 1') RETURNING f1) SELECT count(*) FROM q;"#,
        Always,
        "calls are made before the statement runs, once each",
    ),
];

/// What both databases "here" have.
const HERE: &str = "\
    create table foo (f1 int, f2 text, f3 text[], primary key (f1, f2)); \
    insert into foo values (0, 'a', '{a0,b0}'), (1, 'b', '{a1,b1}'); \
    create table \"My Table\" (\"Key\" int primary key, gone int, v varchar(5)); \
    alter table \"My Table\" drop column gone; \
    insert into \"My Table\" values (1, 'it''s');";

/// What the database "there" has.
const THERE: &str = "\
    create table foo (f1 int, f2 text, f3 text[], primary key (f1, f2)); \
    insert into foo select i, 'n' || i, array['a' || i, 'b'] from generate_series(0, 9) i; \
    create type mood as enum ('sad', 'ok');";

/// The statements of a script: each ends with a line that ends with a semicolon.
fn statements(script: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    for line in script.lines() {
        let statement = statements.last_mut().unwrap();
        statement.push_str(line);
        statement.push('\n');
        if line.ends_with(';') || line.starts_with('\\') {
            statements.push(String::new());
        }
    }
    statements.retain(|statement| !statement.trim().is_empty());
    statements
}

/// Makes the databases, and runs a script: what each statement has printed on stdout and on stderr.
fn run(program: &mut Command, prefix: &str, extension: bool, script: &[String]) -> Vec<(String, String)> {
    let cluster = Cluster::shared();
    let prepare = |conn: &str, sql: &str| {
        let output = psql()
            .args(["-q", "-v", "ON_ERROR_STOP=1", conn, "-c", sql])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let here = database(&format!("{prefix}_here"));
    let there = database(&format!("{prefix}_there"));
    prepare(&here, HERE);
    prepare(&there, THERE);
    if extension {
        prepare(&here, "create extension dblink");
    }
    let marked = script
        .iter()
        .enumerate()
        .map(|(number, statement)| format!("\\echo @{number}\n\\warn @{number}\n{statement}"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script.sql");
    fs::write(&file, marked.collect::<String>()).unwrap();
    let output = program
        .arg(&here)
        .args(["-v", &format!("there={there}")])
        .stdin(fs::File::open(&file).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    // The same connection string has another name of the database in it.
    let place = cluster.socket_dir().display().to_string();
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        text.replace(prefix, "DB").replace(&place, "SOCKET")
    };
    let parts = |text: String| -> Vec<String> {
        let mut parts = vec![];
        for line in text.lines() {
            match line
                .strip_prefix('@')
                .and_then(|number| number.parse::<usize>().ok())
            {
                Some(number) => {
                    assert_eq!(number, parts.len());
                    parts.push(String::new());
                }
                None => {
                    let part: &mut String = parts.last_mut().expect("a mark comes first");
                    part.push_str(line);
                    part.push('\n');
                }
            }
        }
        parts
    };
    let (out, err) = (parts(text(output.stdout)), parts(text(output.stderr)));
    assert_eq!(
        (out.len(), err.len()),
        (script.len(), script.len()),
        "the script was run to its end"
    );
    out.into_iter().zip(err).collect()
}

/// Compares all scripts, and gives how many statements there were.
fn compare(exact: bool) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/module/scripts");
    let mut scripts: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    scripts.sort();
    let mut listed: Vec<bool> = DIFFERENCES.iter().map(|_| false).collect();
    let mut wrong = String::new();
    let mut count = 0;
    for script in &scripts {
        let name = script.file_name().unwrap().to_string_lossy();
        let statements = statements(&fs::read_to_string(script).unwrap());
        count += statements.len();
        let prefix = if exact { "module_exact" } else { "module" };
        let theirs = run(
            psql().env("LC_ALL", "C"),
            &format!("{prefix}_c"),
            true,
            &statements,
        );
        let mut shell = dblink();
        shell.arg("shell");
        if exact {
            shell.arg("--exact");
        }
        let ours = run(shell.arg("--local"), &format!("{prefix}_r"), false, &statements);
        for ((statement, theirs), ours) in statements.iter().zip(theirs).zip(ours) {
            let text = statement.trim();
            let entry = DIFFERENCES.iter().position(|(listed, ..)| text == *listed);
            let may = entry.is_some_and(|entry| match DIFFERENCES[entry].1 {
                Always => true,
                Mended => !exact,
            });
            if may {
                listed[entry.unwrap()] |= theirs != ours;
            } else if theirs != ours {
                wrong += &format!(
                    "== {name}: {text}\n-- psql\n{}{}-- ours\n{}{}\n",
                    theirs.0, theirs.1, ours.0, ours.1
                );
            }
        }
    }
    for (entry, listed) in DIFFERENCES.iter().zip(listed) {
        if !listed && (!exact || matches!(entry.1, Always)) {
            wrong += &format!("== listed, but no difference: {} ({})\n", entry.0, entry.2);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    count
}

#[test]
fn scripts_give_what_they_give_with_the_extension() {
    let count = compare(false);
    assert!(count > 200, "{count}");
}

#[test]
fn exactly_so_if_that_is_asked_for() {
    compare(true);
}

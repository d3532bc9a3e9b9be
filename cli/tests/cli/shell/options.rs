//! What the command line asks the shell for.

use std::fs;
use std::process::Stdio;

use dblink_tests::Cluster;

use crate::support::{Limit, Said, conn, dblink, fifo_in, run, run_with, write_to_fifo};

fn shell(args: &[&str]) -> Said {
    let conn = conn();
    let mut all = vec!["shell", "--local", &conn];
    all.extend(args);
    run(all)
}

fn shell_with(args: &[&str], input: &str) -> Said {
    let conn = conn();
    let mut all = vec!["shell", "--local", &conn];
    all.extend(args);
    run_with(all, input)
}

#[test]
fn commands_of_the_command_line_are_run_in_order() {
    let said = shell(&[
        "-Atc",
        "select 1 as a; select 2",
        "-c",
        "\\echo three",
        "-c",
        "select 4",
    ]);
    assert_eq!(said.out, "1\n2\nthree\n4\n");
    assert_eq!((said.err.as_str(), said.code), ("", Some(0)));
}

#[test]
fn the_exit_code_is_that_of_the_last_command_unless_errors_stop() {
    let said = shell(&["-Atc", "select nothing", "-c", "select 1"]);
    assert_eq!((said.out.as_str(), said.code), ("1\n", Some(0)));
    let said = shell(&["--on-error-stop", "-Atc", "select nothing", "-c", "select 1"]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(1)));
    let said = shell(&["-c", "\\nonsense"]);
    assert_eq!(
        (said.err.as_str(), said.code),
        ("invalid command \\nonsense\n", Some(1))
    );
}

#[test]
fn the_data_of_a_command_that_is_not_there_are_no_sql() {
    let script = "\\copy t from stdin\nselect 'a trap';\n\\.\nselect 'behind';\n";
    let said = shell_with(&["-At", "-f", "-"], script);
    assert_eq!(
        (said.out.as_str(), said.err.as_str()),
        ("behind\n", "dblink:<stdin>:1: error: invalid command \\copy\n")
    );
    // Here nothing follows.
    let script = "\\copy t from 'stdin'\nselect 'behind';\n\\if false\n\\copy t from stdin\n\\endif\nselect 'the end';\n";
    let said = shell_with(&["-At", "-f", "-"], script);
    assert_eq!(said.out, "behind\nthe end\n");
}

#[test]
fn texts_of_calls_are_utf_8() {
    let said = shell(&[
        "-c",
        "set client_encoding = latin1",
        "-c",
        "select dblink_error_message(chr(233))",
        "-c",
        "set client_encoding = utf8",
        "-Atc",
        "select dblink_is_busy(chr(233))",
    ]);
    assert!(
        said.err
            .contains("dblink_error_message() cannot be called here: client_encoding is LATIN1"),
        "{}",
        said.err
    );
    assert!(
        said.err.contains("connection \"é\" not available"),
        "{}",
        said.err
    );
}

#[test]
fn several_files_are_run_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one.sql"), folder.path().join("two.sql"));
    fs::write(&one, "\\set a 1\nselect 'one';\n").unwrap();
    fs::write(&two, "select 'two', :a;\n").unwrap();
    let said = shell(&["-At", "-f", one.to_str().unwrap(), "-f", two.to_str().unwrap()]);
    assert_eq!((said.out.as_str(), said.code), ("one\ntwo|1\n", Some(0)));
    let said = shell_with(&["-At", "-f", "-"], "select 'three';\nselect nothing;");
    assert_eq!(said.out, "three\n");
    assert!(
        said.err
            .starts_with("dblink:<stdin>:2: ERROR:  column \"nothing\""),
        "{}",
        said.err
    );
}

/// What it has in it can be read once.
#[test]
fn a_file_may_be_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = fifo_in(folder.path());
    let child = dblink()
        .args(["shell", "--local", &conn(), "-At", "-f"])
        .arg(&fifo)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _limit = Limit::of(&child);
    write_to_fifo(&fifo, "select 'through the pipe';\n");
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!((said.out.as_str(), said.code), ("through the pipe\n", Some(0)));
}

#[test]
fn a_file_that_is_not_there_is_told_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("there.sql");
    fs::write(&there, "select 'there';\n").unwrap();
    let said = shell(&["-f", there.to_str().unwrap(), "-f", "/nothing/there.sql"]);
    assert_eq!(
        said,
        Said {
            code: Some(2),
            out: String::new(),
            err: "dblink: /nothing/there.sql: No such file or directory\n".to_owned()
        }
    );
}

#[test]
fn formats_have_options() {
    let rows = "select 1 as a, null as b;";
    assert_eq!(shell_with(&["--csv"], rows).out, "a,b\n1,\n");
    assert_eq!(shell_with(&["-A"], rows).out, "a|b\n1|\n(1 row)\n");
    assert_eq!(shell_with(&["-t"], rows).out, " 1 | \n\n");
    assert_eq!(shell_with(&["-x"], rows).out, "-[ RECORD 1 ]\na | 1\nb | \n\n");
    assert_eq!(shell_with(&["-q"], "create temp table a (a int);").out, "");
}

#[test]
fn variables_are_set() {
    assert_eq!(shell_with(&["-At", "-v", "a=b c"], "select :'a';").out, "b c\n");
    let said = shell(&["-v", "ECHO=loud"]);
    assert_eq!(said.code, Some(2));
    insta::assert_snapshot!(said.err, @r#"
    dblink: unrecognized value "loud" for "ECHO"
    Available values are: none, errors, queries, all.
    "#);
}

#[test]
fn what_the_shell_does_not_do_is_not_promised() {
    for (name, value) in [("AUTOCOMMIT", "off"), ("ON_ERROR_ROLLBACK", "on")] {
        let said = shell(&[
            "-c",
            &format!("\\set {name} {value}"),
            "-c",
            &format!("\\echo :{name}"),
        ]);
        assert!(
            said.err.contains(&format!("\"{value}\" for \"{name}\"")),
            "{said:?}"
        );
        assert_ne!(said.out.trim_end(), value, "{said:?}");
    }
}

#[test]
fn results_go_into_files() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let script = format!(
        "\\o {}\nselect 1;\n\\qecho and\n\\echo here\nselect 2 \\g {}\ncreate temp table a (a int);\n\\o\nselect 3;\n",
        one.display(),
        two.display()
    );
    let said = shell_with(&["-At"], &script);
    assert_eq!(said.out, "here\n3\n");
    assert_eq!(fs::read_to_string(one).unwrap(), "1\nand\nCREATE TABLE\n");
    assert_eq!(fs::read_to_string(two).unwrap(), "2\n");
}

#[test]
fn another_database_is_connected_to() {
    Cluster::shared().psql("drop database if exists shell_other");
    Cluster::shared().psql("create database shell_other");
    let said = shell_with(
        &["-At"],
        "\\conninfo\n\\c shell_other\nselect current_database();\n\\c nothing\nselect 1;\n",
    );
    let lines: Vec<_> = said.out.lines().collect();
    assert!(
        lines[0].starts_with("You are connected to database \"postgres\" as user \"postgres\" via socket in")
    );
    assert_eq!(
        lines[1..],
        [
            "You are now connected to database \"shell_other\" as user \"postgres\".",
            "shell_other"
        ]
    );
    assert!(said.err.contains("\\connect: "), "{}", said.err);
    assert!(
        said.err.contains("database \"nothing\" does not exist"),
        "{}",
        said.err
    );
    assert_eq!(said.code, Some(2));
}

#[test]
fn what_is_not_sent_leaves_nothing_for_the_next_statement() {
    for command in ["\\gset `x`", "\\gx `x`", "\\g (x)"] {
        let script = format!("select 1 as a {command}\n\\r\nselect 2 as a;\n");
        let said = shell_with(&["-Atq"], &script);
        assert_eq!(said.out, "2\n", "{command}: {}", said.err);
    }
}

#[test]
fn what_cannot_be_read_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().to_str().unwrap();
    let said = shell(&["-f", name]);
    let err = format!("dblink:{name}: error: could not read from input file: Is a directory\n");
    assert_eq!((said.code, said.out.as_str(), said.err), (Some(1), "", err));
}

#[test]
fn a_statement_may_begin_with_a_comment() {
    let said = shell(&["-At", "-c", "-- so\nselect 1"]);
    assert_eq!((said.out.as_str(), said.code), ("1\n", Some(0)), "{}", said.err);
}

#[test]
fn data_of_two_copies_come_one_after_the_other() {
    let args = [
        "-c",
        "create temp table t (a int); create temp table u (a int)",
        "-c",
        "copy t from stdin",
        "-c",
        "copy u from stdin",
        "-c",
        "select (select sum(a) from t), (select sum(a) from u)",
    ];
    let said = shell_with(&[&["-Atq"][..], &args].concat(), "1\n2\n\\.\n3\n\\.\n");
    assert_eq!((said.out.as_str(), said.err.as_str()), ("3|3\n", ""));
}

#[test]
fn connections_stay_where_the_local_side_is_the_first() {
    let script = format!(
        "select dblink_connect('a', '{0}');\n\\c \"{0}\"\nselect dblink_get_connections();\n",
        conn()
    );
    let said = run_with(["shell", "-Atq"], &script);
    assert_eq!((said.err.as_str(), said.code), ("", Some(0)));
    assert_eq!(said.out, "OK\n{a}\n");
}

#[test]
fn connections_are_listed() {
    insta::assert_snapshot!(shell(&["-c", "\\conns"]).out, @r"
                                  List of dblink connections
     Name | Server | Database | User | PID | State | Transaction | Age | Rows | Last error 
    ------+--------+----------+------+-----+-------+-------------+-----+------+------------
    (0 rows)
    ");
}

#[test]
fn an_open_connection_is_listed_with_its_state() {
    let script = format!(
        "select dblink_connect('north', '{}');\nselect dblink_exec('north', 'begin');\n\\conns\n",
        conn()
    );
    let said = shell_with(&["-Atq"], &script);
    let last = said.out.lines().last().unwrap();
    let fields: Vec<_> = last.split('|').collect();
    assert_eq!(fields[0], "north", "{said:?}");
    assert_eq!(fields[2..4], ["postgres", "postgres"]);
    assert_eq!(fields[5], "idle");
    assert!(fields[6].starts_with("open for "), "{last}");
}

#[test]
fn watch_runs_a_statement_as_often_as_it_is_told() {
    let said = shell_with(
        &["-At"],
        "create temp table a (a int);\ninsert into a values (1) returning 7 \\watch i=0.01 c=3\nselect count(*) from a;\n\\watch 1 2\n",
    );
    assert_eq!(said.out.matches("(every 0.01s)").count(), 3, "{}", said.out);
    assert!(said.out.ends_with("\n3\n"), "{}", said.out);
    assert_eq!(said.err, "\\watch: interval value is specified more than once\n");
    // A statement that fails is not run again.
    let said = shell_with(&["-At"], "select 1/0 \\watch 0.01\n\\echo on\n");
    assert_eq!(said.out, "on\n");
}

#[test]
fn the_time_that_a_statement_takes_is_told() {
    let said = shell_with(&["-At"], "\\timing\nselect 1;\nselect nothing;\n");
    let lines: Vec<_> = said.out.lines().collect();
    assert_eq!(lines[..2], ["Timing is on.", "1"]);
    for line in &lines[2..] {
        // A second and more is told once again behind it.
        let rest = line.strip_prefix("Time: ").unwrap();
        let (time, _) = rest.split_once(" ms").unwrap();
        assert_eq!(time.split_once('.').unwrap().1.len(), 3, "{line}");
        time.parse::<f64>().unwrap();
    }
    assert_eq!(lines.len(), 4);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    use std::process::Stdio;
    let mut child = crate::support::dblink()
        .args([
            "shell",
            "--local",
            &conn(),
            "-c",
            "select repeat('x', 1000) from generate_series(1, 10000)",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let said: Said = child.wait_with_output().unwrap().into();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

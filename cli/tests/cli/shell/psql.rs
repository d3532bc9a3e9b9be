//! The shell beside psql: the same scripts, and the same bytes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dblink_tests::Cluster;

use crate::support::{Said, conn, database, dblink, psql};

/// How a script is given to a program.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// `-f FILE`
    File,
    /// On the standard input.
    Input,
    /// On the standard input, and it is printed as it is read.
    Echo,
}

/// What differs from psql, and why.
const DIFFERENCES: [(&str, &str); 13] = [
    ("\\o |cat", "no other program is run"),
    ("select 1 \\g |cat", "no other program is run"),
    ("\\echo `echo run`", "no other program is run"),
    ("\\! echo run", "no other program is run"),
    ("\\pset linestyle unicode", "there is one style of lines"),
    ("\\pset format html", "the formats are aligned, unaligned and csv"),
    ("\\d", "the local server's catalog is asked in SQL"),
    ("select 1 as a \\crosstabview", "results are printed as they are"),
    ("\\echo :VERSION_NAME", "it is dblink's"),
    (
        "select 1 \\watch nonsense",
        "as psql 16 and newer, which refuse what is no number of seconds",
    ),
    (
        "reset work_mem \\g /dev/null",
        "as psql 16 and newer: the tag goes where results go",
    ),
    ("select 1 \\g (border=2)", "there is \\pset"),
    ("\\?", "it has its own commands"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/shell/scripts")
}

/// Runs a program on a script, in a database that nobody has used.
fn run(mut command: Command, script: &Path, way: Way) -> (Vec<u8>, Vec<u8>, Option<i32>) {
    match way {
        Way::File => {
            command.arg("-f").arg(script.file_name().unwrap());
        }
        Way::Input => {}
        Way::Echo => {
            command.arg("-a");
        }
    }
    let input = match way {
        Way::File => Stdio::null(),
        Way::Input | Way::Echo => File::open(script).unwrap().into(),
    };
    let output = command
        .current_dir(script.parent().unwrap())
        .env("LC_ALL", "C.UTF-8")
        .env_remove("COLUMNS")
        .stdin(input)
        .output()
        .unwrap();
    (output.stdout, output.stderr, output.status.code())
}

/// What both programs make of a script.
fn both(script: &Path, way: Way, name: &str) -> (Said, Said) {
    let text = fs::read(script).unwrap();
    let creates = text.windows(7).any(|window| window == b"create ");
    // A database costs time: a script that leaves nothing in one needs none of its own.
    let place = || if creates { database(name) } else { conn() };
    let mut command = psql();
    command.arg(place());
    let theirs = run(command, script, way);
    let conn = place();
    let mut command = dblink();
    command.args(["shell", "--local", &conn]);
    let ours = run(command, script, way);
    let said = |(out, err, code): (Vec<u8>, Vec<u8>, Option<i32>)| Said {
        code,
        out: readable(&out),
        err: readable(&err),
    };
    let mut theirs = said(theirs);
    // The program's name, and the code for an error in a script.
    theirs.err = theirs
        .err
        .lines()
        .map(|line| match line.strip_prefix("psql:") {
            Some(rest) => format!("dblink:{rest}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    if theirs.code == Some(3) {
        theirs.code = Some(1);
    }
    let mut ours = said(ours);
    if !ours.err.is_empty() && !ours.err.ends_with('\n') {
        ours.err.push('\n');
    }
    (theirs, ours)
}

/// Bytes that are no text stay apart from others.
fn readable(bytes: &[u8]) -> String {
    let text = bytes.utf8_chunks().map(|chunk| {
        let wrong: String = chunk
            .invalid()
            .iter()
            .map(|byte| format!("\\x{byte:02x}"))
            .collect();
        format!("{}{wrong}", chunk.valid())
    });
    let text: String = text.collect();
    // Each has its own process.
    let mut parts = text.split("server process with PID ");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        plain.push_str("server process with PID N");
        plain.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    plain
}

fn compare(way: Way, name: &str) {
    let mut scripts: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    scripts.sort();
    assert!(scripts.len() > 20, "{scripts:?}");
    // From 18 on the server takes the end of CSV data for data, where a psql before that sends it.
    if Cluster::shared().version() >= 18 {
        scripts.retain(|script| !script.ends_with("copies_csv.sql"));
    }
    for script in scripts {
        let (theirs, ours) = both(&script, way, name);
        assert_eq!(ours.out, theirs.out, "stdout of {} by {way:?}", script.display());
        assert_eq!(ours.err, theirs.err, "stderr of {} by {way:?}", script.display());
        assert_eq!(
            ours.code,
            theirs.code,
            "exit code of {} by {way:?}",
            script.display()
        );
    }
}

#[test]
fn a_file_gives_what_psql_gives() {
    compare(Way::File, "shell_by_file");
}

#[test]
fn the_standard_input_gives_what_psql_gives() {
    compare(Way::Input, "shell_by_input");
}

#[test]
fn what_is_read_is_echoed_as_by_psql() {
    compare(Way::Echo, "shell_by_echo");
}

#[test]
fn the_differences_are_those_that_are_meant() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("difference.sql");
    for (text, why) in DIFFERENCES {
        // psql's \watch does not end by itself.
        let text = format!("set statement_timeout = '1s';\n{text}\n\\echo goes on\n");
        if text.contains("\\watch") {
            fs::write(
                &script,
                text.replace("select 1", "select 1/count(*) from pg_class where false"),
            )
            .unwrap();
        } else {
            fs::write(&script, &text).unwrap();
        }
        let (theirs, ours) = both(&script, Way::File, "shell_differences");
        assert_ne!(
            (&ours.out, &ours.err),
            (&theirs.out, &theirs.err),
            "{text}: {why}"
        );
        assert!(ours.out.contains("goes on\n"), "{text}: {ours:?}");
        // What is not there is refused in one message.
        assert!(ours.err.lines().count() <= 1, "{text}: {ours:?}");
    }
}

//! What is shown of a copy, and where nobody sees it.

use std::process::{Command, Stdio};

use super::{psql, two};
use crate::pty::Terminal;
use crate::support::{Said, dblink, run_full};

#[test]
fn a_terminal_shows_how_far_it_is() {
    let two = two("copy_shown");
    psql(
        &two.source,
        "create table t as select generate_series(1, 100000) as a; analyze t",
    );
    for (args, shown) in [
        (&["--table", "t", "--create"][..], "about "),
        // The estimate is far too low, and soon dropped.
        (
            &[
                "--query",
                "select a from t where a::text <> 'x' and a % 1 = 0",
                "--into",
                "u",
                "--create",
            ],
            " 100,000 rows, ",
        ),
        (
            &["--table", "t", "--into", "v", "--create", "--verify"],
            "100,000 rows copied, comparing them",
        ),
    ] {
        let program = dblink();
        let args: Vec<_> = two
            .args(args)
            .into_iter()
            .map(|arg| format!("'{}'", arg.replace('\'', r"'\''")))
            .collect();
        let line = format!("{} {}", program.get_program().to_string_lossy(), args.join(" "));
        let output = Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = Said::from(output);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains(shown), "{said:?}");
        assert!(said.out.contains(" rows/s"), "{said:?}");
        assert!(said.out.ends_with("COPY 100000\r\n"), "{said:?}");
    }
}

#[test]
fn what_is_copied_is_told_even_if_the_output_has_no_room() {
    let two = two("copy_untold");
    psql(&two.source, "create table t as select generate_series(1, 7) as a");
    let said = run_full(two.args(&["--table", "t", "--create"]));
    assert_eq!(said.code, Some(2), "{said:?}");
    assert_eq!(
        said.err.lines().last(),
        Some("dblink: could not write the output: No space left on device; 7 rows were copied all the same"),
        "{said:?}"
    );
    assert_eq!(psql(&two.target, "select count(*) from t"), "7");
}

#[test]
fn nobody_reads_the_output() {
    let two = two("copy_unread");
    psql(&two.source, "create table t as select 1 as a");
    let args = two.args(&["--table", "t", "--create"]);
    let mut child = dblink()
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(psql(&two.target, "select count(*) from t"), "1");
}

/// Whatever the estimate is.
#[test]
fn what_is_shown_of_a_copy_does_not_go_back() {
    let two = two("copy_forth");
    for (estimate, into) in [(97_000, "low"), (100_000, "right"), (150_000, "high")] {
        psql(
            &two.source,
            &format!(
                "create function {into}() returns setof int language plpgsql rows {estimate} as \
                 $$ begin return query select generate_series(1, 100000); end $$"
            ),
        );
        let query = format!("select a from {into}() as a");
        let mut command = dblink();
        command
            .args(two.args(&["--query", &query, "--into", into, "--create"]))
            .env("TERM", "xterm");
        let (text, code) = Terminal::run(command).end();
        assert_eq!(code, Some(0), "{text}");
        let percents: Vec<u32> = text
            .split("about ")
            .skip(1)
            .map(|rest| rest.split_once('%').unwrap().0.parse().unwrap())
            .collect();
        assert!(percents.is_sorted(), "{into}: {percents:?}");
        // Where there are more than it seemed, nothing may be shown of them.
        assert!(
            into == "low" || percents.last() == Some(&100),
            "{into}: {percents:?}"
        );
    }
}

//! The help texts, all in one snapshot. After a change of them:
//!
//! ```sh
//! INSTA_UPDATE=always cargo test -p dblink-cli --test cli help
//! ```

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::pty::Terminal;
use crate::support::{Said, dblink, run, run_full};

/// The commands, as the help lists them.
fn commands(help: &str) -> Vec<&str> {
    let list = help.split_once("Commands:\n").unwrap().1;
    let list = list.split_once("\n\n").unwrap().0;
    let words = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap());
    // Which has no help of its own.
    words.filter(|word| *word != "help").collect()
}

#[test]
fn every_command_has_its_help() {
    let help = run(["--help"]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    let mut texts = format!("$ dblink --help\n{}", help.out);
    let commands = commands(&help.out);
    assert!(commands.len() > 10);
    for command in commands {
        let said = run([command, "--help"]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{command}");
        let _ = write!(texts, "\n$ dblink {command} --help\n{}", said.out);
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn what_a_command_does_is_said_in_a_line() {
    let help = run(["--help"]).out;
    for command in commands(&help) {
        let short = run([command, "-h"]).out;
        let first = short.lines().next().unwrap();
        assert!(first.len() < 100 && !first.ends_with('.'), "{first}");
    }
}

#[test]
fn the_manual_page_has_every_command() {
    let page = run(["man"]);
    assert_eq!((page.code, page.err.as_str()), (Some(0), ""));
    let help = run(["--help"]).out;
    for command in commands(&help) {
        assert!(
            page.out.contains(&format!("\n.SS \"dblink {command}\"\n")),
            "{command}"
        );
    }
    let sections = page.out.lines().filter_map(|line| line.strip_prefix(".SH "));
    assert_eq!(
        sections.collect::<Vec<_>>().join("\n"),
        "NAME\nSYNOPSIS\nDESCRIPTION\nCOMMANDS\nCONNECTIONS\n\"EXIT STATUS\"\nENVIRONMENT\nFILES\nEXAMPLES\n\"SEE ALSO\""
    );
    assert!(
        page.out.starts_with(".TH DBLINK 1 \"\" \"dblink "),
        "{}",
        page.out
    );
    assert!(page.out.is_ascii());
    // Each exit code that the help tells of has its line.
    let codes = help.split_once("Exit codes: ").unwrap().1.split("; ");
    for code in codes.filter_map(|code| code.split_whitespace().next()) {
        assert!(page.out.contains(&format!("\n.B {code}\n")), "{code}");
    }
}

#[test]
fn completions_are_what_the_shell_takes() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(["completions", shell]);
        assert_eq!((script.code, script.err.as_str()), (Some(0), ""), "{shell}");
        assert!(script.out.contains("build-sql"), "{shell}");
    }
    let script = run(["completions", "bash"]).out;
    let ask = "COMP_WORDS=(dblink build) COMP_CWORD=1; _dblink dblink build dblink; echo \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    let mut bash = bash
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    bash.stdin
        .take()
        .unwrap()
        .write_all(format!("{script}\n{ask}\n").as_bytes())
        .unwrap();
    let said: Said = bash.wait_with_output().unwrap().into();
    assert_eq!((said.out.as_str(), said.err.as_str()), ("build-sql\n", ""));
}

#[test]
fn help_is_cut_to_the_width_of_the_terminal() {
    let mut command = dblink();
    command.args(["trace", "--help"]);
    let (text, code) = Terminal::run(command).end();
    assert_eq!(code, Some(0));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_text_that_cannot_be_written_is_no_success() {
    for args in [
        &["--help"][..],
        &["-h"],
        &["copy", "--help"],
        &["help", "query"],
        &["--version"],
        &["man"],
        &["completions", "bash"],
        &["conninfo", "host=a"],
    ] {
        let said = run_full(args);
        assert_eq!(
            (said.code, said.err.as_str()),
            (
                Some(2),
                "dblink: could not write the output: No space left on device\n"
            ),
            "{args:?}"
        );
        // Whoever has closed the pipe has read enough.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let said: Said = dblink().args(args).stdout(writer).output().unwrap().into();
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{args:?}");
    }
}

//! Ctrl-C and SIGTERM, wherever they come.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt as _;

use rustix::fs::OFlags;
use rustix::process::Signal;

use super::typing::{connections, goes_on, quit, shell, sleeps, wait_for, wait_until};
use crate::pty::Terminal;
use crate::support::{conn, dblink, fifo_in, write_to_fifo};

#[test]
fn ctrl_c_cancels_the_statement_and_the_shell_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_cancel", &folder.path().join("history"));
    terminal.type_in("select pg_sleep(600);\r");
    wait_until(&sleeps("shell_cancel"));
    terminal.type_in("\x03");
    terminal.wait_for("Cancel request sent");
    terminal.wait_for("ERROR:  canceling statement due to user request");
    terminal.wait_for("postgres=# ");
    goes_on(&mut terminal);
    quit(terminal, "shell_cancel");
}

#[test]
fn ctrl_c_ends_a_file_and_the_shell_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("sleeps.sql");
    fs::write(&script, "select pg_sleep(600);\nselect 'never' || ' seen';\n").unwrap();
    let outer = folder.path().join("outer.sql");
    fs::write(&outer, "\\ir sleeps.sql\nselect 'nor ' || 'this';\n").unwrap();
    let mut terminal = shell("shell_file", &folder.path().join("history"));
    terminal.type_in(&format!("\\i {}\r", outer.display()));
    wait_until(&sleeps("shell_file"));
    terminal.type_in("\x03");
    terminal.wait_for("Cancel request sent");
    terminal.wait_for("postgres=# ");
    goes_on(&mut terminal);
    let shown = quit(terminal, "shell_file");
    assert!(
        !shown.contains("never seen") && !shown.contains("nor this"),
        "{shown}"
    );
}

#[test]
fn ctrl_c_ends_all_that_gexec_sends() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_gexec", &folder.path().join("history"));
    terminal
        .type_in("select unnest(array['select pg_sleep(600)', 'select ''never'' || '' seen''']) \\gexec\r");
    wait_until(&sleeps("shell_gexec"));
    terminal.type_in("\x03");
    terminal.wait_for("Cancel request sent");
    terminal.wait_for("postgres=# ");
    let shown = quit(terminal, "shell_gexec");
    assert!(!shown.contains("never seen"), "{shown}");
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_a_server() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_silent", &folder.path().join("history"));
    terminal.type_in("begin;\r");
    terminal.wait_for("BEGIN");
    terminal.wait_for("postgres=*# ");
    terminal.type_in(&format!("select dblink_connect('host=127.0.0.1 port={port}');\r"));
    let _connection = silent.accept().unwrap();
    terminal.type_in("\x03");
    terminal.wait_for("Cancel request sent");
    terminal.type_in("\x03");
    terminal.wait_for("ERROR:  canceling statement due to user request");
    // The statement has failed in its transaction.
    terminal.wait_for("postgres=!# ");
    terminal.type_in("rollback;\r");
    terminal.wait_for("ROLLBACK");
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_silent");
}

#[test]
fn a_program_that_is_terminated_leaves_the_terminal_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = shell("shell_terminated", &folder.path().join("history"));
    wait_for(|| !terminal.echoes());
    terminal.signal(Signal::TERM);
    wait_for(|| terminal.echoes());
    assert_eq!(terminal.end().1, Some(143));
    wait_until(&connections("shell_terminated").replacen("count(*)", "count(*) = 0", 1));
}

/// What it gives is not run, though it gives something.
#[test]
fn ctrl_c_ends_gexec_before_it_sends() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_stubborn", &folder.path().join("history"));
    terminal.type_in(
        "create function pg_temp.stubborn() returns text language plpgsql as $$ begin \
         perform 'asleep', pg_sleep(600); return ''; exception when query_canceled then \
         return 'select ''never'' || '' seen'''; end $$;\r",
    );
    terminal.wait_for("CREATE FUNCTION");
    terminal.type_in("select pg_temp.stubborn() \\gexec\r");
    wait_until(
        "count(*) = 1 from pg_stat_activity where application_name = 'shell_stubborn' and wait_event = 'PgSleep'",
    );
    terminal.type_in("\x03");
    terminal.wait_for("Cancel request sent");
    terminal.wait_for("postgres=# ");
    let shown = quit(terminal, "shell_stubborn");
    assert!(!shown.contains("never seen"), "{shown}");
}

/// Somebody may press Ctrl-C when no statement runs.
#[test]
fn ctrl_c_between_two_statements_ends_a_script() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = fifo_in(folder.path());
    let output = format!("\\o {}", fifo.display());
    let mut command = dblink();
    command.args(["shell", "--local", &conn()]);
    for text in ["select 'beg' || 'un'", &output, "select 'too late'"] {
        command.args(["-c", text]);
    }
    let mut terminal = Terminal::run(command);
    terminal.wait_for("begun");
    // It waits until somebody reads what it writes, or is about to.
    terminal.type_in("\x03");
    // The terminal has seen that key.
    terminal.wait_for("^C");
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap();
    let mut reader = fs::File::options()
        .read(true)
        .custom_flags(flags)
        .open(&fifo)
        .unwrap();
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");
    let mut written = String::new();
    reader.read_to_string(&mut written).unwrap();
    assert_eq!(written, "");
}

#[test]
fn ctrl_c_ends_the_waiting_for_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = fifo_in(folder.path());
    let mut command = dblink();
    let include = format!("\\i {}", fifo.display());
    command.args([
        "shell",
        "--local",
        &conn(),
        "-c",
        "select 'beg' || 'un'",
        "-c",
        &include,
    ]);
    let mut terminal = Terminal::run(command);
    terminal.wait_for("begun");
    terminal.type_in("\x03");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");

    let mut terminal = shell("shell_fifo", &folder.path().join("history"));
    terminal.type_in(&format!("\\i {}\r", fifo.display()));
    // The last line has no end.
    write_to_fifo(&fifo, "select 'from the ' || 'file';\nselect 'to its ' || 'end'");
    terminal.wait_for("from the file");
    terminal.wait_for("to its end");
    terminal.wait_for("postgres=# ");
    terminal.type_in("\\i -\r");
    // Lines are not edited there.
    wait_for(|| terminal.echoes());
    terminal.type_in("select 'typed ' || 'in';\r");
    terminal.wait_for("typed in");
    terminal.type_in("\x03");
    terminal.wait_for("postgres=# ");
    goes_on(&mut terminal);
    // Its end is typed once.
    terminal.type_in("\\i -\r");
    wait_for(|| terminal.echoes());
    terminal.type_in("\x04");
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_fifo");
}

#[test]
fn ctrl_c_ends_watch_and_the_shell_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_watch", &folder.path().join("history"));
    terminal.type_in("select 'watched ' || 'by me' \\watch 600\r");
    terminal.wait_for("watched by me");
    // It waits, and nothing tells of that; what comes before ends the statement.
    wait_until(
        "count(*) = 1 from pg_stat_activity where application_name = 'shell_watch' and state = 'idle'",
    );
    terminal.type_in("\x03");
    terminal.wait_for("postgres=# ");
    goes_on(&mut terminal);
    quit(terminal, "shell_watch");
}

#[test]
fn ctrl_c_ends_the_waiting_for_input() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("output");
    let mut command = dblink();
    command.args([
        "shell",
        "--local",
        &format!("{} application_name=shell_waits", conn()),
        "-At",
    ]);
    // The output is a file: this is no conversation, though somebody types.
    let mut command: pty_process::blocking::Command = command.into();
    command = command.stdout(fs::File::create(&output).unwrap());
    let terminal = Terminal::run_with(command);
    terminal.type_in("select 'first ' || 'line';\r");
    wait_for(|| fs::read_to_string(&output).unwrap() == "first line\n");
    terminal.type_in("\x03");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(130), "{shown}");
    wait_until(&connections("shell_waits").replacen("count(*)", "count(*) = 0", 1));
}

#[test]
fn a_script_that_is_interrupted_ends_with_130() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("sleeps.sql");
    fs::write(&script, "select pg_sleep(600);\nselect 'never' || ' seen';\n").unwrap();
    let mut command = dblink();
    command.args([
        "shell",
        "--local",
        &format!("{} application_name=shell_script", conn()),
        "-f",
        script.to_str().unwrap(),
    ]);
    let mut terminal = Terminal::run(command);
    wait_until(&sleeps("shell_script"));
    terminal.type_in("\x03");
    terminal.wait_for("Cancel request sent");
    let (shown, code) = terminal.end();
    assert!(!shown.contains("never seen"), "{shown}");
    assert_eq!(code, Some(130), "{shown}");
}

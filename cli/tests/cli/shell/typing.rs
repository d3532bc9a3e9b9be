//! The shell on a terminal, and what is waited for there.

use std::path::Path;
use std::process::Command;

use dblink_tests::Cluster;

use crate::pty::Terminal;
use crate::support::{conn, dblink};

/// The shell on a terminal, which is known to the server by a name.
pub(super) fn shell(name: &str, history: &Path) -> Terminal {
    shell_with(dblink(), name, history)
}

pub(super) fn shell_with(mut command: Command, name: &str, history: &Path) -> Terminal {
    command
        .args(["shell", "--local", &format!("{} application_name={name}", conn())])
        .env("DBLINK_HISTORY", history)
        .env("TERM", "xterm");
    command.env_remove("COLUMNS");
    let mut terminal = Terminal::run(command);
    terminal.wait_for("postgres=# ");
    terminal
}

/// Waits until the server says that this holds.
#[track_caller]
pub(super) fn wait_until(condition: &str) {
    let query = format!("select {condition}");
    wait_for(|| Cluster::shared().psql(&query) == "t");
}

/// Waits until this holds, of which nobody tells: it is looked at again and again, for 30 s at most.
#[track_caller]
pub(super) fn wait_for(mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it never came to that");
}

/// That a session of this name sleeps.
pub(super) fn sleeps(name: &str) -> String {
    format!(
        "count(*) = 1 from pg_stat_activity where application_name = '{name}' and state = 'active' and query ~ '^select pg_sleep'"
    )
}

pub(super) fn connections(name: &str) -> String {
    format!("count(*) from pg_stat_activity where application_name = '{name}'")
}

pub(super) fn quit(terminal: Terminal, name: &str) -> String {
    terminal.type_in("\\q\r");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    wait_until(&connections(name).replacen("count(*)", "count(*) = 0", 1));
    shown
}

/// Runs one more statement.
#[track_caller]
pub(super) fn goes_on(terminal: &mut Terminal) {
    terminal.type_in("select 'goes ' || 'on';\r");
    terminal.wait_for("goes on");
    terminal.wait_for("postgres=# ");
}

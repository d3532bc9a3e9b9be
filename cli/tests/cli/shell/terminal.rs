//! The shell on a terminal.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use dblink_tests::{Cluster, roles};
use rustix::fs::OFlags;
use rustix::process::Signal;

use crate::pty::Terminal;
use crate::support::{conn, database, dblink, fifo_in, write_to_fifo};

/// The shell on a terminal, which is known to the server by a name.
fn shell(name: &str, history: &Path) -> Terminal {
    shell_with(dblink(), name, history)
}

fn shell_with(mut command: Command, name: &str, history: &Path) -> Terminal {
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
fn wait_until(condition: &str) {
    let query = format!("select {condition}");
    wait_for(|| Cluster::shared().psql(&query) == "t");
}

/// Waits until this holds, of which nobody tells: it is looked at again and again, for 30 s at most.
#[track_caller]
fn wait_for(mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it never came to that");
}

/// That a session of this name sleeps.
fn sleeps(name: &str) -> String {
    format!(
        "count(*) = 1 from pg_stat_activity where application_name = '{name}' and state = 'active' and query ~ '^select pg_sleep'"
    )
}

fn connections(name: &str) -> String {
    format!("count(*) from pg_stat_activity where application_name = '{name}'")
}

fn quit(terminal: Terminal, name: &str) -> String {
    terminal.type_in("\\q\r");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    wait_until(&connections(name).replacen("count(*)", "count(*) = 0", 1));
    shown
}

#[test]
fn lines_are_edited_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("history");
    let mut terminal = shell("shell_editing", &history);
    // An arrow to the left, and what is missing there.
    terminal.type_in(
        "select 'left' || 'rght' as x;\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Di\r",
    );
    terminal.wait_for(" leftright");
    terminal.wait_for("postgres=# ");
    terminal.type_in("select 'two ' ||\r");
    terminal.wait_for("postgres-# ");
    terminal.type_in("'lines' as y;\r");
    terminal.wait_for(" two lines");
    terminal.wait_for("postgres=# ");
    // Both lines are one entry.
    terminal.type_in("\x1b[A");
    terminal.wait_for("'lines' as y;");
    terminal.type_in("\r");
    terminal.wait_for(" two lines");
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_editing");
    // The next shell knows it, too.
    let mut terminal = shell("shell_editing", &history);
    terminal.type_in("\x1b[A\x1b[A");
    terminal.wait_for("'lines' as y;");
    terminal.type_in("\r");
    terminal.wait_for(" two lines");
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_editing");
}

#[test]
fn what_has_a_password_is_not_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("history");
    let mut terminal = shell("shell_passwords", &history);
    for (number, text) in [
        "select 'host=x password=hidden-1'",
        "select 'postgresql://scott:hidden-2@db1/sales'",
        "select 'plain'",
    ]
    .into_iter()
    .enumerate()
    {
        terminal.type_in(&format!("{text}, 'done-{}' || {number};\r", number));
        terminal.wait_for(&format!("done-{number}{number}"));
        terminal.wait_for("postgres=# ");
    }
    quit(terminal, "shell_passwords");
    let kept = fs::read_to_string(history).unwrap();
    assert!(kept.contains("plain"), "{kept}");
    assert!(!kept.contains("hidden"), "{kept}");
}

#[test]
fn the_prompt_says_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_prompt", &folder.path().join("history"));
    for (typed, prompt) in [
        ("select", "postgres-# "),
        ("'", "postgres'# "),
        ("', \"", "postgres\"# "),
        ("\" (", "postgres(# "),
        (") /*", "postgres*# "),
        ("*/ $a$", "postgres$# "),
        // Ctrl-C: nothing of this is meant.
        ("\x03", "postgres=# "),
        ("\\if false", "postgres@# "),
        ("\\endif", "postgres=# "),
        ("begin;", "postgres=*# "),
        ("select nothing;", "postgres=!# "),
        ("rollback;", "postgres=# "),
    ] {
        let end = if typed == "\x03" { "" } else { "\r" };
        terminal.type_in(&format!("{typed}{end}"));
        terminal.wait_for(prompt);
    }
    terminal.type_in("\\nonsense\r");
    terminal.wait_for("invalid command \\nonsense");
    terminal.wait_for("Try \\? for help.");
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_prompt");
}

#[test]
fn tab_completes() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("a_script_of_its_own.sql");
    fs::write(&script, "select 'from ' || 'the file';\n").unwrap();
    let mut terminal = shell("shell_tab", &folder.path().join("history"));
    terminal.type_in("\\conni\t\r");
    terminal.wait_for("You are connected to database \"postgres\"");
    terminal.wait_for("postgres=# ");
    terminal.type_in("sel\t'a' || 'b' as dblink_disc\t\x03");
    terminal.wait_for("select 'a' || 'b' as dblink_disconnect(");
    terminal.wait_for("postgres=# ");
    terminal.type_in(&format!("\\i {}/a_scr\t\r", folder.path().display()));
    terminal.wait_for("from the file");
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_tab");
}

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
    terminal.type_in("select 'goes ' || 'on';\r");
    terminal.wait_for("goes on");
    terminal.wait_for("postgres=# ");
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
    terminal.type_in("select 'goes ' || 'on';\r");
    terminal.wait_for("goes on");
    terminal.wait_for("postgres=# ");
    let shown = quit(terminal, "shell_file");
    assert!(
        !shown.contains("never seen") && !shown.contains("nor this"),
        "{shown}"
    );
}

#[test]
fn a_file_without_its_connection_ends_and_the_shell_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("elsewhere.sql");
    fs::write(&script, "\\c nowhere\nselect 'never' || ' seen';\n").unwrap();
    let mut terminal = shell("shell_elsewhere", &folder.path().join("history"));
    terminal.type_in(&format!("\\i {}\r", script.display()));
    terminal.wait_for("database \"nowhere\" does not exist");
    terminal.wait_for("postgres=# ");
    terminal.type_in("select 'goes ' || 'on';\r");
    terminal.wait_for("goes on");
    terminal.wait_for("postgres=# ");
    // Nor does one that loses the connection end the shell.
    let script = folder.path().join("lost.sql");
    fs::write(
        &script,
        "select pg_terminate_backend(pg_backend_pid());\nselect 'never' || ' seen';\n",
    )
    .unwrap();
    terminal.type_in(&format!("\\i {}\r", script.display()));
    terminal.wait_for("connection to server was lost");
    terminal.wait_for("Attempting reset: Succeeded.");
    terminal.wait_for("postgres=# ");
    terminal.type_in("select 'goes ' || 'on';\r");
    terminal.wait_for("goes on");
    terminal.wait_for("postgres=# ");
    let shown = quit(terminal, "shell_elsewhere");
    assert!(!shown.contains("never seen"), "{shown}");
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

#[test]
fn what_is_typed_ahead_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_ahead", &folder.path().join("history"));
    terminal.type_in("select 'one ' || 'line';\rselect 'two ' ||\r'lines';\rselect 'three ' || 'lines';\r");
    for line in ["one line", "two lines", "three lines"] {
        terminal.wait_for(line);
    }
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_ahead");
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
    terminal.type_in("select 'goes ' || 'on';\r");
    terminal.wait_for("goes on");
    terminal.wait_for("postgres=# ");
    // Its end is typed once.
    terminal.type_in("\\i -\r");
    wait_for(|| terminal.echoes());
    terminal.type_in("\x04");
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_fifo");
}

#[test]
fn a_password_is_its_users() {
    database("shell_password");
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::shared();
    let services = folder.path().join("services");
    fs::write(
        &services,
        format!(
            "[here]\nhost={}\nport={}\nuser={}\npassword={}\n",
            cluster.socket_dir().display(),
            cluster.port(),
            roles::SCRAM_USER,
            roles::SCRAM_PASSWORD
        ),
    )
    .unwrap();
    let mut command = dblink();
    command
        .args(["shell", "--local", "service=here dbname=shell_password"])
        .env("PGSERVICEFILE", &services)
        .env("DBLINK_HISTORY", folder.path().join("history"))
        .env("TERM", "xterm");
    let mut terminal = Terminal::run(command);
    terminal.wait_for("shell_password=> ");
    // It is that of the service's user, and no other's.
    terminal.type_in("\\c - md5_user\r");
    terminal.wait_for("Password for user md5_user: ");
    terminal.type_in(&format!("{}\r", roles::MD5_PASSWORD));
    terminal.wait_for("now connected to database \"shell_password\" as user \"md5_user\".");
    // What was typed is remembered,
    terminal.type_in("\\c postgres\r");
    terminal.wait_for("now connected to database \"postgres\" as user \"md5_user\".");
    // but for this user.
    terminal.type_in("\\c - scram_user\r");
    terminal.wait_for("Password for user scram_user: ");
    terminal.type_in("\x03");
    terminal.wait_for("Previous connection kept");
    terminal.wait_for("postgres=> ");
    // Nobody waits for a password any more.
    terminal.type_in("select 'goes ' || 'on';\r");
    terminal.wait_for("goes on");
    terminal.wait_for("postgres=> ");
    terminal.type_in("\\q\r");
    assert_eq!(terminal.end().1, Some(0));
}

#[test]
fn the_data_of_a_copy_are_typed() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_copy", &folder.path().join("history"));
    terminal.type_in("create temp table c (a text);\r");
    terminal.wait_for("postgres=# ");
    terminal.type_in("copy c from stdin;\r");
    terminal.wait_for("End with a backslash and a period on a line by itself, or an EOF signal.");
    terminal.wait_for(">> ");
    terminal.type_in("one\r");
    terminal.wait_for(">> ");
    terminal.type_in("\\.\r");
    terminal.wait_for("COPY 1");
    terminal.wait_for("postgres=# ");
    // Ctrl-C: none of it is kept.
    terminal.type_in("copy c from stdin;\r");
    terminal.wait_for(">> ");
    terminal.type_in("two\r");
    terminal.wait_for(">> ");
    terminal.type_in("\x03");
    terminal.wait_for("postgres=# ");
    terminal.type_in("select 'rows: ' || count(*) from c;\r");
    terminal.wait_for("rows: 1");
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_copy");
}

#[test]
fn what_is_wider_than_the_terminal_is_expanded_if_that_is_wished() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_wide", &folder.path().join("history"));
    terminal.type_in("\\x auto\r");
    terminal.wait_for("Expanded display is used automatically.");
    terminal.wait_for("postgres=# ");
    terminal.type_in("select 1 as a, 'narrow ' || 'enough' as b;\r");
    terminal.wait_for(" 1 | narrow enough");
    terminal.wait_for("postgres=# ");
    terminal.type_in("select 1 as a, repeat('x', 90) as b;\r");
    terminal.wait_for("-[ RECORD 1 ]-");
    terminal.wait_for("postgres=# ");
    quit(terminal, "shell_wide");
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
    terminal.type_in("select 'goes ' || 'on';\r");
    terminal.wait_for("goes on");
    terminal.wait_for("postgres=# ");
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
fn ctrl_d_quits() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = shell("shell_end", &folder.path().join("history"));
    terminal.type_in("\x04");
    let (shown, code) = terminal.end();
    assert_eq!(code, Some(0));
    assert!(shown.ends_with("\\q\n"), "{shown}");
    wait_until(&connections("shell_end").replacen("count(*)", "count(*) = 0", 1));
}

#[test]
fn where_no_connection_can_be_made_the_one_before_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let profiles = folder.path().join("profiles");
    fs::write(&profiles, "[open]\npassword=tiger\n").unwrap();
    fs::set_permissions(&profiles, fs::Permissions::from_mode(0o644)).unwrap();
    let mut command = dblink();
    command.env("DBLINK_PROFILES", &profiles);
    let mut terminal = shell_with(command, "shell_kept", &folder.path().join("history"));
    for to in ["@open", "@none", "host=/nowhere", "host", "service=none"] {
        terminal.type_in(&format!("\\c {to}\r"));
        terminal.wait_for("Previous connection kept");
        terminal.wait_for("postgres=# ");
    }
    quit(terminal, "shell_kept");
}

#[test]
fn a_connection_that_is_lost_is_opened_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = shell("shell_lost", &folder.path().join("history"));
    terminal.type_in(&format!("select dblink_connect('opened', '{}');\r", conn()));
    terminal.wait_for(" OK");
    terminal.wait_for("postgres=# ");
    terminal.type_in("select pg_terminate_backend(pg_backend_pid());\r");
    terminal.wait_for("FATAL:  terminating connection due to administrator command");
    terminal.wait_for("server closed the connection unexpectedly");
    terminal.wait_for("The connection to the server was lost. Attempting reset: Succeeded.");
    terminal.wait_for("postgres=# ");
    terminal.type_in("select 'goes ' || 'on';\r");
    terminal.wait_for("goes on");
    terminal.wait_for("postgres=# ");
    // As dblink's connections end with the session that has opened them.
    terminal.type_in("select 'none is ' || 'open' where dblink_get_connections() is null;\r");
    terminal.wait_for("none is open");
    quit(terminal, "shell_lost");
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

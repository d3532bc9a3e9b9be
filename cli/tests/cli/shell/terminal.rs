//! The shell on a terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use dblink_tests::{Cluster, roles};

use super::typing::{connections, goes_on, quit, shell, shell_with, wait_until};
use crate::pty::Terminal;
use crate::support::{conn, database, dblink};

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
fn a_file_without_its_connection_ends_and_the_shell_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("elsewhere.sql");
    fs::write(&script, "\\c nowhere\nselect 'never' || ' seen';\n").unwrap();
    let mut terminal = shell("shell_elsewhere", &folder.path().join("history"));
    terminal.type_in(&format!("\\i {}\r", script.display()));
    terminal.wait_for("database \"nowhere\" does not exist");
    terminal.wait_for("postgres=# ");
    goes_on(&mut terminal);
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
    goes_on(&mut terminal);
    let shown = quit(terminal, "shell_elsewhere");
    assert!(!shown.contains("never seen"), "{shown}");
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
    goes_on(&mut terminal);
    // As dblink's connections end with the session that has opened them.
    terminal.type_in("select 'none is ' || 'open' where dblink_get_connections() is null;\r");
    terminal.wait_for("none is open");
    quit(terminal, "shell_lost");
}
